#!/usr/bin/env node
// @ts-check
// `npm run quickstart`: the main job of swarmkeeper, told and shown on a real Docker Swarm. Plain Node, so that it is
// the only command that a bare machine needs. Ends with 0 only if every step showed what it claims.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CannotGoOn, prepare } from './prepare.mjs'
import { images } from './quickstart/fleet-files.mjs'
import { findGround } from './quickstart/ground.mjs'
import { createNarrator } from './quickstart/narrator.mjs'
import { readOptions, usage } from './quickstart/options.mjs'
import { story } from './quickstart/story.mjs'
import { createWorld, Interrupted, LeftBehind, NotShown } from './quickstart/world.mjs'

const narrator = createNarrator(process.stdout)
const options = readOptions(process.argv.slice(2))
if ('mistake' in options) {
  console.error(`${options.mistake}\n\n${usage}`)
  process.exit(1)
}
if (options.help) {
  console.log(usage)
  process.exit(0)
}

const interrupted = new AbortController()
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    narrator.say(interrupted.signal.aborted ? 'Still cleaning up.' : 'Interrupted: cleaning up.')
    interrupted.abort()
  })
}

// Nobody reads any more, as after `| head`: what was started is taken away all the same.
process.stdout.on('error', () => interrupted.abort())

process.exit(await run(options))

/** @param {{yes: boolean, docker: import('./quickstart/options.mjs').DockerChoice}} options */
async function run({ yes, docker }) {
  const { signal } = interrupted
  narrator.title('swarmkeeper, from a git repository to a Docker Swarm')
  narrator.say('Eight steps on real things, about a minute. Every command is shown with what it prints.')
  try {
    narrator.title('Setting up')
    await prepare({ yes, say: narrator.detail, signal })
    const ground = await findGround({ docker, yes, say: narrator.detail, images })
    await tell(ground, signal)
    return 0
  } catch (error) {
    return explain(error)
  }
}

/**
 * @param {import('./quickstart/ground.mjs').Ground} ground
 * @param {AbortSignal} signal
 */
async function tell(ground, signal) {
  const begin = performance.now()
  const dir = mkdtempSync(join(tmpdir(), 'swarmkeeper-quickstart-'))
  try {
    if (signal.aborted) throw new Interrupted()
    narrator.say(`The Swarm is ${ground.about}.`)
    const world = await createWorld({ dir, ground, narrator, signal })
    for (const [index, [title, step]] of story.entries()) {
      if (signal.aborted) throw new Interrupted()
      narrator.step(index + 1, title)
      await step({ ground, world, narrator })
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
    await takeAway(ground)
  }
  narrator.say(
    `All of it took ${((performance.now() - begin) / 1000).toFixed(0)} s. Your own: swarmkeeper init --help, and README.md.`,
  )
}

/**
 * However the story ended: nothing is left, or what is left and how it goes is said.
 * @param {import('./quickstart/ground.mjs').Ground} ground
 */
async function takeAway(ground) {
  await ground.dispose().catch((error) => narrator.failed(error instanceof Error ? error.message : String(error)))
  const left = await ground.left()
  if (left.length > 0) {
    const remedies = [...new Set(left.map(({ remedy }) => `\n  ${remedy}`))]
    throw new LeftBehind(
      `Still here: ${left.map(({ what }) => what).join(', ')}. Take it away with:${remedies.join('')}`,
    )
  }
  narrator.shown('What the quickstart had started is gone: processes, network, folders.')
}

/** @param {unknown} error @returns {number} the exit code */
function explain(error) {
  if (error instanceof LeftBehind) {
    narrator.failed(error.message)
    return 1
  }
  if (interrupted.signal.aborted) return 130
  if (error instanceof CannotGoOn) narrator.failed(error.message)
  else if (error instanceof NotShown) narrator.failed(`This step did not show what it claims: ${error.message}`)
  else narrator.failed(`The quickstart itself failed: ${error instanceof Error ? error.stack : String(error)}`)
  return 1
}
