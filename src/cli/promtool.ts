import { execFile } from 'node:child_process'

export interface PromtoolAnswer {
  readonly exitCode: number
  /** What it wrote, both outputs. */
  readonly output: string
}

/** Runs promtool in a folder; undefined where it is not installed. Only where a person has asked for it at their desk. */
export type Promtool = (
  words: readonly string[],
  options: { readonly cwd: string; readonly signal: AbortSignal },
) => Promise<PromtoolAnswer | undefined>

const LONGEST_MS = 60_000
const MOST_OUTPUT_BYTES = 1024 * 1024

/** @param path of programs, as in PATH; it gets nothing else of the environment */
export function createPromtool(path: string | undefined): Promtool {
  return (words, { cwd, signal }) =>
    new Promise((resolve, reject) => {
      const env = path === undefined ? {} : { PATH: path }
      const bounds = { timeout: LONGEST_MS, killSignal: 'SIGKILL', maxBuffer: MOST_OUTPUT_BYTES } as const
      execFile('promtool', [...words], { cwd, env, signal, encoding: 'utf8', ...bounds }, (error, stdout, stderr) => {
        const output = `${stdout}\n${stderr}`
        if (!error) return resolve({ exitCode: 0, output })
        if (error.code === 'ENOENT') return resolve(undefined)
        if (signal.aborted) return reject(error)
        const why = error.killed ? `\npromtool was ended after ${LONGEST_MS / 1000} s` : ''
        return resolve({ exitCode: typeof error.code === 'number' ? error.code : 1, output: output + why })
      })
    })
}
