import { createAppAuth } from '@octokit/auth-app'
import type { Clock } from '../model/clock.ts'
import type { CallOptions } from '../model/target.ts'
import type { GitHubSettings } from '../settings/settings.ts'
import { GitHubError } from './github-error.ts'

/** A call of GitHub's App operations with this `authorization`, and what was answered. */
type AsApp = (call: AppCall, options: CallOptions) => Promise<AppAnswer>

interface AppCall {
  /** GitHub's name of it. */
  readonly operation: string
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly authorization: string
}

interface AppAnswer {
  readonly data: unknown
  /** `date` of the answer: how long a token is valid is told by their clock. */
  readonly date: string | undefined
}

/** What proves who we are. */
export interface Login {
  /** For the header of that name. */
  authorization(options: CallOptions): Promise<string>
  /** The one that was given was refused; false: there is no other. */
  renew(): boolean
  /** An App's; with a token there is none. */
  appAuthorization(): Promise<string>
  readonly isApp: boolean
  /** Of the App on the owner of the repository. */
  readonly installationId?: number
  /** For taking them out of texts. */
  secrets(): readonly string[]
}

export interface LoginOptions {
  readonly login: GitHubSettings['login']
  readonly clock: Clock
  readonly asApp: AsApp
}

export function createLogin(options: LoginOptions): Login {
  const { login } = options
  return 'token' in login ? createTokenLogin(login.token.revealText()) : createAppLogin(login, options)
}

function createTokenLogin(token: string): Login {
  return {
    authorization: async () => `token ${token}`,
    renew: () => false,
    appAuthorization: async () => {
      throw new GitHubError('ReportRefused', { message: 'a token cannot act as a GitHub App' })
    },
    isApp: false,
    secrets: () => [token],
  }
}

/** A token of an installation is valid for an hour; a new one is asked for before that. */
const EARLY_MS = 300_000

interface Issued {
  readonly token: string
  /** Monotonic. */
  readonly until: number
}

function createAppLogin(
  login: Extract<GitHubSettings['login'], { readonly appId: number }>,
  { clock, asApp }: LoginOptions,
): Login {
  const { appId, installationId, privateKey } = login
  const auth = createAppAuth({ appId, privateKey: privateKey.revealText(), log: { warn: () => {} } as never })
  let issued: Issued | undefined
  const appAuthorization = async () => `bearer ${(await jwt()).token}`
  const jwt = () =>
    auth({ type: 'app' }).catch(() => {
      // What a library says of a key that it cannot read may quote it.
      throw new GitHubError('ReportRefused', { message: 'the private key of the GitHub App cannot be used' })
    })
  const issue = async (options: CallOptions): Promise<Issued> => {
    const url = `/app/installations/${installationId}/access_tokens`
    const operation = 'apps/create-installation-access-token'
    const authorization = await appAuthorization()
    const answer = await asApp({ operation, method: 'POST', url, authorization }, options)
    return readIssued(answer, clock)
  }
  return {
    authorization: async (options) => {
      if (!issued || clock.monotonic() >= issued.until) issued = await issue(options)
      return `token ${issued.token}`
    },
    renew: () => {
      issued = undefined
      return true
    },
    appAuthorization,
    isApp: true,
    installationId,
    secrets: () => (issued ? [issued.token] : []),
  }
}

function readIssued({ data, date }: AppAnswer, clock: Clock): Issued {
  const { token, expires_at: expires } = (data ?? {}) as { readonly token?: unknown; readonly expires_at?: unknown }
  const lifetime = Date.parse(String(expires)) - Date.parse(String(date))
  if (typeof token !== 'string' || token === '') {
    throw new GitHubError('ReportUnreachable', { message: 'GitHub issued no token for the installation of the App' })
  }
  return { token, until: clock.monotonic() + (Number.isNaN(lifetime) ? EARLY_MS : lifetime) - EARLY_MS }
}
