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
import { madeBy, referenceOf, removalOf, removeMade } from './own-objects.mjs'

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
 * @param {{images: import('./ground.mjs').Images, say: (line: string) => void}} options
 * @returns {Promise<import('./ground.mjs').Ground>}
 */
export async function prepareOwnDocker(docker, { images, say }) {
  const engine = createEngineClient(docker.socketPath)
  await mentionEarlier(engine, say)
  const prefix = `quickstart-${randomBytes(3).toString('hex')}-`
  const reference = (/** @type {string} */ image) => referenceOf(prefix, image)
  const dir = mkdtempSync(join(tmpdir(), 'swarmkeeper-quickstart-engine-'))
  /** @type {(() => Promise<unknown>)[]} */
  const undo = [async () => rmSync(dir, { recursive: true, force: true })]
  const dispose = () => undoAll(undo)
  try {
    undo.push(() => removeMade(engine, prefix))
    for (const [image, spec] of Object.entries(images)) await importImage(engine, reference(image), spec)
    const git = await startGitServer({ dir: join(dir, 'git') })
    undo.push(git.dispose)
    const listen = { socketPath: join(dir, 'docker.sock') }
    const counter = await startApiCounter({ engineSocket: docker.socketPath, listen })
    undo.push(counter.dispose)
    return {
      about: `your Docker on ${docker.name}; everything made there is called ${prefix}…`,
      prefix,
      engine,
      counter,
      git,
      dockerHost: `unix://${counter.socketPath}`,
      address: '127.0.0.1',
      port: await freePort(),
      reference,
      placement: ['resolve: never', `constraints: [node.id == ${docker.nodeId}]`],
      dispose,
      remains: async () =>
        (await madeBy(engine, prefix)).filter(({ type }) => type === 'service').map(({ name }) => name),
      left: async () => (await madeBy(engine, prefix)).map((made) => ({ what: made.name, remedy: removalOf(made) })),
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** In the opposite order, each of them, whatever became of the others. @param {(() => Promise<unknown>)[]} undo */
async function undoAll(undo) {
  const failed = []
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step().catch((error) => failed.push(error))
  if (failed.length > 0) throw failed[0]
}

/**
 * A killed run could not take away what it made; one that still runs must not lose it.
 * @param {EngineClient} engine
 * @param {(line: string) => void} say
 */
async function mentionEarlier(engine, say) {
  const made = await madeBy(engine)
  if (made.length === 0) return
  say('Of another quickstart, here still. If none is running, take it away with:')
  for (const one of made) say(`  ${removalOf(one)}`)
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
