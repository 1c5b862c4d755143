import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ReconcileError } from '../model/error.ts'
import type { ApiToken, Scope } from '../settings/settings.ts'
import type { ApiLimits } from './limits.ts'
import { mayDo, tokenOf } from './tokens.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; under /api/v1 it is there before any handler runs. */
    token?: ApiToken
  }
  interface FastifyContextConfig {
    scope?: Scope
  }
}

/** Where a request comes from. */
export const sourceOf = (request: FastifyRequest): string => request.socket.remoteAddress ?? 'unix'

/** Before anything else of a request is read: who asks, how often, and whether they may. */
export async function authenticate(
  server: FastifyInstance,
  { tokens, limits }: { readonly tokens: readonly ApiToken[]; readonly limits: ApiLimits },
): Promise<void> {
  await server.register(rateLimit, { global: false })
  const perMinute = (max: number, keyGenerator: (request: FastifyRequest) => string) =>
    server.createRateLimit({ max, timeWindow: 60_000, keyGenerator })
  const failures = perMinute(limits.failuresPerMinute, sourceOf)
  const byToken = (request: FastifyRequest) => request.token?.name ?? ''
  const reads = perMinute(limits.readsPerMinute, byToken)
  const writes = perMinute(limits.writesPerMinute, byToken)
  const reports = perMinute(limits.reportsPerMinute, byToken)
  server.addHook('onRequest', async (request, reply) => {
    const token = tokenOf(request.headers.authorization, tokens)
    if (!token) {
      await within(failures, request, reply)
      reply.header('www-authenticate', 'Bearer')
      throw unknownToken(tokens)
    }
    request.token = token
    const needed = request.routeOptions.config.scope
    const written = needed === 'spend' ? reports : writes
    await within(request.method === 'GET' ? reads : written, request, reply)
    if (needed && !mayDo(token, needed)) throw notAllowed(token, needed)
  })
}

async function within(
  limit: ReturnType<FastifyInstance['createRateLimit']>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const found = await limit(request)
  if (found.isAllowed || !found.isExceeded) return
  reply.header('retry-after', found.ttlInSeconds)
  throw Object.assign(new Error(`too many requests: ${found.max} a minute are taken`), { statusCode: 429 })
}

function unknownToken(tokens: readonly ApiToken[]): Error {
  const none = tokens.length === 0
  return Object.assign(
    new ReconcileError('NotAllowed', {
      message: none ? 'the API has no tokens yet, so nobody may ask' : 'this needs a token',
      todo: none
        ? '`swarmkeeper token` makes one, and says what to write into the settings'
        : 'send `Authorization: Bearer TOKEN`; `swarmkeeper token` makes one',
    }),
    { statusCode: 401 },
  )
}

export const notAllowed = (token: ApiToken, needed: Scope): ReconcileError =>
  new ReconcileError('NotAllowed', {
    message: `the token ${token.name} may ${token.scopes.join(', ')}; this needs ${needed}`,
  })
