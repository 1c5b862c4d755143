import type { Clock } from '../model/clock.ts'
import type { IncidentBody } from '../model/incident.ts'
import type { Delivery } from '../model/message.ts'

export interface ChatContext {
  readonly fetch: typeof fetch
  readonly clock: Clock
  /** Which swarmkeeper says it. */
  readonly install: string
}

/** What stands in the outbox was put there by us, for this sink. */
export const bodyOf = (delivery: Delivery): IncidentBody => (delivery as Delivery<IncidentBody>).body

/** The URL of a webhook, and every part of it that is a secret of its own. */
export interface SecretUrl {
  readonly url: URL
  readonly secrets: readonly string[]
}

export function readSecretUrl(text: string): SecretUrl | undefined {
  const trimmed = text.trim()
  // Not the error of `new URL`: it holds what it was given.
  if (!URL.canParse(trimmed)) return undefined
  const url = new URL(trimmed)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  const login = [url.username, url.password].filter((part) => part !== '').map(decodeURIComponent)
  const parts = [...url.pathname.split('/'), ...url.searchParams.values()].filter((part) => part.length >= 16)
  return {
    url,
    secrets: [trimmed, url.href, `${url.pathname}${url.search}`, ...parts, ...login, ...encoded(url)].filter(
      (s) => s !== '/',
    ),
  }
}

/** Basic authentication: fetch takes no login in a URL. */
export function loginOf({ url }: SecretUrl): Readonly<Record<string, string>> {
  const [login] = encoded(url)
  return login === undefined ? {} : { authorization: `Basic ${login}` }
}

/** The login as it is sent, which whoever repeats our headers says. */
function encoded(url: URL): readonly string[] {
  if (url.username === '' && url.password === '') return []
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return [Buffer.from(login).toString('base64')]
}

export function withoutLogin(url: URL): URL {
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  return plain
}

export const JSON_BODY = { 'content-type': 'application/json; charset=utf-8' } as const

export const NO_URL = { state: 'stopped', message: 'its URL is none that begins with https:// or http://' } as const
