import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Ajv } from 'ajv'

export interface ChatRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** As it came, and read as JSON. */
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface ChatAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** In place of an answer: none ever; the connection cut before, or after, the request was carried out. */
export type ChatFault = 'hang' | 'cut' | 'lose'

export interface ChatStub {
  readonly origin: string
  readonly requests: ChatRequest[]
  /** What no real service would have let pass, or seen gladly: empty at the end of every test. */
  readonly violations: string[]
  /** What the next requests are answered, in order; then what it answers by itself. */
  readonly next: (ChatAnswer | ChatFault)[]
  /** For every request, until it is undefined again. */
  always: ChatAnswer | ChatFault | undefined
  dispose(): Promise<void>
}

const LARGEST = 1_000_000

/** A service on loopback; `carryOut` does what is asked for, and answers. */
export async function startChatStub(carryOut: (request: ChatRequest, stub: ChatStub) => ChatAnswer): Promise<ChatStub> {
  const server = createServer((incoming, response) => void serve(incoming, response))
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming)
    stub.requests.push(request)
    const told = stub.always ?? stub.next.shift()
    if (told === 'hang') return
    if (told === 'cut') return void response.destroy()
    const answer = typeof told === 'object' ? told : carryOut(request, stub)
    if (told === 'lose') return void response.destroy()
    reply(answer, response)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stub: ChatStub = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    violations: [],
    next: [],
    always: undefined,
    dispose: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return stub
}

async function readRequest(incoming: IncomingMessage): Promise<ChatRequest> {
  let text = ''
  incoming.setEncoding('utf8')
  for await (const chunk of incoming) {
    text += chunk
    if (text.length > LARGEST) break
  }
  const url = new URL(incoming.url ?? '/', 'http://stub')
  const { method = '', headers } = incoming
  return { method, path: url.pathname, query: url.searchParams, headers, text, body: objectOf(text) }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

function reply({ status, headers = {}, body }: ChatAnswer, response: ServerResponse): void {
  const plain = typeof body === 'string'
  response.writeHead(status, { 'content-type': plain ? 'text/plain' : 'application/json', ...headers })
  response.end(plain ? body : JSON.stringify(body ?? {}))
}

const CORPUS = join(process.env.SWARMKEEPER_CORPUS ?? '../shared/data', 'chat')

type Complaints = (message: unknown) => readonly string[]

const compiled = new Map<string, Complaints>()

/** What the service's own types say of a message; nothing where the corpus is absent. */
export function messageSchema(name: 'discord' | 'slack'): Complaints {
  const known = compiled.get(name) ?? compile(name)
  compiled.set(name, known)
  return known
}

function compile(name: string): Complaints {
  const file = join(CORPUS, `${name}.schema.json`)
  if (!existsSync(file)) {
    console.warn(`SKIPPED, messages by the types of ${name}: no ${file}`)
    return () => []
  }
  const validate = new Ajv({ strict: false, allErrors: true }).compile(JSON.parse(readFileSync(file, 'utf8')))
  return (message) => (validate(message) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`))
}

/** In code points, as the services count. */
export const tooLong = (what: string, text: unknown, longest: number): readonly string[] => {
  if (text === undefined) return []
  if (typeof text !== 'string') return [`${what} is no text`]
  const length = [...text].length
  return length > longest ? [`${what} has ${length} signs, more than ${longest}`] : []
}
