import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'

const BACKEND = '/usr/lib/git-core/git-http-backend'

/** What the server does instead of serving. */
export type Fault =
  | { readonly status: number; readonly location?: string }
  | { readonly hang: true }
  /** Ends the connection after so many bytes of the pack. */
  | { readonly cutAfter: number }
  /** Says nothing more after so many bytes of the pack. */
  | { readonly stallAfter: number }
  | { readonly text: string }

export interface GitServer {
  /** `http://127.0.0.1:<port>/<repository>` */
  url(repository: string): string
  /** `GET /site.git/info/refs`, `POST /site.git/git-upload-pack ls-refs`, in order. */
  readonly requests: string[]
  /** Authorization headers that came. */
  readonly credentials: (string | undefined)[]
  /** Answers that stopped in the middle. */
  stalled: number
  /** Where it is set, requests whose line contains `on` meet it; the git program's end with ` by git`. */
  fault: { readonly on: string; readonly does: Fault } | undefined
  /** Where it is set, only this user and password may come in. */
  password: string | undefined
  close(): Promise<void>
}

/** Git's own smart HTTP backend behind Node's server, on a free port of loopback. */
export async function startGitServer(root: string): Promise<GitServer> {
  const requests: string[] = []
  const credentials: (string | undefined)[] = []
  const settings: Pick<GitServer, 'fault' | 'password' | 'stalled'> = {
    fault: undefined,
    password: undefined,
    stalled: 0,
  }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(request)
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const command = /command=([a-z-]+)/.exec(body.toString('latin1'))?.[1]
    const line = `${request.method} ${url.pathname}${command === undefined ? '' : ` ${command}`}`
    requests.push(line)
    credentials.push(request.headers.authorization)
    const fault =
      settings.fault && `${line}${byGit(request)}`.includes(settings.fault.on) ? settings.fault.does : undefined
    if (fault && !isShort(fault)) return misbehave(fault, response)
    const expected = settings.password === undefined ? undefined : `Basic ${btoa(settings.password)}`
    if (expected !== undefined && request.headers.authorization !== expected) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('who are you?')
    }
    await runBackend({ root, request, url, body, response, short: fault, onStall: () => settings.stalled++ })
  }
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(settings, {
    requests,
    credentials,
    url: (repository: string) => `http://127.0.0.1:${port}/${repository}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

type Short = Extract<Fault, { cutAfter: number } | { stallAfter: number }>

const isShort = (fault: Fault): fault is Short => 'cutAfter' in fault || 'stallAfter' in fault

const byGit = ({ headers }: IncomingMessage) => (headers['user-agent']?.startsWith('git/') ? ' by git' : '')

function misbehave(fault: Exclude<Fault, Short>, response: ServerResponse): void {
  if ('hang' in fault) return
  if ('text' in fault) return void response.writeHead(200, { 'content-type': 'text/html' }).end(fault.text)
  const headers = fault.location === undefined ? {} : { location: fault.location }
  response.writeHead(fault.status, headers).end('an answer that repeats secret-token-1234')
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

interface Exchange {
  readonly root: string
  readonly request: IncomingMessage
  readonly url: URL
  readonly body: Buffer
  readonly response: ServerResponse
  readonly short: Short | undefined
  onStall(): void
}

async function runBackend({ root, request, url, body, response, short, onStall }: Exchange): Promise<void> {
  const { headers } = request
  const env = {
    PATH: '/usr/bin:/bin',
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    HOME: root,
    REQUEST_METHOD: request.method ?? '',
    PATH_INFO: url.pathname,
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: headers['content-type'] ?? '',
    CONTENT_LENGTH: String(body.length),
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    HTTP_CONTENT_ENCODING: String(headers['content-encoding'] ?? ''),
  }
  const child = spawn(BACKEND, [], { env, stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.on('error', () => undefined)
  child.stdin.end(body)
  await pipeline(child.stdout, cgiAnswer(short, onStall), (chunks: AsyncIterable<Buffer | CgiHead>) =>
    sendTo(response, chunks),
  )
}

interface CgiHead {
  readonly status: number
  readonly headers: Record<string, string>
}

/** A CGI answer is headers, an empty line, a body. */
function cgiAnswer(short: Short | undefined, onStall: () => void) {
  const most = short === undefined ? Number.POSITIVE_INFINITY : 'cutAfter' in short ? short.cutAfter : short.stallAfter
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer | CgiHead> {
    let head: Buffer | undefined = Buffer.alloc(0)
    let sent = 0
    for await (const chunk of source) {
      let part = chunk
      if (head !== undefined) {
        head = Buffer.concat([head, chunk])
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) continue
        yield parseHead(head.toString('latin1', 0, end))
        part = head.subarray(end + 4)
        head = undefined
      }
      sent += part.length
      if (sent > most) {
        yield part.subarray(0, Math.max(0, part.length - (sent - most)))
        if (short === undefined || 'cutAfter' in short) throw new Error('the connection is cut')
        onStall()
        await new Promise(() => undefined)
      }
      yield part
    }
  }
}

function parseHead(text: string): CgiHead {
  const headers = Object.fromEntries(text.split('\r\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))
  return { status: Number.parseInt(headers.Status ?? '200', 10), headers }
}

async function sendTo(response: ServerResponse, chunks: AsyncIterable<Buffer | CgiHead>): Promise<void> {
  for await (const chunk of chunks) {
    if (Buffer.isBuffer(chunk)) response.write(chunk)
    else response.writeHead(chunk.status, chunk.headers)
  }
  response.end()
}
