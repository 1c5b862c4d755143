import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import type { CallOptions } from '../../model/target.ts'

/** Addresses that were found for a name, and may be connected to. */
export type Reach = (
  host: string,
  port: number,
  options: CallOptions,
) => Promise<readonly { readonly address: string; readonly family: number }[]>

interface OpenOptions extends CallOptions {
  /** Without a byte for so long is an end. */
  readonly idleMs: number
}

export type OpenUrl = (url: string, options: OpenOptions) => Promise<IncomingMessage>

interface Connecting extends OpenOptions {
  readonly reach: Reach
  readonly ca?: string
}

const MOST_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * The answer 200 to a GET. Each redirect is checked like the first address: an allowed server may lead to one that is not,
 * or away from https. `http:` is asked where the document itself says so: what comes is checked by its digest.
 */
export async function openUrl(text: string, connecting: Connecting): Promise<IncomingMessage> {
  let url = checked(text)
  for (let redirects = 0; ; redirects++) {
    const response = await get(url, connecting)
    const { statusCode = 0, headers } = response
    if (statusCode === 200) return response
    response.destroy()
    if (!REDIRECTS.has(statusCode) || headers.location === undefined) throw new Error(`it answers ${statusCode}`)
    const next = checked(headers.location, url)
    if (redirects >= MOST_REDIRECTS)
      throw new Error(`more than ${MOST_REDIRECTS} redirects, the last to ${nameOf(next.href)}`)
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw new Error(`it redirects to ${nameOf(next.href)}, which is not https`)
    }
    url = next
  }
}

function checked(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw new Error('the address cannot be read')
  const url = new URL(text, base)
  if (url.protocol === 'https:' || url.protocol === 'http:') return url
  throw new Error(`${url.protocol} is neither http: nor https:`)
}

/** Connects to what was checked, and asks no name server again (SEC-19). No agent: it would keep connections of others. */
async function get(url: URL, { reach, ca, signal, idleMs }: Connecting): Promise<IncomingMessage> {
  const isTls = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const found = await reach(host, Number(url.port) || (isTls ? 443 : 80), { signal })
  signal.throwIfAborted()
  const lookup: LookupFunction = (_host, options, callback) => {
    if (options.all) callback(null, [...found])
    else callback(null, found[0]?.address ?? '', found[0]?.family)
  }
  const headers = { 'user-agent': 'swarmkeeper', accept: '*/*', 'accept-encoding': 'identity' }
  const options = { headers, lookup, signal, agent: false, timeout: idleMs, ...(ca === undefined ? {} : { ca }) }
  return new Promise((resolve, reject) => {
    const { request } = isTls ? https : http
    const outgoing = request(url, options)
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.on('timeout', () => outgoing.destroy(new Error(`nothing came for ${idleMs / 1000} s`)))
    outgoing.end()
  })
}

/** Without user, query and fragment: signed addresses are secrets, and messages go to chats. */
export function nameOf(text: string): string {
  if (!URL.canParse(text)) return 'an address that cannot be read'
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}
