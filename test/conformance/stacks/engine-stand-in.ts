import { createServer, type IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** One request that the docker CLI sent. */
export interface RecordedRequest {
  readonly method: string
  /** Without the version of the API. */
  readonly path: string
  /** With its question mark. */
  readonly query: string
  /** Was the login of a registry sent? */
  readonly auth: boolean
  readonly body: unknown
}

export interface EngineStandIn {
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  forget(): void
  stop(): Promise<void>
}

/** What the registry says of every image. */
const DISTRIBUTION = {
  Descriptor: { mediaType: 'application/vnd.oci.image.index.v1+json', digest: `sha256:${'a'.repeat(64)}`, size: 1 },
  Platforms: [
    { architecture: 'amd64', os: 'linux' },
    { architecture: 'arm', os: 'linux', variant: 'v7' },
  ],
}

/** An engine that takes everything and remembers it: a Swarm on which nothing is yet, and where all that is external exists. */
export async function startEngine(): Promise<EngineStandIn> {
  let requests: RecordedRequest[] = []
  const server = createServer(async (incoming, response) => {
    const request = await read(incoming)
    requests.push(request)
    const [status, value] = answer(request)
    response.writeHead(status, { 'content-type': 'application/json', 'api-version': '1.48', ostype: 'linux' })
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(value))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    get requests() {
      return requests
    },
    forget: () => {
      requests = []
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const sent = Buffer.concat(chunks)
  const text = (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent).toString('utf8')
  const url = new URL(incoming.url ?? '/', 'http://engine')
  return {
    method: incoming.method ?? '',
    path: url.pathname.replace(/^\/v[\d.]+/, ''),
    query: url.search,
    auth: 'x-registry-auth' in incoming.headers,
    body: text === '' ? '' : JSON.parse(text),
  }
}

const id = (name: string): string => `id-${name}`

function answer({ method, path, query, body }: RecordedRequest): readonly [number, unknown] {
  const kind = /^\/(secrets|configs)(\/|$)/.exec(path)?.[1]
  if (path === '/_ping') return [200, 'OK']
  if (path === '/info') return [200, { Swarm: { ControlAvailable: true, LocalNodeState: 'active' } }]
  if (path.endsWith('/create')) return [201, { ID: id(nameIn(body)), Id: id(nameIn(body)) }]
  if (kind && path === `/${kind}`) return [200, asked(query).map((Name) => ({ ID: id(Name), Spec: { Name } }))]
  if (kind) return [404, { message: 'not found' }]
  if (/^\/networks\/.+/.test(path)) return [200, { Id: id(path.slice(10)), Name: path.slice(10), Scope: 'swarm' }]
  if (path.startsWith('/distribution/')) return [200, DISTRIBUTION]
  return method === 'GET' ? [200, []] : [404, { message: `not served: ${path}` }]
}

const nameIn = (body: unknown): string => String(Object(body).Name ?? '')

/** The names that a filter asks for: all of them exist. */
function asked(query: string): readonly string[] {
  const filters: unknown = JSON.parse(new URLSearchParams(query).get('filters') ?? '{}')
  const names: unknown = Object(filters).name ?? {}
  return Array.isArray(names) ? names.map(String) : Object.keys(Object(names))
}
