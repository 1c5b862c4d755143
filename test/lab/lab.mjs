// @ts-check
// startLab: real engines in a Swarm, a registry with test images, a git server, and a counter in front of the first
// engine, all in namespaces and folders of their own. See README.md.
import { appendFileSync, cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startApiCounter } from './api-counter.mjs'
import { createCertificates } from './certificates.mjs'
import { createEngine } from './engine.mjs'
import { startGitServer } from './git-server.mjs'
import { cgroupOf, createLabDir, describeLab, ledgerOf, removeLab, removeLeftovers } from './leftovers.mjs'
import { createNetwork } from './network.mjs'
import { registryName, startRegistry } from './registry.mjs'
import { describeMissing, missingForLab } from './requirements.mjs'
import { initSwarm } from './swarm.mjs'

/**
 * @typedef {object} LabOptions
 * @property {readonly ('manager' | 'worker')[]} [nodes] further nodes beside the first manager; default none
 * @property {boolean} [swarm] default true; false leaves the engines on their own
 * @property {import('./swarm.mjs').SwarmOptions} [swarmOptions]
 * @property {boolean} [registry] default true
 * @property {{username: string, password: string}} [registryAuth]
 * @property {Readonly<Record<string, import('./images.mjs').ImageSpec>>} [images] instead of the standard ones
 * @property {import('./git-server.mjs').GitAuth} [gitAuth]
 * @property {(line: string) => void} [say] hears what is being done
 */

/**
 * @typedef {object} Lab
 * @property {undefined} missing
 * @property {string} id
 * @property {string} dir private folder, gone after dispose
 * @property {string} address of the first node: published ports are reached there from the host
 * @property {string} hostAddress where the host is reached from inside the lab
 * @property {import('./engine.mjs').Engine} engine the first, a manager
 * @property {readonly import('./engine.mjs').Engine[]} engines
 * @property {import('./swarm.mjs').Swarm} swarm
 * @property {import('./registry.mjs').Registry} registry
 * @property {import('./git-server.mjs').GitServer} git
 * @property {import('./api-counter.mjs').ApiCounter} counter in front of the first engine
 * @property {string} dockerHost `unix://…` of the counter, for the program under test
 * @property {(role?: 'manager' | 'worker') => Promise<import('./engine.mjs').Engine>} addNode
 * @property {(engine: import('./engine.mjs').Engine) => Promise<import('./api-counter.mjs').ApiCounter>} count another engine
 * @property {(engine?: import('./engine.mjs').Engine) => Promise<TlsEndpoint>} listenTls reach an engine by TCP with TLS
 * @property {() => Promise<void>} dispose
 */

/**
 * @typedef {object} TlsEndpoint
 * @property {string} url `tcp://127.0.0.1:PORT`; a client certificate is required
 * @property {string} ca PEM
 * @property {import('./certificates.mjs').KeyPair} client
 * @property {import('./certificates.mjs').KeyPair} stranger signed by nobody that the engine knows
 * @property {import('./api-counter.mjs').ApiCounter} counter of the calls that come this way
 */

/** @typedef {{missing: readonly import('./requirements.mjs').Missing[]}} NoLab */

/**
 * Starts a lab. Where the machine does not allow one it says so on stderr and returns what is missing; with
 * SWARMKEEPER_LAB=required in the environment that is an error instead.
 * @param {LabOptions} [options]
 * @returns {Promise<Lab | NoLab>}
 */
export async function startLab(options = {}) {
  return labPossible() ? createLab(options) : { missing: missingForLab() }
}

/**
 * For `describe.skipIf(!labPossible())`: says loudly what is missing, or throws where a lab is required.
 * @returns {boolean}
 */
export function labPossible() {
  const missing = missingForLab()
  if (missing.length === 0) return true
  if (process.env.SWARMKEEPER_LAB === 'required') throw new Error(describeMissing(missing))
  console.error(describeMissing(missing))
  return false
}

/**
 * As startLab, where there must be one.
 * @param {LabOptions} [options]
 * @returns {Promise<Lab>}
 */
export async function requireLab(options = {}) {
  const missing = missingForLab()
  if (missing.length > 0) throw new Error(describeMissing(missing))
  return createLab(options)
}

/**
 * @param {LabOptions} options
 * @returns {Promise<Lab>}
 */
async function createLab(options) {
  const say = options.say ?? (() => {})
  for (const dir of await removeLeftovers()) say(`removed ${dir}, left by a process that is gone`)
  const dir = createLabDir()
  const releasers = createReleasers(dir)
  try {
    return await assemble({ dir, options, releasers, say })
  } catch (error) {
    await releasers.run()
    throw error
  }
}

/**
 * @param {{dir: string, options: LabOptions, releasers: Releasers, say: (line: string) => void}} context
 * @returns {Promise<Lab>}
 */
