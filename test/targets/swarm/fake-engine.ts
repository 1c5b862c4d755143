import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Asked {
  readonly method: string
  /** With version and query, as it came. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export interface FakeEngine {
  /** `unix://…` */
  readonly endpoint: string
  readonly asked: readonly Asked[]
  close(): Promise<void>
}

export interface FakeEngineOptions {
  readonly apiVersion?: string
  /** Of `/info`; default: a manager of the Swarm `cluster-1`. */
  readonly swarm?: object
  /** Everything else, by path without version and query; an answer of `hang` never comes. */
  answer?(asked: Asked, path: string): Answer
}

type Answer = { readonly status?: number; readonly body?: unknown } | 'hang' | 'drop'

const MANAGER = { LocalNodeState: 'active', ControlAvailable: true, Cluster: { ID: 'cluster-1' } }

/** As much of an engine as connections need, on a socket of its own; what is said is up to the test. */
export async function startFakeEngine(options: FakeEngineOptions = {}): Promise<FakeEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'fake-engine-'))
  const socket = join(dir, 'docker.sock')
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body }
      asked.push(one)
      respond(one, response, options)
    })
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return {
    endpoint: `unix://${socket}`,
    asked,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function respond(asked: Asked, response: ServerResponse, options: FakeEngineOptions): void {
  const path = asked.url.replace(/^\/v[\d.]+/, '').replace(/\?.*$/, '')
  const answer = ownAnswer(path, options) ?? options.answer?.(asked, path) ?? { body: [] }
  if (answer === 'hang') return
  if (answer === 'drop') {
    response.destroy()
    return
  }
  response.writeHead(answer.status ?? 200, {
    'content-type': 'application/json',
    'api-version': options.apiVersion ?? '1.41',
  })
  response.end(JSON.stringify(answer.body ?? {}))
}

function ownAnswer(path: string, options: FakeEngineOptions): Answer | undefined {
  if (path === '/_ping') return { body: 'OK' }
  return path === '/info' ? { body: { Swarm: options.swarm ?? MANAGER } } : undefined
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? undefined : JSON.parse(text)
}
