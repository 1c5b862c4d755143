import type { Clock } from '../model/clock.ts'
import type { Sent } from '../model/message.ts'
import { printable, shorten } from '../report/printable.ts'

const TIMEOUT_MS = 10_000
/** Of an answer; the rest of a longer one is not read. */
const LONGEST_ANSWER = 64 * 1024
const LONGEST_QUOTE = 200

export interface CallContext {
  readonly fetch: typeof fetch
  readonly clock: Clock
  readonly signal: AbortSignal
  /** What never stands in a message of ours, though the other side may repeat it. */
  readonly secrets: readonly string[]
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined where it is no JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined
}

export type Called = { readonly answer: Answer } | { readonly unanswered: Sent }

/** One request, with its time and the length of its answer bounded; a redirect is an answer like any other (SEC-19). */
export async function call(request: Call, context: CallContext): Promise<Called> {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  context.signal.addEventListener('abort', end, { once: true })
  const timer = context.clock.sleep(TIMEOUT_MS, { signal: ending.signal }).then(end, () => {})
  try {
    if (context.signal.aborted) end()
    return { answer: await ask(request, context.fetch, ending.signal) }
  } catch (error) {
    return { unanswered: unanswered(error, { late: ending.signal.aborted && !context.signal.aborted }) }
  } finally {
    end()
    context.signal.removeEventListener('abort', end)
    await timer
  }
}

async function ask({ method, url, headers = {}, body }: Call, get: typeof fetch, signal: AbortSignal): Promise<Answer> {
  const response = await get(url, {
    method,
    redirect: 'manual',
    signal,
    headers: { 'user-agent': 'swarmkeeper', ...headers },
    ...(body === undefined ? {} : { body }),
  })
  const text = await readBounded(response)
  return { status: response.status, headers: response.headers, text, json: objectOf(text) }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    length += chunk.byteLength
    if (length > LONGEST_ANSWER) break
  }
  return Buffer.concat(chunks).subarray(0, LONGEST_ANSWER).toString('utf8')
}

function objectOf(text: string): Answer['json'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined // SyntaxError: a page of a proxy, or `ok`
  }
}

/** The request did not leave this machine, or nobody was there to take it. */
const NOT_ARRIVED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EPROTO',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Only codes are told: the messages of such errors may hold the URL. */
function unanswered(error: unknown, { late }: { readonly late: boolean }): Sent {
  if (late) return { state: 'later', message: `no answer within ${TIMEOUT_MS / 1000} s`, perhaps: true }
  const code = codeOf(error)
  const message = `no answer${code === undefined ? '' : ` (${code})`}`
  return { state: 'later', message, ...(code !== undefined && NOT_ARRIVED.has(code) ? {} : { perhaps: true }) }
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  const code = (cause as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : undefined
}

/** What the other side said, as it can stand in a log. */
export function quoted(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '[REDACTED]')
  return shorten(printable(clean.replace(/\s+/g, ' ').trim()), LONGEST_QUOTE)
}
