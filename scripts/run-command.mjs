// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * @typedef {object} Ran
 * @property {number} code 128 and more: ended by a signal, or could not be started (127)
 * @property {string} output stdout and stderr, as they came
 * @property {number} seconds
 */

/**
 * Runs a command to its end, whatever its exit code.
 * @param {readonly string[]} words
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, signal?: AbortSignal}} [options]
 *   `onLine` hears the output as it comes; `signal` interrupts the command once, as Ctrl-C does
 * @returns {Promise<Ran>}
 */
export async function runCommand(words, { cwd, env = process.env, onLine, signal } = {}) {
  const begin = performance.now()
  const [command = '', ...rest] = words
  // detached: Ctrl-C in a terminal reaches us alone, and we pass it on once
  const child = spawn(command, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const interrupt = () => void child.kill('SIGINT')
  signal?.addEventListener('abort', interrupt)
  if (signal?.aborted) interrupt()
  const lines = createLines(onLine)
  child.stdout.setEncoding('utf8').on('data', lines.add)
  child.stderr.setEncoding('utf8').on('data', lines.add)
  const ended = await once(child, 'close').catch((error) => {
    lines.add(`${command}: ${error.message}\n`)
    return [127, null]
  })
  signal?.removeEventListener('abort', interrupt)
  lines.end()
  return { code: ended[0] ?? 130, output: lines.all(), seconds: (performance.now() - begin) / 1000 }
}

/** @param {((line: string) => void) | undefined} onLine */
function createLines(onLine) {
  let text = ''
  let rest = ''
  return {
    add: (/** @type {string} */ chunk) => {
      text += chunk
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine?.(line)
    },
    end: () => {
      if (rest !== '') onLine?.(rest)
    },
    all: () => text,
  }
}
