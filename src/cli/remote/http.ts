import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { ReconcileError } from '../../model/error.ts'
import type { Sensitive } from '../../model/sensitive.ts'

/** How a daemon is reached. */
export interface DaemonAddress {
  /** `http://host:port`, `https://host:port` or `unix:/path` */
  readonly url: string
  readonly token?: Sensitive
}

export interface Asking {
  readonly method: 'GET' | 'POST'
  /** Below `/api/v1`. */
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Nothing came for so long; absent: an act takes as long as it takes. */
  readonly silentMs?: number
}

/** One request, to the head of its answer. */
export function ask(address: DaemonAddress, asking: Asking): Promise<IncomingMessage> {
  const { method, body, signal, silentMs } = asking
  const sent = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const request = requestTo(address)({
      ...placeOf(address.url, asking.path),
      method,
      signal,
      // A connection that was kept may have been closed meanwhile: what was asked over it would seem lost.
      agent: false,
      headers: {
        ...(address.token && { authorization: `Bearer ${address.token.revealText()}` }),
        ...(sent !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
        ...asking.headers,
      },
    })
    // What waits for an apply is silent for long: the kernel tells when the other side has gone.
    request.setSocketKeepAlive(true, 15_000)
    if (silentMs !== undefined) request.setTimeout(silentMs, () => request.destroy(timedOut(address.url, silentMs)))
    request.once('response', resolve)
    request.once('error', (error) => reject(signal.aborted ? signal.reason : noAnswer(address.url, error)))
    request.end(sent)
  })
}

const requestTo = ({ url }: DaemonAddress) => (url.startsWith('https:') ? httpsRequest : httpRequest)

function placeOf(url: string, path: string): RequestOptions {
  const whole = `/api/v1${path}`
  if (url.startsWith('unix:')) return { socketPath: url.slice('unix:'.length), path: whole, host: 'localhost' }
  const { hostname, port, pathname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return { host, ...(port === '' ? {} : { port }), path: `${pathname.replace(/\/+$/, '')}${whole}` }
}

/** Larger than a plan of the largest fleet, with its specs. */
const LONGEST = 128 * 1024 * 1024

/** The whole body. */
export async function textOf(url: string, answer: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > LONGEST) throw tooLong(url)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof ReconcileError) throw error
    throw signal.aborted ? signal.reason : noAnswer(url, error as Error)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const tooLong = (url: string): ReconcileError =>
  new ReconcileError('TargetRefused', { message: `the answer of ${url} is longer than ${LONGEST} bytes` })

const timedOut = (url: string, ms: number): ReconcileError =>
  new ReconcileError('TimedOut', {
    message: `the daemon at ${url} said nothing for ${ms / 1000} s`,
    todo: 'see its log; `--local` works on its database instead, where this is its machine',
    retryable: true,
  })

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not open it',
  ECONNRESET: 'it closed the connection',
  ENOTFOUND: 'there is no such name',
}

function noAnswer(url: string, error: NodeJS.ErrnoException): ReconcileError {
  if (error instanceof ReconcileError) return error
  const { code = '', message } = error
  const hint = HINTS[code]
  return new ReconcileError('TargetUnreachable', {
    message: `the daemon at ${url} does not answer: ${hint ? `${hint} (${code})` : code || message}`,
    todo: '`swarmkeeper run` starts it; what it was asked before goes on; `--local` works without it, on its machine',
    retryable: true,
  })
}
