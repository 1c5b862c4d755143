import type { FastifyInstance, FastifyRequest } from 'fastify'
import { failureOf } from './act.ts'
import type { Audit, AuditEntry } from './audit.ts'
import { sourceOf } from './authenticate.ts'
import { userOf } from './call.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a write, from when its body is read. */
    auditKey?: string
    /** It was begun: what becomes of it is written down by whoever carries it out. */
    acting?: boolean
    failure?: Error
  }
  interface FastifyContextConfig {
    operation?: string
  }
}

const TOO_MANY = 429

/** Every request that would change something is written down before it does, and with it what is refused. */
export function auditRequests(server: FastifyInstance, audit: Audit): void {
  server.addHook('preHandler', async (request) => {
    if (isWrite(request) && !keepsItself(request)) request.auditKey = audit.begin(entryOf(request))
  })
  server.addHook('onError', async (request, _reply, error) => {
    request.failure = error
  })
  server.addHook('onResponse', async (request, reply) => {
    // What comes too often is counted by metrics: written down it would fill the disk of whoever is flooded.
    if (!isWrite(request) || request.acting || reply.statusCode === TOO_MANY) return
    const key = request.auditKey ?? audit.begin(entryOf(request))
    const failure = request.failure ? failureOf(request.failure) : {}
    audit.end(key, { outcome: 'refused', ...failure, status: reply.statusCode })
  })
}

/** Reports of spending are kept by their keys. */
const keepsItself = ({ routeOptions }: FastifyRequest): boolean => routeOptions.config.scope === 'spend'

const isWrite = ({ method }: FastifyRequest): boolean => method !== 'GET'

function entryOf(request: FastifyRequest): Omit<AuditEntry, 'outcome'> {
  const { token, routeOptions, method, params, body } = request
  const user = userOf(request)
  const known = routeOptions.config.operation
  const operation = known ?? `${method} ${routeOptions.url ?? '(no such route)'}`
  return {
    ...(token && { actor: token.name }),
    ...(user !== undefined && { user }),
    from: sourceOf(request),
    operation,
    params: known ? (params as AuditEntry['params']) : {},
    // What was not understood is not kept: who knows what stands in it.
    body: request.failure || !token || !known ? undefined : body,
  }
}
