import type { Settings as WrittenSettings } from '../model/written/settings.ts'
import type { ReadSecret } from './build-settings.ts'
import type { Report } from './load-settings.ts'
import type { RepositorySettings } from './settings.ts'

type WrittenRepository = WrittenSettings['repository']

interface Context {
  readonly report: Report
  readonly secret: ReadSecret
}

type Login = Pick<RepositorySettings, 'auth' | 'ssh'>

export function buildRepository(written: WrittenRepository, context: Context): RepositorySettings | undefined {
  const refuse = (key: string, message: string): undefined => {
    context.report('error', { pointer: `/repository/${key}`, message })
  }
  if (holdsLogin(written.url))
    return refuse('url', 'holds a user or password: give them as username, password or token')
  const contradiction = contradictionIn(written)
  if (contradiction) return refuse(contradiction.key, contradiction.message)
  const login = readLogin(written, context)
  if (!login) return undefined
  if (login.auth && isOpenLine(written.url)) {
    const message = 'http:// sends the password to whoever listens: use https://'
    context.report('warning', { pointer: '/repository/url', message })
  }
  const { url, branch = 'main', path = '' } = written
  return { url, branch, path: path.replace(/^(\.\/+)+|^\.$|\/+$/g, ''), ...login }
}

const isSsh = (url: string): boolean => /^ssh:\/\//i.test(url) || /^[^/:]+@[^/:]+:/.test(url)

/** `ssh://git@host` and `git@host:path` name the user; nothing else may, and nothing a password (SEC-7). */
function holdsLogin(url: string): boolean {
  const authority = /^[a-z+.-]+:\/\/([^/]*)@/i.exec(url)?.[1]
  return authority !== undefined && (!isSsh(url) || authority.includes(':'))
}

function isOpenLine(url: string): boolean {
  return /^http:\/\//i.test(url) && !/^http:\/\/(localhost|127\.[0-9.]+|\[::1\])([:/]|$)/i.test(url)
}

function contradictionIn(written: WrittenRepository): { readonly key: string; readonly message: string } | undefined {
  const { url, token, username, password, sshKey, knownHosts } = written
  if (token && (username !== undefined || password))
    return { key: 'token', message: 'is one way to log in, username and password another' }
  if (username !== undefined && !password) return { key: 'username', message: "'password' is missing" }
  if (password && username === undefined) return { key: 'password', message: "'username' is missing" }
  if ((token || password) && !/^https?:\/\//i.test(url))
    return { key: 'url', message: 'a token or password is for http(s):// only' }
  if (sshKey && !isSsh(url)) return { key: 'sshKey', message: 'is for ssh:// and user@host:path only' }
  if (sshKey && knownHosts === undefined) {
    return {
      key: 'sshKey',
      message: "'knownHosts' is missing: `ssh-keyscan HOST` prints the lines; compare them with the server's own",
    }
  }
  return undefined
}

/** Undefined when a secret could not be read. */
function readLogin(
  { token, username, password, sshKey, knownHosts }: WrittenRepository,
  { secret }: Context,
): Login | undefined {
  if (token) {
    const read = secret(token, '/repository/token')
    return read && { auth: { token: read.value } }
  }
  if (password && username !== undefined) {
    const read = secret(password, '/repository/password')
    return read && { auth: { username, password: read.value } }
  }
  if (sshKey && knownHosts !== undefined) {
    const read = secret(sshKey, '/repository/sshKey')
    return read && { ssh: { key: read.value, ...(read.file !== undefined && { keyFile: read.file }), knownHosts } }
  }
  return {}
}
