import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Probe } from '../../model/check.ts'
import { lookupOf, NotAllowed, openThere, reach, reasonOf, type TryOptions } from '../../web/reach.ts'
import { readBody, send } from '../../web/request.ts'
import { type Attempt, failed, passed } from './attempt.ts'
import { type Answer, judge, needsBody } from './judge.ts'

export type HttpProbe = Extract<Probe, { type: 'http' }>

const MOST_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** One request of the walk; a redirect leads to the next. */
interface Hop {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
}

/** Refused, or never possible: asking again gives the same. */
class Impossible extends Error {}

export async function tryHttp(probe: HttpProbe, options: TryOptions): Promise<Attempt> {
  const name = `${probe.method} ${nameOf(probe.url)}`
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = AbortSignal.any([timeout, options.signal])
  try {
    const answer = await walk(probe, { ...options, signal })
    const { message, ok } = judge(probe, answer)
    return ok ? passed(`${name}: ${message}`) : failed(`${name}: ${message}`)
  } catch (error) {
    if (timeout.aborted) return failed(`${name}: no answer within ${options.timeoutMs / 1000} s`)
    const final = error instanceof NotAllowed || error instanceof Impossible
    return failed(`${name}: ${reasonOf(error)}`, { final })
  }
}

/** Without user, password, query and fragment: people put secrets there, and messages go to pull requests. */
function nameOf(text: string): string {
  if (!URL.canParse(text)) return 'of a URL that cannot be read'
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}

/** Every hop is resolved and checked by itself: an allowed server may redirect to one that is not (SEC-19). */
async function walk(probe: HttpProbe, options: TryOptions): Promise<Answer> {
  let hop: Hop = { url: checkedUrl(probe.url), method: probe.method, headers: probe.headers }
  for (let redirects = 0; ; redirects++) {
    const response = await sendHop(hop, options)
    const next = probe.redirect === 'follow' ? nextHop(hop, response) : undefined
    if (!next) return answerOf(probe, response, options.signal)
    response.destroy()
    if (redirects >= MOST_REDIRECTS)
      throw new Error(`more than ${MOST_REDIRECTS} redirects, the last to ${nameOf(next.url.href)}`)
    hop = next
  }
}

function checkedUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw new Impossible('the URL cannot be read')
  const url = new URL(text, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Impossible(`${url.protocol} is neither http: nor https:`)
  if (url.username !== '' || url.password !== '')
    throw new Impossible('a URL of a check may not hold a user or password')
  return url
}

async function sendHop({ url, method, headers }: Hop, options: TryOptions): Promise<IncomingMessage> {
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  const { open, signal } = options
  if (open) {
    const stream = await openThere(url.hostname, port, { ...options, open })
    return send({ url, method, headers, stream, signal })
  }
  const addresses = await reach(url.hostname, port, options)
  signal.throwIfAborted()
  return send({ url, method, headers, lookup: lookupOf(addresses), signal })
}

/** As fetch does it: 303, and 301 or 302 after a POST, become a GET; another origin is sent none of the check's headers. */
function nextHop({ url, method, headers }: Hop, response: IncomingMessage): Hop | undefined {
  const { statusCode = 0, headers: answered } = response
  if (!REDIRECTS.has(statusCode) || answered.location === undefined) return undefined
  const next = checkedUrl(answered.location, url)
  const becomesGet = method === 'POST' && statusCode < 307
  return { url: next, method: becomesGet ? 'GET' : method, headers: next.origin === url.origin ? headers : {} }
}

async function answerOf(probe: HttpProbe, response: IncomingMessage, signal: AbortSignal): Promise<Answer> {
  const status = response.statusCode ?? 0
  const headers = flat(response.headers)
  const head = { status, headers, body: { text: '', cut: false, ended: true } }
  if (!needsBody(probe, head)) {
    response.destroy()
    return head
  }
  return { ...head, body: await readBody(response, signal) }
}

function flat(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]))
}
