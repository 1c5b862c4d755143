import { createHmac } from 'node:crypto'
import { Sensitive } from '../model/sensitive.ts'

/** Longer than any request takes, shorter than the half hour that the backend itself gives. */
const LIVES_SECONDS = 600

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token as a Zerg backend makes them: HS256, claims `sub`, `email` and `exp`. */
export function signJwt(
  { secret, subject, email }: { readonly secret: Sensitive; readonly subject: string; readonly email?: string },
  now: Date,
): Sensitive {
  const exp = Math.floor(now.getTime() / 1_000) + LIVES_SECONDS
  const claims = { sub: subject, ...(email === undefined ? {} : { email }), exp }
  const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`
  return new Sensitive(`${signed}.${createHmac('sha256', secret.reveal()).update(signed).digest('base64url')}`)
}
