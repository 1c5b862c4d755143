// @ts-check
// Children of the lab. Each dies with the process that started it, however that process ends (PR_SET_PDEATHSIG),
// so that a killed test run leaves no engine behind.
import { execFile, spawn } from 'node:child_process'
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const execFileAsync = promisify(execFile)

const endWithUs = ['setpriv', '--pdeathsig', 'KILL', '--']

/**
 * @typedef {object} Running
 * @property {string} name for messages
 * @property {number} pid
 * @property {() => Promise<void>} ended waits until the process is gone
 * @property {() => boolean} alive
 * @property {(signal?: NodeJS.Signals) => void} signal
 * @property {(graceMs?: number) => Promise<void>} stop SIGTERM, then SIGKILL after the grace (0: at once)
 */

/**
 * Runs a command to its end and returns what it printed. Throws with its stderr when it fails.
 * @param {readonly string[]} words
 * @param {{input?: string | Uint8Array, env?: NodeJS.ProcessEnv, timeoutMs?: number, cwd?: string}} [options]
 * @returns {Promise<string>}
 */
export async function run(words, options = {}) {
  const [command = '', ...rest] = words
  const running = execFileAsync(command, rest, {
    env: options.env ?? process.env,
    timeout: options.timeoutMs ?? 30_000,
    maxBuffer: 64 * 1024 * 1024,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  running.child.stdin?.on('error', () => {})
  running.child.stdin?.end(options.input ?? '')
  try {
    return (await running).stdout
  } catch (error) {
    const stderr = /** @type {{stderr?: string}} */ (error).stderr ?? ''
    throw new Error(`"${words.join(' ')}" failed: ${stderr.trim() || String(error)}`, { cause: error })
  }
}

/**
 * Starts a long-running command, its output going to a file. `ledger` is the file in which the lab keeps the process
 * ids it owns, for the clean-up after a kill.
 * @param {readonly string[]} words
 * @param {{name: string, log: string, ledger: string, env?: NodeJS.ProcessEnv}} options
 * @returns {Running}
 */
export function start(words, { name, log, ledger, env }) {
  const output = openSync(log, 'a')
  // detached: Ctrl-C in a terminal must reach us alone, we stop the children in order
  const [command = '', ...rest] = [...endWithUs, ...words]
  const child = spawn(command, rest, {
    stdio: ['ignore', output, output],
    detached: true,
    env: env ?? { PATH: process.env.PATH },
  })
  closeSync(output)
  child.unref()
  let gone = false
  const exited = /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      const finish = () => {
        gone = true
        resolve()
      }
      child.once('exit', finish)
      child.once('error', finish)
    })
  )
  const pid = child.pid ?? 0
  if (pid > 0) appendFileSync(ledger, `${pid} ${startTime(pid) ?? '0'}\n`)
  const signal = (/** @type {NodeJS.Signals} */ name = 'SIGTERM') => {
    if (!gone) child.kill(name)
  }
  return {
    name,
    pid,
    ended: () => {
      child.ref()
      return exited
    },
    alive: () => !gone,
    signal,
    stop: async (graceMs = 0) => {
      if (gone) return
      child.ref()
      signal(graceMs > 0 ? 'SIGTERM' : 'SIGKILL')
      const timer = graceMs > 0 ? setTimeout(() => signal('SIGKILL'), graceMs) : undefined
      await exited
      clearTimeout(timer)
    },
  }
}

/**
 * When a process started, in the kernel's ticks: with the pid it names one process for ever. Undefined when it is gone.
 * @param {number} pid
 * @returns {string | undefined}
 */
export function startTime(pid) {
  return fieldsAfterName(pid)?.[19]
}

/**
 * @param {number} pid
 * @returns {number | undefined}
 */
export function parentOf(pid) {
  const field = fieldsAfterName(pid)?.[1]
  return field === undefined ? undefined : Number(field)
}

/**
 * Fields of /proc/PID/stat after the command's name, which itself may hold blanks and brackets.
 * @param {number} pid
 * @returns {string[] | undefined}
 */
function fieldsAfterName(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
