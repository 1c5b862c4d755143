import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { type Filters, parseFilters } from './filters.ts'
import { Refusal } from './refusal.ts'

export interface Request {
  readonly method: string
  /** Without version. */
  readonly path: string
  /** The part of the path that names one object. */
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
  /** Refuses keys that this list does not know, as the engine does. */
  filters(known: readonly string[]): Filters
}

export interface Reply {
  readonly status: number
  readonly value?: unknown
  readonly raw?: Buffer
  readonly type?: string
}

export interface RecordedCall {
  readonly method: string
  readonly path: string
  /** As the client asked; empty for an unversioned path. */
  readonly version: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body?: unknown
  status: number
}

export async function readRequest(incoming: IncomingMessage): Promise<RecordedCall> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  const url = new URL(incoming.url ?? '/', 'http://engine')
  const [prefix = '', version = ''] = /^\/v(\d+\.\d+)(?=\/)/.exec(url.pathname) ?? []
  return {
    method: incoming.method ?? '',
    path: decodeURIComponent(url.pathname.slice(prefix.length)),
    version,
    query: url.searchParams,
    headers: incoming.headers,
    ...(text === '' ? {} : { body: parsed(text) }),
    status: 0,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export function toRequest(call: RecordedCall, key: string): Request {
  return {
    ...call,
    key,
    body: call.body,
    filters: (known) => {
      const filters = parseFilters(call.query.get('filters'))
      const stranger = Object.keys(filters).find((name) => !known.includes(name))
      if (stranger !== undefined) throw new Refusal(400, `invalid filter '${stranger}'`)
      return filters
    },
  }
}

export function send(response: ServerResponse, reply: Reply): void {
  if (reply.raw !== undefined) {
    response.writeHead(reply.status, { 'content-type': reply.type ?? 'application/octet-stream' }).end(reply.raw)
  } else if (reply.value === undefined) response.writeHead(reply.status).end()
  else response.writeHead(reply.status, { 'content-type': 'application/json' }).end(`${JSON.stringify(reply.value)}\n`)
}
