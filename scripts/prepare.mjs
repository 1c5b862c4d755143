// @ts-check
// What `npm test` and `npm run quickstart` do first, so that each is the only command on a machine that has Node alone:
// npm packages, then the program. Nothing here needs what it is about to install.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describeMissing, installMissing, missingForCompiling } from '../test/lab/requirements.mjs'
import { runCommand } from './run-command.mjs'

export const root = resolve(import.meta.dirname, '..')

/** @typedef {{yes: boolean, say: (line: string) => void, signal?: AbortSignal}} PrepareOptions */

/** Something this machine lacks or refuses: said in full, no stack trace. */
export class CannotGoOn extends Error {}

/** @param {PrepareOptions} options */
export async function prepare({ yes, say, signal }) {
  checkNode()
  const run = (/** @type {readonly string[]} */ words) => runInRoot(words, signal)
  if (!packagesAreThere())
    await withCompilerAtNeed(['npm', 'ci', '--include=dev', '--no-audit', '--no-fund'], { yes, say, run })
  // compiled for another version of Node
  else if (!(await sqliteLoads())) await withCompilerAtNeed(['npm', 'rebuild', 'better-sqlite3'], { yes, say, run })
  else say('npm packages: all here')
  say('npm run build')
  const built = await run(['npm', 'run', '--silent', 'build'])
  if (built.code !== 0) throw new CannotGoOn(`The program does not compile:\n${built.output.trim()}`)
}

/**
 * @param {readonly string[]} words
 * @param {AbortSignal} [signal]
 */
async function runInRoot(words, signal) {
  const ran = await runCommand(words, { cwd: root, env: npmEnvironment(), ...(signal && { signal }) })
  if (signal?.aborted) throw new CannotGoOn('Interrupted.')
  return ran
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new CannotGoOn(`This is Node ${process.versions.node}; swarmkeeper needs 20.19 or newer.`)
}

/** Whether node_modules holds what the lock file says. */
function packagesAreThere() {
  const installed = lockedVersions('node_modules/.package-lock.json')
  const wanted = lockedVersions('package-lock.json')
  if (installed.size === 0) return false
  return [...wanted].every(([path, { version, optional }]) =>
    optional && !installed.has(path) ? true : installed.get(path)?.version === version,
  )
}

/** @param {string} file @returns {Map<string, {version: string, optional: boolean}>} */
function lockedVersions(file) {
  const path = join(root, file)
  if (!existsSync(path)) return new Map()
  const { packages } = JSON.parse(readFileSync(path, 'utf8'))
  const entries = Object.entries(/** @type {Record<string, any>} */ (packages)).filter(([name]) => name !== '')
  return new Map(entries.map(([name, one]) => [name, { version: one.version, optional: one.optional === true }]))
}

/**
 * better-sqlite3 downloads a compiled form of itself where there is one and it is reached; otherwise it compiles, and
 * only then are compilers asked for.
 * @param {readonly string[]} words
 * @param {PrepareOptions & {run: (words: readonly string[]) => Promise<import('./run-command.mjs').Ran>}} options
 */
async function withCompilerAtNeed(words, { yes, say, run }) {
  const command = words.join(' ')
  say(`${command}   (a minute longer where better-sqlite3 has to be compiled)`)
  const first = await run(words)
  if (first.code === 0) return
  const failed = new CannotGoOn(`"${command}" failed:\n${shortened(first.output)}`)
  const compiling = first.output.includes('node_modules/better-sqlite3')
  if (!compiling || missingForCompiling().length === 0) throw failed
  say('That failed: there is no compiled better-sqlite3 to download, and no compiler.')
  const still = await installMissing({ yes, say, find: missingForCompiling, what: 'Compiling better-sqlite3' })
  if (still.length > 0) throw new CannotGoOn(`Without them better-sqlite3 cannot be built. ${describeMissing(still)}`)
  say(`${command}   (again, compiling)`)
  const second = await run(words)
  if (second.code !== 0) throw new CannotGoOn(`"${command}" failed again:\n${shortened(second.output)}`)
}

/**
 * Node's own headers, where its installation brings them, spare a download from nodejs.org. And `npm run --silent` must
 * not silence the errors of what it runs.
 */
function npmEnvironment() {
  const prefix = resolve(dirname(process.execPath), '..')
  const headers = existsSync(join(prefix, 'include/node/node_version.h')) && !process.env.npm_config_nodedir
  return { ...process.env, npm_config_loglevel: 'error', ...(headers ? { npm_config_nodedir: prefix } : {}) }
}

async function sqliteLoads() {
  const script = "new (require('better-sqlite3'))(':memory:').close()"
  return (await runCommand([process.execPath, '-e', script], { cwd: root })).code === 0
}

/** Errors of npm begin with what matters, those of compilers end with it. @param {string} text */
function shortened(text) {
  const lines = text.trim().split('\n')
  return lines.length <= 40 ? lines.join('\n') : [...lines.slice(0, 20), '…', ...lines.slice(-20)].join('\n')
}
