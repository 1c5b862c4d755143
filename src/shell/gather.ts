import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import { Sensitive } from '../model/sensitive.ts'
import { abortable } from './abortable.ts'
import type { Input, Ran, RunOptions } from './shell.ts'

/** A command that runs, here or elsewhere. */
export interface Running {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Its end; rejects where that cannot be known. */
  readonly ended: Promise<Pick<Ran, 'code' | 'signal'>>
  /** Ends it, as far as we can. */
  kill(): void
}

export const DEFAULT_TIMEOUT_MS = 60_000
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024

export interface Gathering {
  readonly clock: Clock
  /** For messages: where, and what. */
  readonly what: string
}

/** Feeds a command, and reads what it prints to its end: bounded in time and size. */
export async function gather(running: Running, options: RunOptions, { clock, what }: Gathering): Promise<Ran> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES } = options
  const over = new AbortController()
  const stdout: Buffer[] = []
  const tooMuch = whenMoreThan(maxBytes, { stream: running.stdout, keep: stdout, what })
  const stderr = keepEnd(running.stderr, maxBytes)
  feed(running.stdin, options.stdin)
  try {
    const timeout = clock.sleep(timeoutMs, over).then(() => Promise.reject(lateError(what, timeoutMs)))
    const end = await abortable(Promise.race([running.ended, tooMuch, timeout]), options.signal)
    return { ...end, stdout: Buffer.concat(stdout), stderr: stderr() }
  } catch (error) {
    running.kill()
    throw error
  } finally {
    over.abort()
  }
}

/** Rejects when there is more; what was read until then stands in `keep`. */
function whenMoreThan(
  maxBytes: number,
  { stream, keep, what }: { readonly stream: Readable; readonly keep: Buffer[]; readonly what: string },
): Promise<never> {
  let bytes = 0
  return new Promise((_, reject) => {
    stream.on('error', () => {}) // `ended` says it
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBytes) keep.push(chunk)
      else reject(new ReconcileError('TargetRefused', { message: `${what} printed more than ${maxBytes} bytes` }))
    })
  })
}

function keepEnd(stream: Readable, maxBytes: number): () => Buffer {
  let kept: Buffer[] = []
  let bytes = 0
  const end = () => Buffer.concat(kept).subarray(-maxBytes)
  stream.on('error', () => {})
  stream.on('data', (chunk: Buffer) => {
    kept.push(chunk)
    bytes += chunk.length
    if (bytes <= 2 * maxBytes) return
    kept = [Buffer.from(end())]
    bytes = kept[0]?.length ?? 0
  })
  return end
}

function feed(stdin: Writable, input: Input = ''): void {
  stdin.on('error', () => {}) // a command may end without reading what it is given
  stdin.end(input instanceof Sensitive ? input.reveal() : input)
}

function lateError(what: string, timeoutMs: number): ReconcileError {
  return new ReconcileError('TimedOut', {
    message: `${what} did not end within ${timeoutMs / 1000} s; what it did is unknown`,
    retryable: true,
  })
}
