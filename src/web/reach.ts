import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import { type AddressEntry, allows } from '../lib/addresses.ts'

export interface Address {
  readonly address: string
  readonly family: number
}

/** All addresses of a name. Rejects when it has none. */
export type Resolve = (host: string) => Promise<readonly Address[]>

export const resolveByDns: Resolve = (host) => lookup(host, { all: true })

/** What every try of a check works with. */
export interface TryOptions {
  readonly allowed: readonly AddressEntry[]
  readonly resolve: Resolve
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** To a port as a host sees it, for what is asked from there. */
  readonly open?: Open
}

export type Open = (
  to: { readonly host: string; readonly port: number },
  options: { readonly signal: AbortSignal },
) => Promise<Duplex>

/** Opens what a host can reach: its own loopback, and what the operator's settings allow by the very words of the check. */
export async function openThere(
  host: string,
  port: number,
  options: TryOptions & { readonly open: Open },
): Promise<Duplex> {
  const plain = host.replace(/^\[(.*)\]$/, '$1')
  const own = plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
  const ip = isIP(plain) ? plain : '0.0.0.0'
  if (!own && !allows(options.allowed, { host: plain, port, ip })) throw notAllowed(plain, port, [])
  return options.open({ host: plain, port }, options)
}

/** We may not connect there, whatever answers. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed'
}

/**
 * Addresses that a host was resolved to and that we may connect to. The name is resolved here, once, and the connection is
 * made to these addresses: a name server that answers differently the next time changes nothing (DNS rebinding, SEC-19).
 */
export async function reach(host: string, port: number, options: TryOptions): Promise<readonly Address[]> {
  const plain = host.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(plain)
  const addresses = family ? [{ address: plain, family }] : await orAborted(options.resolve(plain), options.signal)
  const permitted = addresses.filter(({ address }) => allows(options.allowed, { host: plain, port, ip: address }))
  if (permitted.length === 0) throw notAllowed(plain, port, addresses)
  return permitted
}

/** A look-up cannot be called off: its answer is not waited for any more. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function notAllowed(host: string, port: number, addresses: readonly Address[]): NotAllowed {
  const resolved = isIP(host) ? '' : ` (${addresses.map(({ address }) => address).join(', ') || 'no address'})`
  return new NotAllowed(`the operator's settings do not allow ${host}:${port}${resolved}: allowedAddresses`)
}

/** For `net.connect`: gives what was found before, and never asks. */
export function lookupOf(addresses: readonly Address[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses
    if (options.all) callback(null, [...addresses])
    else callback(null, first?.address ?? '', first?.family)
  }
}

/** Why a connection failed, in the words of its code: `connection refused (ECONNREFUSED)`. */
export function reasonOf(error: unknown): string {
  const { code, message } = innermost(error)
  const words = code === undefined ? undefined : WORDS[code]
  return words === undefined ? [message, code && `(${code})`].filter(Boolean).join(' ') : `${words} (${code})`
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'no such name',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'no answer',
}

/** Trying several addresses of a name ends in an AggregateError without a message. */
function innermost(error: unknown): { readonly code?: string; readonly message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0])
  if (error instanceof Error) return error as NodeJS.ErrnoException & { readonly code?: string }
  return { message: String(error) }
}
