import type { AddressEntry } from '../lib/addresses.ts'
import { ReconcileError } from '../model/error.ts'
import type { Sensitive } from '../model/sensitive.ts'
import { CallFailed, callJson, type JsonAnswer } from '../web/json-call.ts'
import type { Resolve } from '../web/reach.ts'
import type { ActiveAlert, LoadedGroup, QueryAnswer, Runtime } from './answers.ts'
import {
  readAlerts,
  readEvaluationInterval,
  readNames,
  readQuery,
  readRules,
  readRuntime,
  UnreadableAnswer,
} from './read-answers.ts'

export interface PrometheusOptions {
  /** As messages call it: the name of its document. */
  readonly name: string
  /** Address of its HTTP API; a path before `/api/v1` (`--web.route-prefix`) is kept. */
  readonly url: string
  /** Where we may connect to: of its credential, or of the settings. */
  readonly allowed: readonly AddressEntry[]
  /** Sent as a bearer token. */
  readonly token?: Sensitive
  readonly resolve?: Resolve
  /** For each call; 10 s where it is not said. */
  readonly timeoutMs?: number
  /** Of one answer; 16 MiB where it is not said. */
  readonly mostBytes?: number
}

export interface AskOptions {
  readonly signal: AbortSignal
}

/**
 * What we ask of a Prometheus. Everything rejects with `ReconcileError`: `TargetUnreachable` (no answer, not ready, an answer
 * beyond its bounds: retryable), `LoginRefused` (401, 403), `TargetRefused` (it says no, in its own words), or with the
 * reason of the signal.
 */
export interface Prometheus {
  readonly name: string
  /** `time`: as of then; absent: as of its own now. A selector with a range gives the samples as they were scraped. */
  query(expression: string, options: AskOptions & { readonly time?: Date }): Promise<QueryAnswer>
  /** What its own parser says against an expression; undefined: nothing. Nothing is computed. */
  parseError(expression: string, options: AskOptions): Promise<string | undefined>
  rules(options: AskOptions): Promise<readonly LoadedGroup[]>
  /** Pending and firing ones. */
  alerts(options: AskOptions): Promise<readonly ActiveAlert[]>
  runtime(options: AskOptions): Promise<Runtime>
  /** Has this selector any series, now or since then? The series themselves are not fetched. */
  hasSeries(selector: string, options: AskOptions & { readonly since?: Date }): Promise<boolean>
  /** Names of the metrics that it has had series of since then. */
  metricNames(options: AskOptions & { readonly since: Date }): Promise<readonly string[]>
  /** Seconds between evaluations of groups that say nothing of it; undefined where its configuration does not show it. */
  evaluationInterval(options: AskOptions): Promise<number | undefined>
  /** Tells it to read its configuration again. Its 200 proves nothing: ask `runtime` and `rules`. */
  reload(options: AskOptions): Promise<void>
  ready(options: AskOptions): Promise<boolean>
}

export function createPrometheus(options: PrometheusOptions): Prometheus {
  const ask = async <T>(
    path: string,
    read: (data: unknown, warnings: readonly string[]) => T,
    call: Call,
  ): Promise<T> => readEnvelope(await send(path, call, options), { path, read, name: options.name })
  return {
    name: options.name,
    query: (expression, { signal, time }) =>
      ask('/api/v1/query', readQuery, { signal, form: { query: expression, ...timeOf(time) } }),
    parseError: async (expression, { signal }) => {
      // There are no samples of 1970.
      const form = { query: expression, time: '1' }
      const answer = await send('/api/v1/query', { signal, form }, options)
      const { errorType, error } = envelopeOf(answer)
      if (errorType === 'bad_data' && typeof error === 'string') return error.slice(0, MOST_SAID)
      readEnvelope(answer, { path: '/api/v1/query', read: readQuery, name: options.name })
      return undefined
    },
    rules: ({ signal }) => ask('/api/v1/rules', readRules, { signal }),
    alerts: ({ signal }) => ask('/api/v1/alerts', readAlerts, { signal }),
    runtime: ({ signal }) => ask('/api/v1/status/runtimeinfo', readRuntime, { signal }),
    metricNames: ({ signal, since }) =>
      ask(`/api/v1/label/__name__/values?start=${seconds(since)}`, readNames, { signal }),
    evaluationInterval: ({ signal }) => ask('/api/v1/status/config', readEvaluationInterval, { signal }),
    hasSeries: async (selector, { signal, since }) => {
      const now = await ask('/api/v1/query', readQuery, { signal, form: { query: `count(${selector})` } })
      if (now.type === 'vector' && now.series.length > 0) return true
      if (since === undefined) return false
      // What had samples lately and has none now is little. Versions that know no `limit` here overlook it.
      const form = { 'match[]': selector, start: seconds(since), limit: '1' }
      return ask('/api/v1/series', (data) => Array.isArray(data) && data.length > 0, { signal, form })
    },
    reload: async ({ signal }) => {
      // It reads everything before it answers.
      const { status, text } = await send('/-/reload', { signal, form: {} }, { timeoutMs: RELOAD_MS, ...options })
      if (status >= 300) throw refused(options.name, 'POST /-/reload', { status, said: text, todo: reloadTodo(status) })
    },
    ready: async ({ signal }) => (await send('/-/ready', { signal }, options)).status === 200,
  }
}

