import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { EngineStandIn, RecordedRequest } from './engine-stand-in.ts'

/** Compose files in their order, and the variables that they see. */
export interface StackFiles {
  readonly paths: readonly string[]
  readonly variables: Readonly<Record<string, string>>
}

export interface CliResult {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** What the stock docker CLI makes of a stack. */
export interface StackOutcome {
  readonly config: CliResult
  /** Of `docker stack deploy`; empty where the files are refused. */
  readonly requests: readonly RecordedRequest[]
}

export const STACK = 'st'

/** `docker stack config`, which needs no engine. */
export function stackConfig(files: StackFiles): Promise<CliResult> {
  return docker(['--host', 'unix:///nonexistent', 'stack', 'config', ...composeFiles(files)], files.variables)
}

/** Everything that `docker stack config` and `docker stack deploy` say of a stack. */
export async function stackOutcome(files: StackFiles, engine: EngineStandIn): Promise<StackOutcome> {
  const config = await stackConfig(files)
  if (config.code !== 0) return { config, requests: [] }
  engine.forget()
  await docker(['--host', engine.url, 'stack', 'deploy', '--detach', ...composeFiles(files), STACK], files.variables)
  return { config, requests: engine.requests }
}

/** `docker stack deploy` alone, which reads the files as `docker stack config` does. */
export async function stackDeploy(
  files: StackFiles,
  engine: EngineStandIn,
): Promise<{ readonly result: CliResult; readonly requests: readonly RecordedRequest[] }> {
  engine.forget()
  const words = ['--host', engine.url, 'stack', 'deploy', '--detach', ...composeFiles(files), STACK]
  const result = await docker(words, files.variables)
  return { result, requests: engine.requests }
}

/** Of the docker CLI; undefined where there is none. */
export async function dockerVersion(): Promise<string | undefined> {
  try {
    const { code, out } = await docker(['--version'], {})
    return code === 0 ? out.trim() : undefined
  } catch {
    return undefined
  }
}

const composeFiles = ({ paths }: StackFiles): readonly string[] => paths.flatMap((path) => ['-c', path])

/** Nothing of our own environment but a home: every variable of it would be one that compose files see. */
function docker(words: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> {
  const child = spawn(program(), words, {
    env: { HOME: '/root', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code: code ?? 1, out: Buffer.concat(out).toString('utf8'), err: Buffer.concat(err).toString('utf8') }),
    )
  })
}

function program(): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'docker')).find((path) => existsSync(path)) ?? 'docker'
}