async function assemble({ dir, options, releasers, say }) {
  mkdirSync(join(dir, 'logs'))
  const ledger = ledgerOf(dir)
  appendFileSync(ledger, '')
  const network = releasers.own(await createNetwork({ dir, ledger }))
  releasers.id = network.id
  describeLab(dir, network.id)
  const startedRegistry =
    options.registry === false
      ? undefined
      : startRegistry({
          dir: join(dir, 'registry'),
          ledger,
          address: network.switchAddress,
          inside: network.inSwitch,
          auth: options.registryAuth,
          ...(options.images === undefined ? {} : { images: options.images }),
        }).then((registry) => releasers.own(registry))
  startedRegistry?.catch(() => {})
  const git = releasers.own(await startGitServer({ dir: join(dir, 'git'), auth: options.gitAuth }))
  const engines = createEngines({ dir, ledger, network, releasers, say })
  const roles = options.nodes ?? []
  const started = await Promise.allSettled([startedRegistry, ...['manager', ...roles].map(() => engines.add())])
  for (const one of started) if (one.status === 'rejected') throw one.reason
  const [engine, ...others] = engines.all
  if (engine === undefined) throw new Error('no engine was started')
  const swarm = options.swarm === false ? undefined : await initSwarm(engine, options.swarmOptions)
  for (const [at, other] of others.entries()) await swarm?.join(other, roles[at] ?? 'worker')
  const count = counterOf(releasers)
  const counter = await count(engine)
  return {
    missing: undefined,
    id: network.id,
    dir,
    address: engine.address,
    hostAddress: network.hostAddress,
    engine,
    engines: engines.all,
    swarm: swarm ?? absent('swarm'),
    registry: (await startedRegistry) ?? absent('registry'),
    git,
    counter,
    dockerHost: `unix://${counter.socketPath}`,
    addNode: async (role = 'worker') => {
      const added = await engines.add()
      await swarm?.join(added, role)
      return added
    },
    count,
    listenTls: (reached = engine) => listenTls({ engine: reached, dir, releasers }),
    dispose: releasers.run,
  }
}

/**
 * @param {{dir: string, ledger: string, network: import('./network.mjs').LabNetwork, releasers: Releasers,
 *   say: (line: string) => void}} context
 */
function createEngines({ dir, ledger, network, releasers, say }) {
  /** @type {import('./engine.mjs').Engine[]} */
  const all = []
  let number = 0
  const add = async () => {
    number += 1
    const name = `node-${number}`
    say(`starting dockerd of ${name}`)
    const cable = await network.plug(number)
    const hosts = { [registryName]: network.switchAddress, 'host.test': network.hostAddress }
    const options = { name, dir: join(dir, name), ledger, cable, cgroup: cgroupOf(network.id), hosts }
    const engine = releasers.own(await createEngine({ ...options, insecureRegistries: [`${registryName}:5000`] }))
    await engine.start()
    all.push(engine)
    all.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    return engine
  }
  return { all, add }
}

/** @param {Releasers} releasers @returns {Lab['count']} */
function counterOf(releasers) {
  return async (engine) =>
    releasers.own(
      await startApiCounter({
        engineSocket: engine.socketPath,
        listen: { socketPath: join(engine.dir, 'counted.sock') },
      }),
    )
}

/**
 * @param {{engine: import('./engine.mjs').Engine, dir: string, releasers: Releasers}} options
 * @returns {Promise<TlsEndpoint>}
 */
async function listenTls({ engine, dir, releasers }) {
  const { ca, server, client, stranger } = await createCertificates(join(dir, 'certificates', engine.name))
  const listen = { address: '127.0.0.1', tls: { ...server, ca } }
  const counter = releasers.own(await startApiCounter({ engineSocket: engine.socketPath, listen }))
  return { url: `tcp://${counter.address}`, ca, client, stranger, counter }
}

/**
 * @typedef {object} Releasers what was opened, closed in the opposite order; the folder goes last
 * @property {string} id of the network, for its control groups
 * @property {<T extends {dispose: () => Promise<void>}>(opened: T) => T} own
 * @property {() => Promise<void>} run may be called twice
 */

/** @param {string} dir @returns {Releasers} */
export function createReleasers(dir) {
  /** @type {{dispose: () => Promise<void>}[]} */
  const owned = []
  /** @type {Promise<void> | undefined} */
  let running
  const release = async () => {
    while (owned.length > 0)
      await owned
        .pop()
        ?.dispose()
        .catch((error) => console.error('lab:', error))
    const keep = process.env.SWARMKEEPER_LAB_LOGS
    if (keep)
      cpSync(dir, join(keep, releasers.id), { recursive: true, filter: (path) => !/\/data$|\.sock$/.test(path) })
    await removeLab(dir, releasers.id)
  }
  /** @type {Releasers} */
  const releasers = {
    id: '',
    own: (opened) => {
      owned.push(opened)
      return opened
    },
    run: () => {
      running ??= release()
      return running
    },
  }
  return releasers
}

/**
 * A part that the options left out: touching it is a mistake of the test, so it says which.
 * @param {string} part
 * @returns {any}
 */
function absent(part) {
  return new Proxy(
    {},
    {
      get: () => {
        throw new Error(`this lab was started without ${part}`)
      },
    },
  )
}
