// @ts-check
// What the story acts with: a clone of the config repository, the built program, and the engine behind its back.
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { waitUntil } from '../../test/lab/wait.mjs'
import { root } from '../prepare.mjs'
import { runCommand } from '../run-command.mjs'
import { settings } from './fleet-files.mjs'

/** A step did not show what it claims. */
export class NotShown extends Error {}

/** Ctrl-C. */
export class Interrupted extends Error {}

/** Something that was made could not be taken away. */
export class LeftBehind extends Error {}

/** @typedef {Awaited<ReturnType<typeof createWorld>>} World */

/**
 * @param {{dir: string, ground: import('./ground.mjs').Ground, narrator: import('./narrator.mjs').Narrator,
 *   signal: AbortSignal}} options
 */
export async function createWorld({ dir, ground, narrator, signal }) {
  const clone = join(dir, 'fleet')
  const repository = await ground.git.create('fleet')
  const install = ground.prefix === '' ? 'quickstart' : ground.prefix.slice(0, -1)
  const key = randomBytes(32).toString('hex')
  writeFileSync(join(dir, 'swarmkeeper.config.yaml'), settings({ install, key, url: repository.url, ground }), {
    mode: 0o600,
  })
  const git = (/** @type {string[]} */ ...words) =>
    mustRun(['git', ...words], { cwd: clone, env: gitEnvironment(dir), signal })
  mkdirSync(clone)
  await git('init', '--quiet', '--initial-branch=main')
  await git('remote', 'add', 'origin', repository.url)

  /** Writes files, commits and pushes them, as a merge would. @param {Record<string, string | null>} files @param {string} message */
  const merge = async (files, message) => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(clone, path)), { recursive: true })
      if (content === null) rmSync(join(clone, path))
      else writeFileSync(join(clone, path), content)
    }
    narrator.command(`git add -A && git commit -m ${JSON.stringify(message)} && git push`)
    await git('add', '--all')
    await git('commit', '--quiet', '--message', message)
    await git('push', '--quiet', 'origin', 'main')
    narrator.output(`${(await git('rev-parse', '--short=12', 'HEAD')).trim()} ${message}`)
  }

  /**
   * Runs the built program and shows what it prints.
   * @param {readonly string[]} words
   * @param {{exit: number, shows?: readonly RegExp[], hides?: readonly RegExp[]}} expected
   */
  const keeper = async (words, expected) => {
    narrator.command(`swarmkeeper ${words.join(' ')}`)
    const program = [process.execPath, join(root, 'dist/main.js'), ...words]
    const ran = await runCommand(program, { cwd: dir, env: programEnvironment(), onLine: narrator.output, signal })
    if (signal.aborted) throw new Interrupted()
    narrator.detail(`(exit code ${ran.code}, ${ran.seconds.toFixed(1)} s)`)
    check(`swarmkeeper ${words.join(' ')}`, ran, expected)
    return ran.output
  }

  const soon = createSoon(signal)
  const serviceName = (/** @type {string} */ app) => `${ground.prefix}${app}`
  const service = async (/** @type {string} */ app) => ground.engine.call('GET', `/services/${serviceName(app)}`)
  const running = async (/** @type {string} */ app) =>
    (await ground.engine.tasks(serviceName(app))).filter(
      (task) => task.state === 'running' && task.desired === 'running',
    )

  return {
    merge,
    keeper,
    service,
    /**
     * Waits until so many tasks of an app run, all of them this version.
     * @param {string} app
     * @param {number} count
     * @param {string} version
     * @returns {Promise<string[]>} their ids
     */
    runs: async (app, count, version) => {
      const image = ground.reference(`${app}:${version}`)
      await soon(`${count} running of ${image}`, async () => {
        const tasks = await running(app)
        return tasks.length === count && tasks.every((task) => task.image.startsWith(image))
      })
      return (await running(app)).map((task) => task.id).sort()
    },
    /** By hand, and not by us. */
    scale: async (/** @type {string} */ app, /** @type {number} */ replicas) => {
      const { ID, Version, Spec } = await service(app)
      const body = { ...Spec, Mode: { Replicated: { Replicas: replicas } } }
      await ground.engine.call('POST', `/services/${ID}/update?version=${Version.Index}`, { body })
      await soon(`${replicas} running of ${app}`, async () => (await running(app)).length === replicas)
    },
    /** What the published port answers. */
    visit: async () => {
      const url = `http://${ground.address}:${ground.port}/version`
      narrator.command(`curl ${url}`)
      const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) })
      const text = (await answer.text()).trim()
      narrator.output(text)
      return text
    },
  }
}

/** @param {AbortSignal} signal */
function createSoon(signal) {
  return async (/** @type {string} */ what, /** @type {() => Promise<boolean>} */ seen) => {
    const giveUp = () => (signal.aborted ? 'interrupted' : undefined)
    await waitUntil(what, seen, { timeoutMs: 20_000, everyMs: 100, giveUp }).catch((error) => {
      throw signal.aborted ? new Interrupted() : new NotShown(error instanceof Error ? error.message : String(error))
    })
  }
}

/**
 * @param {boolean} holds
 * @param {string} otherwise
 */
export function claim(holds, otherwise) {
  if (!holds) throw new NotShown(otherwise)
}

/**
 * @param {string} command
 * @param {import('../run-command.mjs').Ran} ran
 * @param {{exit: number, shows?: readonly RegExp[], hides?: readonly RegExp[]}} expected
 */
function check(command, { code, output }, { exit, shows = [], hides = [] }) {
  claim(code === exit, `\`${command}\` ended with ${code}; ${exit} was expected`)
  for (const pattern of shows) claim(pattern.test(output), `\`${command}\` does not say ${pattern}`)
  for (const pattern of hides) claim(!pattern.test(output), `\`${command}\` says ${pattern}`)
}

/**
 * @param {readonly string[]} words
 * @param {{cwd: string, env: NodeJS.ProcessEnv, signal: AbortSignal}} options
 */
async function mustRun(words, options) {
  const ran = await runCommand(words, options)
  if (options.signal.aborted) throw new Interrupted()
  claim(ran.code === 0, `\`${words.join(' ')}\` ended with ${ran.code}: ${ran.output.trim()}`)
  return ran.output
}

/** No settings of the user's reach into the story. */
function programEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SWARMKEEPER_')))
}

/** @param {string} home */
function gitEnvironment(home) {
  const [name, mail] = ['You', 'you@example.test']
  const author = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: mail, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: mail }
  const alone = { HOME: home, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', NO_PROXY: '*', no_proxy: '*' }
  return { PATH: process.env.PATH, LC_ALL: 'C', ...author, ...alone }
}
