// @ts-check
// Our side: the built program as a process of its own, and its engine inside of this one, as a daemon has it.
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startGitServer } from '../lab/git-server.mjs'
import { repositoryOf } from './workload.mjs'

/**
 * Each gives how long it took, in milliseconds, and throws where its answer is not the one that was expected.
 * @typedef {object} Ours
 * @property {() => Promise<number>} version a process that does nothing: its files are in memory afterwards
 * @property {() => Promise<number>} check a process that plans, and finds nothing to change
 * @property {() => Promise<number>} apply a process that applies all; `forget` comes first
 * @property {() => Promise<Warm>} warm
 * @property {() => void} forget our database and clone
 * @property {() => Promise<void>} dispose
 */

/** @typedef {{tick: () => Promise<number>, dispose: () => Promise<void>}} Warm */

/**
 * @param {{dir: string, hosts: import('../lab/hosts.mjs').Hosts, built: string}} options `built`: folder of the compiled program
 * @returns {Promise<Ours>}
 */
export async function createOurs({ dir, hosts, built }) {
  mkdirSync(dir)
  const git = await startGitServer({ dir: join(dir, 'git') })
  const repository = await git.create('fleet')
  await repository.commit(repositoryOf(hosts.all))
  const kept = join(dir, 'kept')
  const config = join(dir, 'swarmkeeper.config.yaml')
  writeFileSync(config, JSON.stringify(settingsOf({ hosts, url: repository.url, kept })), { mode: 0o600 })
  const words = (/** @type {string[]} */ ...more) => [join(built, 'main.js'), '--config', config, ...more]
  return {
    version: () => timed([join(built, 'main.js'), '--version'], 0),
    check: () => timed(words('plan'), 0),
    apply: () => timed(words('apply'), 0),
    warm: () => openEngine(built, config),
    forget: () => rmSync(kept, { recursive: true, force: true }),
    dispose: git.dispose,
  }
}

/** @param {{hosts: import('../lab/hosts.mjs').Hosts, url: string, kept: string}} options */
function settingsOf({ hosts, url, kept }) {
  const addresses = hosts.all.map(({ address, port }) => `${address}:${port}`)
  return {
    install: 'bench',
    key: { value: '0123456789abcdef'.repeat(4) },
    repository: { url },
    database: join(kept, 'swarmkeeper.db'),
    credentials: { 'fleet-key': { type: 'ssh', addresses, key: { file: hosts.keyFile } } },
  }
}

/** @param {readonly string[]} words @param {number} expected exit code @returns {Promise<number>} */
function timed(words, expected) {
  const begin = performance.now()
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const ms = performance.now() - begin
      if (code === expected) resolve(ms)
      else reject(new Error(`swarmkeeper ${words.slice(3).join(' ')} ended with ${code}:\n${said.slice(0, 3000)}`))
    })
  })
}

/** @param {string} built @param {string} config @returns {Promise<Warm>} */
async function openEngine(built, config) {
  const load = (/** @type {string} */ path) => import(pathToFileURL(join(built, path)).href)
  const { createApp } = await load('app.js')
  const { loadSettings } = await load('settings/load-settings.js')
  const { createRealClock } = await load('lib/real-clock.js')
  const { settings, problems } = loadSettings({ file: config, env: {} })
  if (!settings) throw new Error(JSON.stringify(problems))
  const engine = createApp(settings, { clock: createRealClock(), emit: () => {}, warn: () => {} })
  const { signal } = new AbortController()
  return {
    tick: async () => {
      const begin = performance.now()
      const plan = await engine.plan({ signal, by: 'bench' })
      const ms = performance.now() - begin
      const [app] = plan.apps
      const stages = app?.plan.stages.length
      if (plan.apps.length !== 1 || stages !== 0 || plan.problems.length > 0) {
        throw new Error(`not what was expected: ${JSON.stringify({ stages, problems: plan.problems })}`)
      }
      return ms
    },
    dispose: () => engine.dispose(),
  }
}
