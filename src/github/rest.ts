import { Octokit } from '@octokit/core'
import type { Clock } from '../model/clock.ts'
import type { CallOptions } from '../model/target.ts'
import type { GitHubSettings } from '../settings/settings.ts'
import { createBoundedFetch } from './bounded-fetch.ts'
import { brokenOff, refusal, tooEarly } from './failures.ts'
import type { GitHubError } from './github-error.ts'
import { createLogin, type Login } from './login.ts'
import { createPace, type Pace } from './pace.ts'
import { createRateLimits, type RateLimits } from './rate-limits.ts'

export interface RestOptions {
  readonly clock: Clock
  readonly fetch: typeof globalThis.fetch
  /** `0.1.0` */
  readonly version?: string
  /** Of one call; default 20 s. */
  readonly timeoutMs?: number
}

export interface Call {
  /** GitHub's name of it: `pulls/list`. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** `/repos/{owner}/{repo}/…`; owner and repo are filled in. */
  readonly url: string
  readonly params?: Readonly<Record<string, unknown>>
  /** Of what was answered before: 304 where it still is so. */
  readonly etag?: string
  /** As the App itself, not as its installation. */
  readonly asApp?: true
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly data: unknown
}

/** Every request to GitHub goes through here: login, limits, pace, count. Throws `GitHubError` alone, or the signal's reason. */
export interface Rest {
  ask(call: Call, options: CallOptions): Promise<Answer>
  readonly login: Pick<Login, 'isApp' | 'installationId' | 'secrets'>
  readonly repository: { readonly owner: string; readonly repo: string }
  readonly apiUrl: string
  /** Until something may be written without waiting. */
  writeWaitMs(): number
  rateLimit: RateLimits['seen']
  /** By operation and status: `pulls/list 200`; `pulls/list error` without an answer. */
  calls(): ReadonlyMap<string, number>
}

const API_VERSION = '2022-11-28'
const TIMEOUT_MS = 20_000
/** A page of a hundred comments of the longest kind has 7 MB. */
const MAX_BYTES = 32 * 1024 * 1024
/** What is less is waited for here; for more the caller comes again. */
const PATIENCE_MS = 5_000

// GitHub's own: 900 points a minute (a read has 1, a write 5), 80 creations a minute and 500 an hour. A little is left
// for what others do with the same login.
const POINTS = [{ ms: 60_000, most: 800 }]
const WRITES = [
  { ms: 5_000, most: 15 },
  { ms: 60_000, most: 72 },
  { ms: 3_600_000, most: 470 },
]

interface State {
  readonly octokit: Octokit
  readonly clock: Clock
  readonly limits: RateLimits
  readonly points: Pace
  readonly writes: Pace
  readonly calls: Map<string, number>
  readonly repository: Rest['repository']
  readonly secrets: () => readonly string[]
}

export function createRest(settings: GitHubSettings, options: RestOptions): Rest {
  const { clock, fetch, version = '0', timeoutMs = TIMEOUT_MS } = options
  const { apiUrl, owner, repo } = settings
  const state: State = {
    octokit: new Octokit({
      baseUrl: apiUrl,
      userAgent: `swarmkeeper/${version}`,
      request: { fetch: createBoundedFetch(fetch, { timeoutMs, maxBytes: MAX_BYTES }) },
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    }),
    clock,
    limits: createRateLimits(clock),
    points: createPace(clock, POINTS),
    writes: createPace(clock, WRITES),
    calls: new Map(),
    repository: { owner, repo },
    secrets: () => login.secrets(),
  }
  const login: Login = createLogin({
    login: settings.login,
    clock,
    asApp: async ({ authorization, ...call }, { signal }) => {
      const answer = await send(call, { state, signal, authorization })
      return { data: answer.data, date: answer.headers.date === undefined ? undefined : String(answer.headers.date) }
    },
  })
  return {
    ask: (call, { signal }) => askAs(call, { state, login, signal }),
    login,
    repository: state.repository,
    apiUrl,
    writeWaitMs: () => Math.max(state.limits.waitMs(), state.writes.waitMs(1)),
    rateLimit: state.limits.seen,
    calls: () => new Map(state.calls),
  }
}

interface Asking extends CallOptions {
  readonly state: State
  readonly login: Login
}

/** A token that was taken back, or has run out by their clock, is renewed once. */
async function askAs(call: Call, { state, login, signal }: Asking): Promise<Answer> {
  const authorization = () => (call.asApp ? login.appAuthorization() : login.authorization({ signal }))
  try {
    return await send(call, { state, signal, authorization: await authorization() })
  } catch (error) {
    if (!isRefusedLogin(error) || call.asApp || !login.renew()) throw error
    return send(call, { state, signal, authorization: await authorization() })
  }
}

const isRefusedLogin = (error: unknown): error is GitHubError =>
  error instanceof Error && 'status' in error && error.status === 401

interface Sending extends CallOptions {
  readonly state: State
  readonly authorization: string
}

async function send(call: Call, { state, signal, authorization }: Sending): Promise<Answer> {
  await turn(call, state, signal)
  const { octokit, calls, limits, repository, secrets } = state
  const count = (status: string) => {
    const key = `${call.operation} ${status}`
    calls.set(key, (calls.get(key) ?? 0) + 1)
  }
  const headers = {
    authorization,
    'x-github-api-version': API_VERSION,
    ...(call.etag === undefined ? {} : { 'if-none-match': call.etag }),
  }
  const { method, url, params } = call
  const request = { method, url, ...repository, ...params, headers, request: { signal } }
  const answer = await octokit.request(withoutUnused(request)).catch((error: unknown) => answerIn(error))
  if (answer instanceof BrokenOff) {
    count('error')
    signal.throwIfAborted()
    throw brokenOff(call, answer.cause, secrets())
  }
  count(String(answer.status))
  const limited = limits.note({ ...answer, body: answer.data })
  if (answer.status < 400) return answer
  throw refusal(call, answer, { limited, waitMs: limits.waitMs(), secrets: secrets() })
}

/** What octokit finds no place for in the address it would put into the query or the body. */
function withoutUnused<T extends { readonly url: string }>({ ...request }: T): T {
  for (const key of ['owner', 'repo'] as const) {
    if (!request.url.includes(`{${key}}`)) delete (request as Record<string, unknown>)[key]
  }
  return request
}

class BrokenOff {
  readonly cause: unknown
  constructor(cause: unknown) {
    this.cause = cause
  }
}

/** octokit throws answers from 304 on; what has no answer broke off. */
function answerIn(error: unknown): Answer | BrokenOff {
  const { response } = (error ?? {}) as { readonly response?: Answer }
  return response ?? new BrokenOff(error)
}

/** Nothing goes out while GitHub wants to be left alone, or faster than it can bear. */
async function turn(call: Call, { limits, points, writes, clock }: State, signal: AbortSignal): Promise<void> {
  const write = call.method !== 'GET'
  const cost = write ? 5 : 1
  const paceMs = () => Math.max(points.waitMs(cost), write ? writes.waitMs(1) : 0)
  for (let wait = paceMs(); ; wait = paceMs()) {
    signal.throwIfAborted()
    if (limits.waitMs() > 0) throw tooEarly(call, limits.waitMs(), 'GitHub wants to be left alone')
    if (wait > PATIENCE_MS) throw tooEarly(call, wait, 'it would pass a limit of GitHub')
    if (wait === 0) break
    await clock.sleep(wait, { signal })
  }
  points.spend(cost)
  if (write) writes.spend(1)
}
