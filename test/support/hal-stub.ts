import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface HalAnswer {
  readonly status: number
  readonly body: unknown
}

export interface HalNode {
  readonly status: 'online' | 'offline' | 'degraded'
  /** Tool -> status. */
  readonly logins: Readonly<Record<string, string>>
  readonly sync: 'in_sync' | 'drift_detected' | 'unknown'
}

/** The HTTP API of hal-supervisor (facts 2.1), as its last release answers, or as its documents say that it would. */
export interface HalStub {
  readonly url: string
  readonly token: string
  /** Since the last start: empty until agents reconnect. */
  readonly nodes: Map<string, HalNode>
  /** As documented, where its releases answer 503 or an empty list. */
  documented: { readonly cost?: unknown; readonly sessions?: readonly unknown[]; readonly ready?: true }
  /** `GET /api/v1/nodes`, in order. */
  readonly requests: string[]
  /** What the service knows no such question for: empty at the end of every test. */
  readonly violations: string[]
  /** In place of every answer: none ever, the connection cut, or this. */
  always: HalAnswer | 'hang' | 'cut' | undefined
  /** In place of the answer to this path. */
  readonly instead: Map<string, HalAnswer>
  dispose(): Promise<void>
}

const TOKEN = 'hal-canary-0123456789abcdef0123456789abcdef'
const AT = '2026-11-21T12:00:00Z'

export async function startHalStub(token = TOKEN): Promise<HalStub> {
  const server = createServer((request, response) => serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stub: HalStub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    nodes: new Map(),
    documented: {},
    requests: [],
    violations: [],
    always: undefined,
    instead: new Map(),
    dispose: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  function serve(request: IncomingMessage, response: ServerResponse): void {
    stub.requests.push(`${request.method} ${request.url}`)
    if (stub.always === 'hang') return
    if (stub.always === 'cut') return void response.destroy()
    const { status, body } = stub.always ?? answerTo(request, stub)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  return stub
}

const data = (value: unknown, total?: number): HalAnswer => ({
  status: 200,
  body: { data: value, ...(total === undefined ? {} : { meta: { total, limit: 100, offset: 0 } }) },
})
const error = (status: number, code: string, words: string): HalAnswer => ({ status, body: { error: words, code } })
const unavailable = (what: string): HalAnswer => error(503, 'SERVICE_UNAVAILABLE', `${what} not available`)

/** Which questions there are, and the parameters that they take. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  '/healthz': [],
  '/readyz': [],
  '/api/v1/nodes': [],
  '/api/v1/auth/drift': [],
  '/api/v1/sessions': ['project', 'status', 'node_id', 'limit'],
  '/api/v1/cost': ['period'],
}

function answerTo(request: IncomingMessage, stub: HalStub): HalAnswer {
  const { pathname, searchParams } = new URL(request.url ?? '/', stub.url)
  const [, encoded] = /^\/api\/v1\/nodes\/([^/]+)\/auth$/.exec(pathname) ?? []
  const parameters = encoded === undefined ? PARAMETERS[pathname] : []
  const wrong = [...searchParams.keys()].filter((name) => !parameters?.includes(name))
  if (request.method !== 'GET') stub.violations.push(`${request.method} ${pathname}: nothing is written to it`)
  if (parameters === undefined || wrong.length > 0) {
    stub.violations.push(`${pathname}: no such question ${wrong.join(', ')}`)
    return error(404, 'NOT_FOUND', 'not found')
  }
  if (!pathname.startsWith('/api/')) {
    if (request.headers.authorization !== undefined) stub.violations.push(`${pathname}: a token that is not asked for`)
    return stub.instead.get(pathname) ?? health(pathname, stub)
  }
  if (request.headers.authorization !== `Bearer ${stub.token}`) return error(401, 'AUTH_REQUIRED', 'unauthorized')
  return (
    stub.instead.get(pathname) ?? (encoded === undefined ? listed(pathname, searchParams, stub) : auth(encoded, stub))
  )
}

function health(pathname: string, { documented }: HalStub): HalAnswer {
  if (pathname === '/healthz') return { status: 200, body: { status: 'healthy', components: {}, timestamp: AT } }
  const status = documented.ready ? 'ok' : 'unavailable'
  const components = {
    database: { status },
    websocket_hub: { status: 'ok' },
    command_dispatcher: { status },
    cost_aggregator: { status },
  }
  const body = { status: documented.ready ? 'healthy' : 'unhealthy', components, timestamp: AT }
  return { status: documented.ready ? 200 : 503, body }
}

function listed(pathname: string, query: URLSearchParams, { nodes, documented }: HalStub): HalAnswer {
  switch (pathname) {
    case '/api/v1/nodes':
      return data(
        [...nodes].map(([id, { status }]) => ({ id, hostname: id, status, last_heartbeat: AT, connected_at: AT })),
        nodes.size,
      )
    case '/api/v1/auth/drift':
      return data(
        [...nodes]
          .filter(([, { sync }]) => sync === 'drift_detected')
          .map(([node_id, { sync }]) => ({ node_id, credential_sync: sync, credential_version: 3 })),
      )
    case '/api/v1/sessions':
      // Go writes an empty list as null.
      return data(documented.sessions ?? null, documented.sessions?.length ?? 0)
    default:
      if (!['today', 'week', 'month'].includes(query.get('period') ?? 'today')) {
        return error(400, 'BAD_REQUEST', 'invalid period')
      }
      return documented.cost === undefined ? unavailable('cost aggregator') : data(documented.cost)
  }
}

function auth(encoded: string, { nodes }: HalStub): HalAnswer {
  const id = decodeURIComponent(encoded)
  const node = nodes.get(id)
  if (!node) return error(404, 'NOT_FOUND', 'node not found')
  const states = Object.entries(node.logins).map(([tool, status]) => [tool, { tool, status, checked_at: AT }])
  return data({
    node_id: id,
    auth_states: Object.fromEntries(states),
    credential_sync: node.sync,
    credential_version: 3,
  })
}

/** What `/api/v1/cost?period=today` is documented to answer. */
export const halCost = (total: number, rest: object = {}): unknown => ({
  period: 'today',
  total_tokens: 12_000,
  total_cost_usd: total,
  by_provider: [{ provider: 'anthropic', tokens: 12_000, cost_usd: total }],
  by_model: [],
  by_project: [{ project: 'project-1', tokens: 9000, cost_usd: total / 2 }],
  degraded_providers: [],
  ...rest,
})
