import { messageOf } from '../model/error.ts'
import { printable, shorten } from '../report/printable.ts'
import { FetchRefused } from './bounded-fetch.ts'
import { GitHubError } from './github-error.ts'

interface Tried {
  readonly operation: string
  readonly method: string
}

interface Refusing {
  readonly status: number
  readonly data: unknown
}

interface Circumstances {
  readonly limited: boolean
  readonly waitMs: number
  /** Never to be repeated, whoever says them. */
  readonly secrets: readonly string[]
}

/** Who was refused for the login may be let in again when the login is mended: nothing is lost meanwhile. */
const LOGIN_WAIT_MS = 300_000

export function refusal(
  call: Tried,
  { status, data }: Refusing,
  { limited, waitMs, secrets }: Circumstances,
): GitHubError {
  const said = withoutSecrets(wordsOf(data), secrets)
  const message = `GitHub answered ${status} to ${call.operation}${said ? `: ${said}` : ''}`
  if (limited) {
    const seconds = Math.ceil(waitMs / 1000)
    return new GitHubError('ReportUnreachable', {
      status,
      waitMs,
      message: `${message}; it is asked again in ${seconds} s`,
    })
  }
  // 408 and 409 are about the moment, not about what was said.
  if (status >= 500 || status === 408 || status === 409) {
    return new GitHubError('ReportUnreachable', {
      status,
      message,
      perhaps: status >= 500,
      ...(waitMs > 0 && { waitMs }),
    })
  }
  return new GitHubError('ReportRefused', { status, message, ...(status === 401 && { waitMs: LOGIN_WAIT_MS }) })
}

export function brokenOff(call: Tried, cause: unknown, secrets: readonly string[]): GitHubError {
  const why = withoutSecrets(innermost(cause), secrets)
  const refused = isOurs(cause)
  const message = `GitHub gave no usable answer to ${call.operation}: ${why}`
  if (refused) return new GitHubError('ReportRefused', { message, todo: 'check `github.apiUrl` and the repository' })
  return new GitHubError('ReportUnreachable', { message, perhaps: call.method !== 'GET' })
}

export function tooEarly(call: Tried, waitMs: number, why: string): GitHubError {
  const seconds = Math.ceil(waitMs / 1000)
  const message = `${call.operation} was not asked of GitHub: ${why}; in ${seconds} s it is`
  return new GitHubError('ReportUnreachable', { message, waitMs })
}

export function notUnderstood({ operation, method }: Tried, what: string): GitHubError {
  const message = `GitHub's answer to ${operation} is not what it should be: ${what}`
  const todo = 'check that `github.apiUrl` is the REST API of GitHub'
  return new GitHubError('ReportUnreachable', { message, todo, perhaps: method !== 'GET' })
}

/** GitHub's message and what it has against the fields. */
function wordsOf(data: unknown): string {
  if (typeof data !== 'object' || data === null) return ''
  const { message, errors } = data as { readonly message?: unknown; readonly errors?: unknown }
  const fields = (Array.isArray(errors) ? errors : []).map((one: unknown) =>
    typeof one === 'object' && one !== null
      ? String((one as { message?: unknown }).message ?? JSON.stringify(one))
      : String(one),
  )
  return [String(message ?? ''), ...fields].filter((one) => one !== '').join(': ')
}

const LONGEST_SAID = 300

function withoutSecrets(text: string, secrets: readonly string[]): string {
  const clean = secrets.reduce((all, secret) => (secret === '' ? all : all.replaceAll(secret, '[REDACTED]')), text)
  return shorten(printable(clean), LONGEST_SAID)
}

/** fetch says `fetch failed`, and octokit something of its own: the cause of the cause tells why. */
function innermost(error: unknown): string {
  let inner = error
  for (let depth = 0; depth < 5 && inner instanceof Error && inner.cause instanceof Error; depth += 1)
    inner = inner.cause
  if (inner instanceof DOMException && inner.name === 'TimeoutError') return 'it took too long'
  return messageOf(inner) || 'no answer'
}

function isOurs(error: unknown): boolean {
  return error instanceof FetchRefused || (error instanceof Error && error.cause !== undefined && isOurs(error.cause))
}
