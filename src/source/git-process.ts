import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { kill } from 'node:process'
import type { Scrub } from './credential.ts'
import { cutOff } from './source-error.ts'

const MOST_STDERR_BYTES = 64 * 1024
const SHOWN_STDERR_CHARACTERS = 600

export interface GitProgram {
  readonly environment: Readonly<Record<string, string>>
  /** Folder that commands run in; they name the repository by `--git-dir`. */
  readonly directory: string
  readonly scrub: Scrub
}

export interface GitCall {
  readonly words: readonly string[]
  /** For error messages: `listing the branch`. */
  readonly doing: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly input?: string
  /** More output than this ends the call; default 1 MiB. */
  readonly outputBytes?: number
  /** Exit codes that are answers; default only 0. */
  readonly answers?: readonly number[]
}

export interface GitAnswer {
  readonly exitCode: number
  readonly stdout: Buffer
}

/** Git ended in an error of which only its words tell more: they are shown to people, never judged. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed'
}

export class OutputTooLarge extends Error {
  override readonly name = 'OutputTooLarge'
}

export function startGit(program: GitProgram, words: readonly string[]): ChildProcessWithoutNullStreams {
  const { environment, directory } = program
  // A process group of its own: git has children, and they must die with it.
  return spawn('git', [...words], { cwd: directory, env: { ...environment }, detached: true })
}

export function killGit(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    kill(-child.pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}

/** Runs git to its end, within a time and an amount of output. */
export async function runGit(program: GitProgram, call: GitCall): Promise<GitAnswer> {
  const timer = AbortSignal.timeout(call.timeoutMs)
  const ended = await endOf(startGit(program, call.words), call, AbortSignal.any([call.signal, timer]))
  if (ended.cut) throw cutOff(call.doing, call.signal, call.timeoutMs)
  if (ended.tooLarge) throw new OutputTooLarge(call.doing)
  if ((call.answers ?? [0]).includes(ended.exitCode)) return { exitCode: ended.exitCode, stdout: ended.stdout }
  throw new GitFailed(`${call.doing}: git ended with ${ended.exitCode}: ${shown(ended.stderr, program.scrub)}`)
}

interface Ended extends GitAnswer {
  readonly stderr: Buffer
  readonly cut: boolean
  readonly tooLarge: boolean
}

function endOf(child: ChildProcessWithoutNullStreams, call: GitCall, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const stdout = collector(call.outputBytes ?? 1024 * 1024, () => killGit(child))
    const stderr = collector(MOST_STDERR_BYTES)
    const onAbort = () => killGit(child)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    child.stdout.on('data', stdout.take)
    child.stderr.on('data', stderr.take)
    // A child that ends before it has read everything: its exit code says why.
    child.stdin.on('error', () => undefined)
    child.stdin.end(call.input ?? '')
    child.on('error', (error) => {
      signal.removeEventListener('abort', onAbort)
      reject(error)
    })
    child.on('close', (code) => {
      signal.removeEventListener('abort', onAbort)
      const cut = signal.aborted && code === null
      resolve({ exitCode: code ?? -1, stdout: stdout.bytes(), stderr: stderr.bytes(), cut, tooLarge: stdout.full() })
    })
  })
}

function collector(limit: number, onFull: () => void = () => undefined) {
  const chunks: Buffer[] = []
  let size = 0
  return {
    take: (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) return onFull()
      chunks.push(chunk)
    },
    bytes: () => Buffer.concat(chunks),
    full: () => size > limit,
  }
}

function shown(stderr: Buffer, scrub: Scrub): string {
  const text = scrub(stderr.toString('utf8')).replace(/[^\P{C}\n]/gu, '')
  const lines = text.split('\n').map((line) => line.trim())
  const said = lines.filter((line) => line !== '').join('; ') || 'it said nothing'
  // Programs name the reason last.
  return said.length > SHOWN_STDERR_CHARACTERS ? `…${said.slice(-SHOWN_STDERR_CHARACTERS)}` : said
}
