import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createRealClock } from '../../../src/lib/real-clock.ts'
import type { Clock } from '../../../src/model/clock.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import type { GitHubSettings } from '../../../src/settings/settings.ts'
import { type Check, type Matched, ourDescription, type Refused } from './description.ts'
import { createFaults, type Fault, type Faults } from './faults.ts'
import { createLimits, GITHUB_LIMITS, type LimitFigures, type Limits, type Verdict } from './limits.ts'
import { AS_APP, OPERATIONS } from './operations.ts'
import type { Site } from './shapes.ts'
import { pageOf, refused, type StubAnswer } from './stub-answer.ts'
import { createAppLogin, createTokenLogin, type StubLogin } from './stub-login.ts'
import { createWebhooks, type Webhooks } from './webhooks.ts'
import { createWorld, type World } from './world.ts'

export interface GitHubStubOptions {
  readonly owner?: string
  readonly repo?: string
  /** Who we are to it; a token of `fleet-bot` where it is not said. */
  readonly login?: 'token' | 'app'
  /** Of its limits and times: the one that the client waits by. */
  readonly clock?: Clock
  readonly limits?: Partial<LimitFigures>
  /** Under which the API is: `/api/v3`, as GitHub Enterprise has it. */
  readonly base?: string
}

interface SeenRequest {
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: unknown
  /** What was answered; 0: nothing. */
  status: number
}

export interface GitHubStub {
  readonly apiUrl: string
  readonly world: World
  readonly login: StubLogin
  readonly limits: Limits
  readonly faults: Faults
  readonly webhooks: Webhooks
  readonly requests: readonly SeenRequest[]
  /** Requests that GitHub's description does not know or refuses. `close` throws where there are any. */
  readonly violations: readonly string[]
  settings(change?: Partial<GitHubSettings>): GitHubSettings
  close(): Promise<void>
}

interface Stub {
  readonly check: Check
  readonly site: Site
  readonly clock: Clock
  readonly base: string
  readonly login: StubLogin
  readonly limits: Limits
  readonly faults: Faults
  readonly requests: SeenRequest[]
  readonly violations: string[]
}

/** GitHub on loopback, with one repository: `githubForTest` in tests, which looks at the violations at their end. */
export async function startGitHub(options: GitHubStubOptions = {}): Promise<GitHubStub> {
  const { owner = 'acme', repo = 'fleet', clock = createRealClock(), base = '' } = options
  const webhooks = createWebhooks(() => stub.site)
  const server = createServer(
    (request, response) => void serve(stub, request, response).catch(() => response.destroy()),
  )
  const check = await ourDescription()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`
  const world = createWorld({ owner, repo, clock, tell: (event) => webhooks.tell(event) })
  const stub: Stub = {
    check,
    site: { world, apiUrl },
    clock,
    base,
    login: options.login === 'app' ? createAppLogin(clock) : createTokenLogin(),
    limits: createLimits(clock, { ...GITHUB_LIMITS, ...options.limits }),
    faults: createFaults(),
    requests: [],
    violations: [],
  }
  const { login, limits, faults, requests, violations } = stub
  return {
    ...{ apiUrl, world, login, limits, faults, webhooks, requests, violations },
    settings: (change) => ({
      ...{ apiUrl, owner, repo, login: login.settings, pollIntervalMs: 60_000 },
      webhookSecrets: [new Sensitive('webhook-secret')],
      ...change,
    }),
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      if (violations.length > 0) throw new Error(`GitHub's description refuses:\n${violations.join('\n')}`)
    },
  }
}

async function serve(stub: Stub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [whole = '', query = ''] = (request.url ?? '').split('?')
  const method = request.method ?? ''
  const path = whole.startsWith(stub.base) ? whole.slice(stub.base.length) : whole
  const body = parsed(await text(request))
  const matched = stub.check({ method, path, query, body })
  const seen: SeenRequest = { operation: matched.operation ?? '?', method, path, query, body, status: 0 }
  stub.requests.push(seen)
  const verdict = stub.limits.take(method !== 'GET' && method !== 'HEAD')
  const fault = stub.faults.next(matched.operation)
  if (fault && fault.kind !== 'lost-answer' && fault.kind !== 'cut-answer')
    return fail(fault, { stub, seen, response, verdict })
  const answered = answer(stub, { request, matched, verdict })
  if (fault?.kind === 'lost-answer') return void request.socket.destroy()
  const cut = fault?.kind === 'cut-answer'
  send({ stub, seen, request, response, cut, ...answered })
}

