import { setMaxListeners } from 'node:events'

export interface FetchBounds {
  /** Of a whole call: connection, headers and body. */
  readonly timeoutMs: number
  readonly maxBytes: number
}

/** Why a call broke off by our own rules. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused'
}

const LONGEST_WAY = 3

/**
 * A fetch that ends: in time, below a size, and at the host that was asked. Redirects are followed to the same origin
 * alone, since the login travels with them. The body is read before it returns: octokit takes one that broke off for an
 * empty text.
 */
export function createBoundedFetch(fetch: typeof globalThis.fetch, bounds: FetchBounds): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const timeout = AbortSignal.timeout(bounds.timeoutMs)
    const controller = new AbortController()
    const forget = [init.signal, timeout].map((signal) => onAbort(signal, (reason) => controller.abort(reason)))
    try {
      const response = await follow(fetch, new URL(String(input)), { ...init, signal: controller.signal })
      return await whole(response, bounds.maxBytes)
    } finally {
      for (const one of forget) one()
    }
  }
}

async function follow(fetch: typeof globalThis.fetch, from: URL, init: RequestInit): Promise<Response> {
  let url = from
  for (let step = 0; step <= LONGEST_WAY; step += 1) {
    const response = await fetch(url, { ...init, redirect: 'manual' })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || response.status === 304 || location === null) return response
    await response.body?.cancel()
    url = nextUrl(new URL(location, url), { from, status: response.status, method: init.method ?? 'GET' })
  }
  throw new FetchRefused(`it redirects more than ${LONGEST_WAY} times`)
}

interface Step {
  readonly from: URL
  readonly status: number
  readonly method: string
}

function nextUrl(to: URL, { from, status, method }: Step): URL {
  if (to.origin !== from.origin) throw new FetchRefused(`it redirects to ${to.host}, which is not followed`)
  // 307 and 308 keep method and body; after the others a write would become a read (RFC 9110, 15.4).
  if (method !== 'GET' && status !== 307 && status !== 308) {
    throw new FetchRefused(
      `it answers a write with a redirect (${status}) to ${to.pathname}: has the repository moved?`,
    )
  }
  return to
}

async function whole(response: Response, maxBytes: number): Promise<Response> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.byteLength
    if (bytes > maxBytes) throw new FetchRefused(`its answer is longer than ${maxBytes} bytes`)
    parts.push(part)
  }
  const { status, statusText, headers } = response
  // A response of these must have no body at all (fetch standard, "null body status").
  const body = [204, 205, 304].includes(status) ? null : Buffer.concat(parts)
  return new Response(body, { status, statusText, headers })
}

/** By hand: `AbortSignal.any` on a long-lived signal leaks in Node 20. */
function onAbort(signal: AbortSignal | null | undefined, act: (reason: unknown) => void): () => void {
  if (!signal) return () => {}
  const listener = () => act(signal.reason)
  if (signal.aborted) listener()
  setMaxListeners(0, signal) // one signal ends the calls of many
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}
