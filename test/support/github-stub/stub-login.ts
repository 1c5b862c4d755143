import { createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto'
import type { Clock } from '../../../src/model/clock.ts'
import { Sensitive } from '../../../src/model/sensitive.ts'
import type { GitHubSettings } from '../../../src/settings/settings.ts'

/** Who asks. */
export type Caller = { readonly as: 'user' | 'installation'; readonly login: string } | { readonly as: 'app' }

export interface StubLogin {
  readonly settings: GitHubSettings['login']
  /** As comments of this login are signed. */
  readonly login: string
  /** The `authorization` header; undefined: 401. */
  callerOf(authorization: string | undefined): Caller | undefined
  /** `POST /app/installations/{id}/access_tokens` */
  issue(): { readonly token: string; readonly expires_at: string }
  /** What was issued so far is worth nothing any more. */
  revoke(): void
  readonly issued: number
  /** Of the App's installation; a test may take some away. */
  permissions: Readonly<Record<string, string>>
}

const ALL_RIGHTS = { statuses: 'write', pull_requests: 'write', checks: 'write', contents: 'read', metadata: 'read' }

export const PAT = 'ghp_stubStubStubStubStubStubStubStub1234'

export function createTokenLogin(login = 'fleet-bot'): StubLogin {
  let valid = true
  return {
    settings: { token: new Sensitive(PAT) },
    login,
    callerOf: (authorization) => (valid && tokenIn(authorization) === PAT ? { as: 'user', login } : undefined),
    issue: () => {
      throw new Error('a user cannot issue tokens of an installation')
    },
    revoke: () => {
      valid = false
    },
    issued: 0,
    permissions: ALL_RIGHTS,
  }
}

const APP_ID = 4711
const INSTALLATION_ID = 815
const HOUR_MS = 3_600_000

/** Making a key takes a while: one for all stubs of a process. */
let pair: { readonly privateKey: string; readonly publicKey: string } | undefined

export function createAppLogin(clock: Clock, slug = 'fleet-keeper'): StubLogin {
  pair ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const { privateKey, publicKey } = pair
  /** Until when, in milliseconds that never go back. */
  const tokens = new Map<string, number>()
  let issued = 0
  return {
    settings: { appId: APP_ID, installationId: INSTALLATION_ID, privateKey: new Sensitive(privateKey) },
    login: `${slug}[bot]`,
    callerOf: (authorization) => {
      const token = tokenIn(authorization)
      if ((tokens.get(token) ?? 0) > clock.monotonic()) return { as: 'installation', login: `${slug}[bot]` }
      return isOurJwt(token, publicKey) ? { as: 'app' } : undefined
    },
    issue: () => {
      issued += 1
      const token = `ghs_${randomBytes(18).toString('hex')}`
      tokens.set(token, clock.monotonic() + HOUR_MS)
      return { token, expires_at: `${new Date(clock.now().getTime() + HOUR_MS).toISOString().slice(0, 19)}Z` }
    },
    revoke: () => tokens.clear(),
    permissions: ALL_RIGHTS,
    get issued() {
      return issued
    },
  }
}

const tokenIn = (authorization = ''): string => /^(?:bearer|token) (\S+)$/i.exec(authorization)?.[1] ?? ''

/** RS256, by our key, of our App, valid for ten minutes at most: by the clock of this machine, as the client makes it. */
function isOurJwt(token: string, publicKey: string): boolean {
  const [head = '', body = '', signature = ''] = token.split('.')
  if (!signature) return false
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    createPublicKey(publicKey),
    Buffer.from(signature, 'base64url'),
  )
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { iss: unknown; iat: number; exp: number }
  const now = Date.now() / 1000
  return signed && Number(claims.iss) === APP_ID && claims.exp > now && claims.exp - now <= 600
}
