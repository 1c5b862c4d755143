import type { FastifyRequest } from 'fastify'
import type { Loop } from '../model/loop.ts'
import { WHOLE_TYPE } from '../report/wire.ts'
import { notAllowed } from './authenticate.ts'
import type { Call, Route } from './route.ts'
import { mayDo } from './tokens.ts'

type Words = Readonly<Record<string, string>>

/** Who a client says it speaks for: letters of a login, and no more of them than one has. */
export function userOf({ headers }: FastifyRequest): string | undefined {
  const said = headers['x-swarmkeeper-user']
  const user = typeof said === 'string' ? said.replace(/[^\w.@+-]/g, '').slice(0, 100) : ''
  return user === '' ? undefined : user
}

/** For the history: the token is known, the user is what its holder says. */
function byOf(request: FastifyRequest): string {
  const user = userOf(request)
  const token = `token ${request.token?.name ?? ''}`
  return user === undefined ? token : `${user} (${token})`
}

export function callOf(
  request: FastifyRequest,
  loop: Loop,
  { whole, signal }: { readonly whole: boolean; readonly signal: AbortSignal },
): Call {
  return {
    loop,
    params: request.params as Words,
    query: (request.query ?? {}) as Words,
    body: (request.body ?? {}) as Call['body'],
    ask: { signal, by: byOf(request) },
    whole: whole && request.headers.accept === WHOLE_TYPE,
  }
}

/** @throws ReconcileError `NotAllowed` */
export function refuseBeyondScope(route: Pick<Route, 'needs'>, call: Call, { token }: FastifyRequest): void {
  const needed = route.needs?.(call)
  if (token && needed && !mayDo(token, needed)) throw notAllowed(token, needed)
}
