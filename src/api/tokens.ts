import { createHash, timingSafeEqual } from 'node:crypto'
import type { ApiToken, Scope } from '../settings/settings.ts'

/** Longer than any token that we make; what is longer is not hashed. */
const LONGEST = 512

/** The token that was presented, if it is one of ours. All are compared, each in constant time: nothing tells which came near. */
export function tokenOf(header: string | undefined, tokens: readonly ApiToken[]): ApiToken | undefined {
  const [, presented = ''] = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec((header ?? '').slice(0, LONGEST)) ?? []
  const digest = createHash('sha256').update(presented).digest()
  const matching = tokens.filter((token) => sameDigest(Buffer.from(token.sha256, 'hex'), digest))
  return presented === '' ? undefined : matching[0]
}

const sameDigest = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)

/** `reconcile` includes reading, `admin` everything; what sends alerts, or reports spending, reads nothing. */
const INCLUDES: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read', 'reconcile', 'admin'],
  reconcile: ['reconcile', 'admin'],
  alerts: ['alerts', 'admin'],
  spend: ['spend', 'admin'],
  admin: ['admin'],
}

export const mayDo = (token: ApiToken, needed: Scope): boolean =>
  token.scopes.some((scope) => INCLUDES[needed].includes(scope))
