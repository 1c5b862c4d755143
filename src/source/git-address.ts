import { ReconcileError } from '../model/error.ts'

type Scheme = 'http' | 'https' | 'ssh' | 'file'

/** Where a repository is, checked: nothing in it can be an option, another protocol or a credential. */
export interface GitAddress {
  readonly url: string
  readonly scheme: Scheme
  /** Of `file://`. */
  readonly folder?: string
}

const SCHEMES: ReadonlySet<string> = new Set<Scheme>(['http', 'https', 'ssh', 'file'])
/** `git@host:path`, the short form of ssh. */
const SHORT_SSH = /^(?<user>[A-Za-z0-9_][\w.-]*)@(?<host>[A-Za-z0-9][A-Za-z0-9.-]*):(?<path>[^/:-][^:]*)$/

export function parseGitAddress(url: string): GitAddress {
  if (/[\s\p{Cc}]/u.test(url) || url.startsWith('-') || url === '') throw refused('it is no address')
  if (SHORT_SSH.test(url)) return { url, scheme: 'ssh' }
  return checked(url, parsed(url))
}

function parsed(url: string): URL {
  try {
    return new URL(url)
  } catch {
    throw refused('it is no address')
  }
}

function checked(url: string, parts: URL): GitAddress {
  const scheme = parts.protocol.slice(0, -1)
  if (!isScheme(scheme) || !url.toLowerCase().startsWith(`${scheme}://`)) throw refused('its scheme is not supported')
  if (parts.password !== '' || (scheme !== 'ssh' && parts.username !== '')) throw holdsCredential()
  if (parts.search !== '' || parts.hash !== '') throw refused("it holds '?' or '#'")
  if ([parts.username, parts.hostname].some((part) => part.startsWith('-')))
    throw refused("a part of it starts with '-'")
  if (scheme === 'file') return { url, scheme, folder: folderOf(parts) }
  if (parts.hostname === '' || parts.pathname.length < 2) throw refused('it lacks a host or a path')
  return { url: url.replace(/\/+$/, ''), scheme }
}

const isScheme = (text: string): text is Scheme => SCHEMES.has(text)

function folderOf(parts: URL): string {
  if (parts.hostname !== '') throw refused('a file:// address names no host')
  return decodeURIComponent(parts.pathname)
}

/** Never with the address: it may hold a credential (SEC-7). */
function refused(why: string): ReconcileError {
  return new ReconcileError('InvalidSettings', {
    message: `the repository's url is refused: ${why}`,
    todo: 'write https://host/path, ssh://user@host/path, git@host:path or file:///path',
  })
}

function holdsCredential(): ReconcileError {
  return new ReconcileError('InvalidSettings', {
    message: "the repository's url is refused: it holds a user name or password, which git would print and store",
    todo: 'take it out of the url and give it by the settings of the repository (token, or user name and password)',
  })
}
