import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'

/** As much of a body as is read where nobody says more; what an answer has beyond it stays unread. */
const MOST_BODY = 64 * 1024

export interface Body {
  readonly text: string
  /** It went on beyond what is read. */
  readonly cut: boolean
  /** It came to its end, or to what is read, in time. */
  readonly ended: boolean
}

export interface Request {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly lookup?: LookupFunction
  /** A connection that is open already. */
  readonly stream?: Duplex
  readonly signal: AbortSignal
  readonly body?: string
}

/**
 * node:http and not fetch: fetch resolves names by itself, and takes proxies from the environment. No agent: a kept
 * connection would go to an address that was checked for another request.
 */
export function send({ url, method, headers, lookup, stream, signal, body }: Request): Promise<IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http
  const sent = { 'user-agent': 'swarmkeeper', accept: '*/*', ...lowerCase(headers), 'accept-encoding': 'identity' }
  return new Promise((resolve, reject) => {
    // With an agent, node would connect by itself.
    const over = stream
      ? { createConnection: () => overTls(url, stream) }
      : { agent: false, ...(lookup ? { lookup } : {}) }
    const outgoing = request(url, { method, headers: sent, signal, ...over })
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

const overTls = (url: URL, stream: Duplex): Duplex =>
  url.protocol === 'https:' ? connect({ socket: stream, servername: url.hostname }) : stream

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Never rejects: what came until the connection broke or time was up is better than nothing in a report. */
export async function readBody(response: IncomingMessage, signal: AbortSignal, most = MOST_BODY): Promise<Body> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length > most) break
    }
  } catch {
    return { text: textOf(chunks, most), cut: length > most, ended: false }
  }
  return { text: textOf(chunks, most), cut: length > most, ended: !signal.aborted }
}

const textOf = (chunks: readonly Buffer[], most: number): string =>
  Buffer.concat(chunks).subarray(0, most).toString('utf8')
