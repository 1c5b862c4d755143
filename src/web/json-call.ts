import type { AddressEntry } from '../lib/addresses.ts'
import { messageOf } from '../model/error.ts'
import type { Sensitive } from '../model/sensitive.ts'
import { lookupOf, type Resolve, reach, reasonOf, resolveByDns } from './reach.ts'
import { readBody, send } from './request.ts'

export interface JsonCall {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  /** Revealed as the request is sent, and never in a message. */
  readonly secretHeader?: { readonly name: string; readonly prefix?: string; readonly value: Sensitive }
  /** Sent as it is. */
  readonly body?: string
  /** `allowedAddresses` of the operator's settings, or the addresses that a credential is bound to. */
  readonly allowed: readonly AddressEntry[]
  readonly resolve?: Resolve
  readonly timeoutMs?: number
  readonly mostBytes?: number
  readonly signal: AbortSignal
}

export interface JsonAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** As it came, for messages. */
  readonly text: string
  /** Undefined where the body is no JSON. */
  readonly json: unknown
}

/** Nothing came back, or not all of it. The message has no secret in it. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
}

const TIMEOUT_MS = 15_000
const MOST_BYTES = 16 * 1024 * 1024

/**
 * One request to where the operator allows it; the name is resolved once (SEC-19), redirects are answers like others.
 * @throws CallFailed
 */
export async function callJson(call: JsonCall): Promise<JsonAnswer> {
  const { url, method = 'GET', allowed, resolve = resolveByDns, body } = call
  const { timeoutMs = TIMEOUT_MS, mostBytes = MOST_BYTES } = call
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = AbortSignal.any([timeout, call.signal])
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  const name = `${method} ${url.protocol}//${url.host}${url.pathname}`
  try {
    const addresses = await reach(url.hostname, port, { allowed, resolve, timeoutMs, signal })
    const lookup = lookupOf(addresses)
    const sent = { url, method, headers: headersOf(call), lookup, signal, ...(body === undefined ? {} : { body }) }
    const response = await send(sent)
    const { text, cut, ended } = await readBody(response, signal, mostBytes)
    if (cut || !ended) throw new CallFailed(cut ? `more than ${mostBytes} bytes` : 'the answer did not come to its end')
    return { status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) }
  } catch (error) {
    call.signal.throwIfAborted()
    const why = timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : wordsOf(error)
    throw new CallFailed(`${name}: ${why}`)
  }
}

const wordsOf = (error: unknown): string => (error instanceof CallFailed ? messageOf(error) : reasonOf(error))

function headersOf({ headers = {}, secretHeader: secret }: JsonCall): Readonly<Record<string, string>> {
  if (!secret) return headers
  return { ...headers, [secret.name]: `${secret.prefix ?? ''}${secret.value.revealText()}` }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // said by `text` and the status
  }
}
