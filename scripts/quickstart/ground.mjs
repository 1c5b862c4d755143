// @ts-check
// Where the story plays: a lab of its own, or the user's own Docker where they agree.
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { startLab } from '../../test/lab/lab.mjs'
import { hostLink } from '../../test/lab/network.mjs'
import { describeMissing, installMissing, missingForOwnDocker } from '../../test/lab/requirements.mjs'
import { CannotGoOn } from '../prepare.mjs'
import { findOwnDocker, prepareOwnDocker } from './own-docker.mjs'

/** @typedef {import('../../test/lab/engine-client.mjs').EngineClient} EngineClient */

/**
 * @typedef {object} Ground
 * @property {string} about
 * @property {string} prefix of every name on the Swarm; '' in a lab
 * @property {EngineClient} engine
 * @property {import('../../test/lab/api-counter.mjs').ApiCounter} counter between swarmkeeper and the engine
 * @property {import('../../test/lab/git-server.mjs').GitServer} git
 * @property {string} dockerHost
 * @property {string} address where the published port is reached
 * @property {number} port free there
 * @property {(image: string) => string} reference
 * @property {readonly string[]} placement lines that every service needs here
 * @property {() => Promise<void>} dispose
 * @property {() => Promise<readonly string[]>} remains names of services that are still on the Swarm
 * @property {() => Promise<readonly {what: string, remedy: string}[]>} left what is still there after dispose, and how a
 *   person takes it away
 */

/** @typedef {Readonly<Record<string, import('../../test/lab/images.mjs').ImageSpec>>} Images */

/**
 * @param {{docker: import('./options.mjs').DockerChoice, yes: boolean, say: (line: string) => void, images: Images}} options
 * @returns {Promise<Ground>}
 */
export async function findGround({ docker, yes, say, images }) {
  const own = docker === 'lab' ? undefined : await findOwnDocker()
  if (docker === 'own' && own !== undefined && 'because' in own)
    throw new CannotGoOn(
      `${own.because}. The quickstart makes no Swarm of yours: \`docker swarm init\` is your decision; --docker lab brings its own.`,
    )
  if (own !== undefined && 'nodeId' in own && (docker === 'own' || (await mayUse(own.name))))
    return useOwn(own, { yes, say, images })
  return useLab({ yes, say, images })
}

/**
 * @param {import('./own-docker.mjs').OwnDocker} own
 * @param {{yes: boolean, say: (line: string) => void, images: Images}} options
 */
async function useOwn(own, { yes, say, images }) {
  const missing = await installMissing({ yes, say, find: missingForOwnDocker, what: 'The quickstart' })
  if (missing.length > 0) throw new CannotGoOn(describeMissing(missing))
  return prepareOwnDocker(own, { images, say })
}

/**
 * @param {{yes: boolean, say: (line: string) => void, images: Images}} options
 * @returns {Promise<Ground>}
 */
async function useLab({ yes, say, images }) {
  const missing = await installMissing({ yes, say, what: 'The lab' })
  if (missing.length > 0) throw new CannotGoOn(`${describeMissing(missing)}${withoutRoot(missing)}`)
  const lab = await startLab({ images, say })
  if (lab.missing) throw new CannotGoOn(describeMissing(lab.missing))
  return {
    about: `a lab: its own network (${lab.address}), Docker Engine, Swarm, registry and git server; nothing of yours is touched`,
    prefix: '',
    engine: lab.engine,
    counter: lab.counter,
    git: lab.git,
    dockerHost: lab.dockerHost,
    address: lab.address,
    port: 8080,
    reference: lab.registry.reference,
    placement: [],
    dispose: lab.dispose,
    remains: async () => {
      const services = /** @type {any[]} */ (await lab.engine.call('GET', '/services'))
      return services.map((service) => service.Spec.Name)
    },
    left: async () =>
      [lab.dir, `/sys/class/net/${hostLink(lab.id)}`]
        .filter((path) => existsSync(path))
        .map((what) => ({ what, remedy: 'npm run quickstart -- --docker lab    # a lab removes what others left' })),
  }
}

/** @param {readonly import('../../test/lab/requirements.mjs').Missing[]} missing */
function withoutRoot(missing) {
  if (!missing.some((one) => one.what === 'root')) return ''
  return '\nThe lab needs root: run it with sudo; or, where your Docker is a manager of a Swarm, with -- --docker own.'
}

/** @param {string} name */
async function mayUse(name) {
  if (!process.stdin.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const question = `Docker on ${name} is a manager of a Swarm. Use it, under names of our own that are removed at the end? [y/N] `
  const asked = terminal.question(question).finally(() => terminal.close())
  const answer = await asked.catch(() => Promise.reject(new CannotGoOn('Interrupted.')))
  return /^y(es)?$/i.test(answer.trim())
}
