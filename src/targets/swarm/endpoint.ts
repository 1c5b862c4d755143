import { isIP } from 'node:net'
import { ReconcileError } from '../../model/error.ts'

export type Endpoint =
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | { readonly type: 'ssh'; readonly user: string; readonly host: string; readonly port: number; readonly path: string }

const DOCKER_SOCKET = '/var/run/docker.sock'
const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i
const USER = /^[a-z_][a-z0-9_.-]*$/i

/** Nothing is a default that was not written: an empty or odd user or host is refused (SEC-5, SEC-26). */
export function parseEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.search !== '' || url.hash !== '' || url.password !== '') throw refused(text)
  if (url.protocol === 'unix:') return parseUnix(text, url)
  if (url.protocol === 'tcp:') return parseTcp(text, url)
  if (url.protocol === 'ssh:') return parseSsh(text, url)
  throw refused(text)
}

function parseUnix(text: string, url: URL): Endpoint {
  if (url.host !== '' || url.username !== '' || url.pathname.length < 2) throw refused(text)
  return { type: 'unix', path: decodeURIComponent(url.pathname) }
}

function parseTcp(text: string, url: URL): Endpoint {
  if (url.username !== '' || !['', '/'].includes(url.pathname) || url.port === '') throw refused(text)
  return { type: 'tcp', host: hostOf(text, url), port: Number(url.port) }
}

function parseSsh(text: string, url: URL): Endpoint {
  const user = url.username
  if (!USER.test(user)) throw refused(text)
  const path = ['', '/'].includes(url.pathname) ? DOCKER_SOCKET : decodeURIComponent(url.pathname)
  return { type: 'ssh', user, host: hostOf(text, url), port: url.port === '' ? 22 : Number(url.port), path }
}

function hostOf(text: string, url: URL): string {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) === 0 && !HOST.test(host)) throw refused(text)
  return host
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** The text is not repeated when it might carry a password. */
function refused(text: string): ReconcileError {
  const shown = text.includes('@') && !/^ssh:\/\/[^:@]*@/.test(text) ? 'an endpoint with a password in it' : `'${text}'`
  return new ReconcileError('InvalidSettings', {
    message: `${shown} is not an endpoint of a Docker engine`,
    todo: 'write unix:///path/of/docker.sock, tcp://host:port or ssh://user@host[:port]',
  })
}