interface Call extends AskOptions {
  /** Sent by POST: a query may be longer than an address. */
  readonly form?: Readonly<Record<string, string>>
}

const TIMEOUT_MS = 10_000
const RELOAD_MS = 60_000

async function send(path: string, { form, signal }: Call, options: PrometheusOptions): Promise<JsonAnswer> {
  const { name, url, allowed, token, resolve, timeoutMs = TIMEOUT_MS, mostBytes } = options
  const body = form && new URLSearchParams(form).toString()
  try {
    return await callJson({
      url: new URL(`${url.replace(/\/+$/, '')}${path}`),
      ...{ allowed, timeoutMs, signal },
      ...(body === undefined ? {} : { method: 'POST', body, headers: formHeaders(body) }),
      ...(token ? { secretHeader: { name: 'authorization', prefix: 'Bearer ', value: token } } : {}),
      ...(resolve ? { resolve } : {}),
      ...(mostBytes === undefined ? {} : { mostBytes }),
    })
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error
    throw new ReconcileError('TargetUnreachable', {
      message: `the Prometheus '${name}' does not answer: ${error.message}`,
      retryable: true,
      cause: error,
    })
  }
}

const formHeaders = (body: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/x-www-form-urlencoded',
  'content-length': String(Buffer.byteLength(body)),
})

interface Reading<T> {
  readonly path: string
  readonly name: string
  read(data: unknown, warnings: readonly string[]): T
}

/** `{"status":"success","data":…}`, or `{"status":"error","errorType":…,"error":…}` with a status of 4xx or 5xx. */
function readEnvelope<T>(answer: JsonAnswer, { path, name, read }: Reading<T>): T {
  const { status, text } = answer
  const envelope = envelopeOf(answer)
  if (status !== 200 || envelope.status !== 'success') {
    const said = typeof envelope.error === 'string' ? envelope.error : text
    throw refused(name, path, { status, said })
  }
  try {
    return read(envelope.data, Array.isArray(envelope.warnings) ? envelope.warnings.map(String) : [])
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error
    throw refused(name, path, { status, said: `its answer is none of Prometheus: ${error.message}` })
  }
}

const envelopeOf = ({ json }: JsonAnswer): Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null ? (json as Readonly<Record<string, unknown>>) : {}

/** Of what it says, as much as a message holds. */
const MOST_SAID = 500

interface Refusal {
  readonly status: number
  readonly said: string
  readonly todo?: string | undefined
}

/** 503: it is starting, stopping, or cannot run this query now; 502 and 504 are of what stands before it. */
function refused(name: string, path: string, { status, said, todo }: Refusal): ReconcileError {
  const words = said.trim().slice(0, MOST_SAID)
  const message = `the Prometheus '${name}' answered ${path} with ${status}${words === '' ? '' : `: ${words}`}`
  if (status >= 502 && status <= 504) return new ReconcileError('TargetUnreachable', { message, retryable: true })
  const isLogin = (status === 401 || status === 403) && todo === undefined
  if (isLogin) return new ReconcileError('LoginRefused', { message, todo: LOGIN_TODO })
  const next = todo ?? (status < 400 ? NO_PROMETHEUS : undefined)
  return new ReconcileError('TargetRefused', { message, ...(next ? { todo: next } : {}) })
}

const LOGIN_TODO = 'name a `credential` of type token in its document, or correct that credential in the settings'
const NO_PROMETHEUS = 'see what answers at the `url` of its document: redirects are not followed'

/** Prometheus answers 403 `Lifecycle API is not enabled.` (web/web.go). */
const reloadTodo = (status: number): string | undefined =>
  status === 403 || status === 404 || status === 405
    ? 'start it with `--web.enable-lifecycle`, or write `reload: sighup` into its document'
    : undefined

const seconds = (time: Date): string => String(time.getTime() / 1000)
const timeOf = (time: Date | undefined): Readonly<Record<string, string>> => (time ? { time: seconds(time) } : {})
