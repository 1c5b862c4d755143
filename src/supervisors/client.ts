import type { AddressEntry } from '../lib/addresses.ts'
import { ReconcileError } from '../model/error.ts'
import type { Sensitive } from '../model/sensitive.ts'
import type { CallOptions } from '../model/target.ts'
import { CallFailed, callJson, type JsonAnswer } from '../web/json-call.ts'
import type { Resolve } from '../web/reach.ts'

export interface ClientOptions {
  /** Of its HTTP API, with or without a path before it. */
  readonly url: string
  readonly token?: Sensitive
  readonly allowed: readonly AddressEntry[]
  readonly resolve?: Resolve
  readonly timeoutMs?: number
}

/** What it answered to a question: data, or why there is none: `503 SERVICE_UNAVAILABLE`. */
export type Answer = { readonly data: unknown; readonly total?: number } | { readonly absent: string }

/** The HTTP API of a hal-supervisor: it is read, never written to. */
export interface SupervisorClient {
  /**
   * A question under its token. What does not answer is an absent answer, too.
   * @throws ReconcileError `InvalidSettings`: it does not accept the token
   */
  ask(path: string, options: CallOptions): Promise<Answer>
  /** The same, but nothing coming back is a failure. @throws ReconcileError `TargetUnreachable` */
  askFirst(path: string, options: CallOptions): Promise<Answer>
  /** `/healthz` and `/readyz` have no envelope and ask for no token; 503 is an answer of theirs. */
  health(path: '/healthz' | '/readyz', options: CallOptions): Promise<Answer>
}

/** Its server ends every answer after 15 s. */
const TIMEOUT_MS = 10_000
const MOST_BYTES = 2 * 1024 * 1024

export function createClient(options: ClientOptions): SupervisorClient {
  const { url, token, allowed, resolve, timeoutMs = TIMEOUT_MS } = options
  const base = url.replace(/\/+$/, '')
  const secret = token && { secretHeader: { name: 'authorization', prefix: 'Bearer ', value: token } }
  const call = (path: string, { signal }: CallOptions, login: object = {}): Promise<JsonAnswer> => {
    const to = { url: new URL(`${base}${path}`), allowed, timeoutMs, mostBytes: MOST_BYTES, signal }
    return callJson({ ...to, ...(resolve && { resolve }), ...login })
  }
  const askFirst: SupervisorClient['askFirst'] = async (path, ask) => {
    const answer = await call(path, ask, secret).catch((error: unknown) => {
      throw error instanceof CallFailed ? unreachable(error) : error
    })
    if (answer.status === 401) throw refused(token !== undefined)
    return enveloped(answer)
  }
  return {
    askFirst,
    ask: (path, ask) => askFirst(path, ask).catch(absentWhereUnreachable),
    health: async (path, ask) => {
      try {
        return healthOf(await call(path, ask))
      } catch (error) {
        if (error instanceof CallFailed) return { absent: error.message }
        throw error
      }
    },
  }
}

const absentWhereUnreachable = (error: unknown): Answer => {
  if (error instanceof ReconcileError && error.reason === 'TargetUnreachable') return { absent: error.message }
  throw error
}

const unreachable = (cause: CallFailed): ReconcileError =>
  new ReconcileError('TargetUnreachable', {
    message: cause.message,
    todo: 'see that hal-supervisor runs there, and that its address may be reached: `addresses` of its credential',
    cause,
  })

const refused = (withToken: boolean): ReconcileError =>
  new ReconcileError('InvalidSettings', {
    message: withToken ? 'it does not accept the token (401)' : 'it asks for a token (401)',
    todo: withToken
      ? 'put `server.auth_token` of its configuration into the credential; after a rotation it takes the new one when it restarts'
      : 'name a `credential` of type token in its document, with `server.auth_token` of its configuration',
  })

/** `{data, meta: {total}}`, or `{error, code}`. Its words are not repeated, but for the code. */
function enveloped({ status, json }: JsonAnswer): Answer {
  const body = asMap(json)
  if (status !== 200) return { absent: [status, codeOf(body.code)].filter((word) => word !== '').join(' ') }
  if (!('data' in body)) return { absent: `${status} without data: that is no answer of a hal-supervisor` }
  const { total } = asMap(body.meta)
  return { data: body.data, ...(typeof total === 'number' ? { total } : {}) }
}

/** `200 {status: healthy}`, or which of its components are not there. */
function healthOf({ status, json }: JsonAnswer): Answer {
  const body = asMap(json)
  if (status === 200 && body.status === 'healthy') return { data: body }
  const components = Object.entries(asMap(body.components)).filter(([, one]) => asMap(one).status !== 'ok')
  const names = components.map(([name, one]) => `${plain(name)} ${plain(asMap(one).status)}`).slice(0, 10)
  return { absent: [status, names.join(', ')].filter((word) => word !== '').join(': ') }
}

const codeOf = (code: unknown): string => (typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : '')
const plain = (word: unknown): string => (typeof word === 'string' && /^[\w-]{1,40}$/.test(word) ? word : '?')

export const asMap = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
