// @ts-check
// The user's own Docker, used only where it is a manager of a Swarm already. What is made there carries the prefix of
// this run, runs on this node alone, publishes one free port, and is removed again; the Swarm itself is left as found.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiCounter } from '../../test/lab/api-counter.mjs'
import { createEngineClient } from '../../test/lab/engine-client.mjs'
import { startGitServer } from '../../test/lab/git-server.mjs'
import { importImage } from '../../test/lab/images.mjs'
import { waitUntil } from '../../test/lab/wait.mjs'

/** @typedef {import('../../test/lab/engine-client.mjs').EngineClient} EngineClient */

/**
 * @typedef {object} OwnDocker
 * @property {string} socketPath
 * @property {string} name of the engine's host
 * @property {string} nodeId
 */

/**
 * The Docker that the `docker` command would use here, if it is a manager of a Swarm; otherwise why it cannot be used.
 * @returns {Promise<OwnDocker | {because: string}>}
 */
export async function findOwnDocker() {
  const host = process.env.DOCKER_HOST || 'unix:///var/run/docker.sock'
  if (!host.startsWith('unix://'))
    return { because: `DOCKER_HOST is ${host}, and only an engine of this machine is used` }
  const socketPath = host.slice('unix://'.length)
  if (!existsSync(socketPath)) return { because: `there is no Docker at ${socketPath}` }
  try {
    const about = await createEngineClient(socketPath).call('GET', '/info', { timeoutMs: 5_000 })
    if (about.Swarm?.LocalNodeState !== 'active') return { because: `Docker at ${socketPath} is in no Swarm` }
    if (!about.Swarm.ControlAvailable) return { because: `Docker at ${socketPath} is no manager of its Swarm` }
    return { socketPath, name: about.Name, nodeId: about.Swarm.NodeID }
  } catch (error) {
    return { because: `Docker at ${socketPath} does not answer: ${error instanceof Error ? error.message : error}` }
  }
}

/**
 * @param {OwnDocker} docker
 * @param {Readonly<Record<string, import('../../test/lab/images.mjs').ImageSpec>>} images
 * @returns {Promise<import('./ground.mjs').Ground>}
 */
export async function prepareOwnDocker({ socketPath, name, nodeId }, images) {
  const prefix = `quickstart-${randomBytes(3).toString('hex')}-`
  const engine = createEngineClient(socketPath)
  const dir = mkdtempSync(join(tmpdir(), 'swarmkeeper-quickstart-engine-'))
  // Nobody listens on port 1: the engine learns at once that there is nothing to pull, and takes what it has.
  const reference = (/** @type {string} */ image) => `localhost:1/${prefix}${image}`
  for (const [image, spec] of Object.entries(images)) await importImage(engine, reference(image), spec)
  const git = await startGitServer({ dir: join(dir, 'git') })
  const counter = await startApiCounter({ engineSocket: socketPath, listen: { socketPath: join(dir, 'docker.sock') } })
  return {
    about: `your Docker on ${name}; everything made there is called ${prefix}…`,
    prefix,
    engine,
    counter,
    git,
    dockerHost: `unix://${counter.socketPath}`,
    address: '127.0.0.1',
    port: await freePort(),
    reference,
    placement: ['resolve: never', `constraints: [node.id == ${nodeId}]`],
    dispose: async () => {
      await counter.dispose()
      await git.dispose()
      await removeEverything(engine, prefix)
      for (const image of Object.keys(images)) await remove(engine, `/images/${reference(image)}`, image)
      rmSync(dir, { recursive: true, force: true })
    },
    remains: async () => (await listed(engine, 'services', prefix)).map(({ name }) => name),
    left: async () => namesOf(engine, prefix),
  }
}

/** Object types in the order in which they can go. */
const types = ['services', 'networks', 'configs']

/**
 * What is in use by a task that is still ending cannot go yet.
 * @param {EngineClient} engine
 * @param {string} prefix
 */
async function removeEverything(engine, prefix) {
  for (const type of types)
    for (const { id, name } of await listed(engine, type, prefix)) await remove(engine, `/${type}/${id}`, name)
}

/**
 * @param {EngineClient} engine
 * @param {string} path
 * @param {string} name
 */
async function remove(engine, path, name) {
  const gone = async () => [200, 204, 404].includes((await engine.request('DELETE', path)).status)
  await waitUntil(`${name} to be removable`, gone, { timeoutMs: 30_000 })
}

/**
 * With the record of the install, which is a config.
 * @param {EngineClient} engine
 * @param {string} type
 * @param {string} prefix
 * @returns {Promise<{id: string, name: string}[]>}
 */
async function listed(engine, type, prefix) {
  const all = /** @type {any[]} */ (await engine.call('GET', `/${type}`))
  const install = prefix.slice(0, -1)
  return all
    .map((one) => ({ id: one.ID ?? one.Id, name: one.Spec?.Name ?? one.Name }))
    .filter(({ name }) => name.startsWith(prefix) || name === `swarmkeeper-${install}`)
}

/**
 * @param {EngineClient} engine
 * @param {string} prefix
 */
async function namesOf(engine, prefix) {
  const lists = await Promise.all(types.map((type) => listed(engine, type, prefix)))
  return lists.flatMap((list) => list.map(({ name }) => name))
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}