interface Asked {
  readonly request: IncomingMessage
  readonly matched: Matched | Refused
  readonly verdict: Verdict
}

interface Answered {
  readonly answer: StubAnswer
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
}

function answer(stub: Stub, { request, matched, verdict }: Asked): Answered {
  const plain = (one: StubAnswer, more = {}): Answered => ({
    answer: one,
    headers: { ...verdict.headers, ...more },
    query: {},
  })
  if (verdict.limited) return plain(...limited(verdict))
  if ('violation' in matched) {
    stub.violations.push(matched.violation)
    return plain(refused(matched.operation ? 422 : 404, matched.violation))
  }
  const { params, operation, query } = matched
  const caller = stub.login.callerOf(request.headers.authorization)
  if (!caller) return plain(refused(401, 'Bad credentials'))
  const isApp = AS_APP.has(operation)
  if (isApp !== (caller.as === 'app')) return plain(refused(isApp ? 401 : 403, 'A JSON web token could not be decoded'))
  const { owner, repo } = stub.site.world
  const elsewhere = params.owner !== undefined && (params.owner !== owner || params.repo !== repo)
  if (elsewhere) return plain(refused(404, 'Not Found'))
  const perform = OPERATIONS[operation]
  if (!perform) {
    stub.violations.push(`${operation}: the stub does not know it yet`)
    return plain(refused(501, 'Not in the stub'))
  }
  return { ...plain(perform({ ...matched, site: stub.site, caller, login: stub.login })), query }
}

const limited = (verdict: Verdict): [StubAnswer, Readonly<Record<string, string>>] => {
  const { message = '', about = '', retryAfter } = verdict.limited ?? {}
  const body = { message, documentation_url: about }
  return [{ status: 403, body }, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }]
}

interface Sending extends Answered {
  readonly stub: Stub
  readonly seen: SeenRequest
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly cut: boolean
}

function send({ stub, seen, request, response, answer: given, headers, query, cut }: Sending): void {
  const page = pageOf(given, query, `${stub.site.apiUrl}${seen.path}`)
  const body = JSON.stringify(page.body)
  const etag = `W/"${createHash('sha256').update(body).digest('hex')}"`
  const same = seen.method === 'GET' && given.status === 200 && request.headers['if-none-match'] === etag
  const free = same ? stub.limits.giveBack() : {}
  seen.status = same ? 304 : given.status
  response.writeHead(seen.status, {
    date: stub.clock.now().toUTCString(),
    'content-type': 'application/json; charset=utf-8',
    ...(seen.method === 'GET' && given.status === 200 && { etag }),
    ...headers,
    ...free,
    ...page.headers,
    ...(cut && { 'content-length': String(Buffer.byteLength(body)) }),
  })
  if (cut) response.write(body.slice(0, body.length / 2), () => request.socket.destroy())
  else response.end(same ? undefined : body)
}

interface Failing {
  readonly stub: Stub
  readonly seen: SeenRequest
  readonly response: ServerResponse
  readonly verdict: Verdict
}

function fail(fault: Fault, { stub, seen, response, verdict }: Failing): void {
  if (fault.kind === 'hang') return
  const plain = plainAnswer(fault, stub.limits)
  if (!plain) {
    response.socket?.destroy()
    return
  }
  seen.status = plain.status
  response.writeHead(plain.status, {
    date: stub.clock.now().toUTCString(),
    'content-type': 'application/json',
    ...verdict.headers,
    ...plain.headers,
  })
  response.end(typeof plain.body === 'string' ? plain.body : JSON.stringify(plain.body))
}

/** Undefined: none. */
function plainAnswer(
  fault: Fault,
  limits: Limits,
): (StubAnswer & { readonly headers?: Readonly<Record<string, string>> }) | undefined {
  if (fault.kind === 'page') {
    return { status: 200, body: '<html>Sign in to the proxy</html>', headers: { 'content-type': 'text/html' } }
  }
  if (fault.kind === 'redirect') return { status: fault.status ?? 302, body: {}, headers: { location: fault.to } }
  if (fault.kind === 'status') return { status: fault.status, body: { message: fault.message ?? 'Server Error' } }
  if (fault.kind !== 'primary' && fault.kind !== 'secondary') return undefined
  const verdict = limits.refuse(fault.kind, fault.kind === 'secondary' ? fault.seconds : undefined)
  const [answer, headers] = limited(verdict)
  return { ...answer, headers: { ...verdict.headers, ...headers } }
}

function parsed(body: string): unknown {
  if (body === '') return undefined
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
