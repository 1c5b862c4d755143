import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The stock docker CLI against an engine; rejects with what it said. */
export async function docker(
  host: string,
  words: readonly string[],
  options: {
    readonly input?: string
    readonly cwd?: string
    readonly variables?: Readonly<Record<string, string>>
  } = {},
): Promise<string> {
  const child = run('docker', words, {
    env: { ...options.variables, PATH: process.env.PATH, HOME: '/nonexistent', DOCKER_HOST: host },
    cwd: options.cwd,
    timeout: 90_000,
  })
  child.child.stdin?.end(options.input ?? '')
  return (await child).stdout.trim()
}

/** Words of a shell line without quotes. */
export const words = (line: string): readonly string[] => line.trim().split(/\s+/)
