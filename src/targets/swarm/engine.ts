import type { IncomingMessage } from 'node:http'
import type Docker from 'dockerode'
import { messageOf, ReconcileError } from '../../model/error.ts'
import { EngineError } from './engine-error.ts'
import { createLimit } from './limit.ts'
import type { Transport } from './transport.ts'

export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Without version and query: `/services`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** `X-Registry-Auth`: base64url of JSON. */
  readonly registryAuth?: string
  /** More than this of an answer is not read; default 64 MB. */
  readonly maxBytes?: number
}

export interface EngineAnswer {
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  /** The answer was longer than `maxBytes`. */
  readonly cut: boolean
}

/** One Docker engine. */
export interface Engine {
  readonly url: string
  /** Every call is cut after the timeout, and by the signal; rejects with `EngineError`. */
  call(call: EngineCall, signal: AbortSignal): Promise<EngineAnswer>
  close(): void
}

const MAX_BYTES = 64 * 1024 * 1024
/** Calls at once. An sshd allows 10 sessions on a connection (MaxSessions). */
const AT_ONCE = 8

export function createEngine(
  transport: Transport,
  options: { readonly timeoutMs: number; readonly version?: string },
): Engine {
  const version = options.version ? { version: options.version } : {}
  let opening: Promise<Docker> | undefined
  // Its modules are many: who keeps no Swarm does not wait for them.
  const open = async () => {
    const { default: Client } = await import('dockerode')
    return new Client({ ...transport.modem, ...version } as Docker.DockerOptions)
  }
  const limit = createLimit(AT_ONCE)
  return {
    url: transport.url,
    call: (call, signal) =>
      limit(async () => {
        opening ??= open()
        return callOnce(await opening, call, { ...options, signal, url: transport.url })
      }),
    close: () => transport.close(),
  }
}

interface CallContext {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly url: string
}

async function callOnce(docker: Docker, call: EngineCall, context: CallContext): Promise<EngineAnswer> {
  const { signal, timeoutMs } = context
  const name = `${call.method} ${call.path} on ${context.url}`
  return withDeadline(timeoutMs, signal, async (deadline) => {
    const [status, answer] = await ask(docker, call, deadline).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : noAnswer(name, error, timeoutMs)
    })
    if (status >= 200 && status < 300) return answer
    throw new EngineError({ call: name, status, text: errorText(answer.body), sent: true })
  })
}

async function ask(docker: Docker, call: EngineCall, signal: AbortSignal): Promise<readonly [number, EngineAnswer]> {
  const response = await dial(docker, call, signal)
  return [response.statusCode ?? 0, await readAnswer(response, call.maxBytes ?? MAX_BYTES)]
}

/** All statuses reach us: dockerode's own errors keep neither headers nor bounds. */
const EVERY_STATUS = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]))

function dial(docker: Docker, call: EngineCall, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `${call.path}?`,
        method: call.method,
        headers: call.registryAuth === undefined ? {} : { 'X-Registry-Auth': call.registryAuth },
        options: { _query: call.query ?? {}, ...(call.body === undefined ? {} : { _body: call.body }) },
        isStream: true,
        statusCodes: EVERY_STATUS,
        abortSignal: signal,
      },
      (error: Error | null, response: unknown) => (error ? reject(error) : resolve(response as IncomingMessage)),
    )
  })
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<EngineAnswer> {
  const chunks: Buffer[] = []
  let left = maxBytes
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, left))
    left -= chunk.length
    if (left < 0) break // leaving the loop destroys the stream
  }
  return { headers: response.headers, body: Buffer.concat(chunks), cut: left < 0 }
}

/** Signals are joined by hand: `AbortSignal.any` on a long-lived signal leaks in Node 20. */
async function withDeadline<T>(
  ms: number,
  signal: AbortSignal,
  body: (deadline: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const controller = new AbortController()
  const stop = () => controller.abort(signal.reason)
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${ms / 1000} s`)), ms)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await body(controller.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** The connection was never made, so nothing was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'EACCES',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
])

function noAnswer(call: string, error: unknown, timeoutMs: number): ReconcileError {
  const login = error instanceof ReconcileError // SSH logins fail with an error of their own, before any request
  if (login && error.reason !== 'TargetUnreachable') return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const text = code === 'ABORT_ERR' ? `no answer within ${timeoutMs / 1000} s` : messageOf(error)
  const sent = !NOT_SENT.has(code) && !login
  return new EngineError({ call, status: 0, text, sent, cause: error })
}

const LONGEST_TEXT = 600

function errorText(body: Buffer): string {
  const text = body.toString('utf8', 0, 16_384).trim()
  try {
    const parsed: unknown = JSON.parse(text)
    const message = typeof parsed === 'object' && parsed !== null && 'message' in parsed ? parsed.message : undefined
    return (typeof message === 'string' ? message.trim() : text).slice(0, LONGEST_TEXT)
  } catch {
    return text.slice(0, LONGEST_TEXT) // not JSON: a proxy's page
  }
}
