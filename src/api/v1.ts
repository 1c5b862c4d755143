import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { JSON_FORMAT } from '../report/json.ts'
import { actHandler } from './act.ts'
import { actRoutes } from './act-routes.ts'
import { createAudit } from './audit.ts'
import { auditRequests } from './audit-requests.ts'
import { authenticate } from './authenticate.ts'
import { answerOf, notFound } from './errors.ts'
import { eventRoute } from './events.ts'
import type { ApiLimits } from './limits.ts'
import { openApiOf } from './openapi.ts'
import { readHandler } from './read.ts'
import { readRoutes } from './read-routes.ts'
import type { Route } from './route.ts'
import type { ServerOptions } from './server.ts'
import { answerSpend, getSpend, postSpend, spendRoutes, takeSpend } from './spend.ts'

export interface V1Options extends Omit<ServerOptions, 'limits'> {
  readonly limits: ApiLimits
  /** Aborted when the server stops: streams end. */
  readonly stop: AbortSignal
}

/** Everything under bearer tokens. What is not there is 401 as well to whoever has none. */
export function v1Routes(options: V1Options): FastifyPluginAsync {
  const { settings, limits, version } = options
  return async (server) => {
    const audit = createAudit({ ...options, retentionMs: settings.auditRetentionMs })
    server.removeContentTypeParser('text/plain')
    await authenticate(server, { tokens: settings.tokens, limits })
    auditRequests(server, audit)
    server.addHook('onSend', async (_request, reply) => {
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
    })
    server.setNotFoundHandler((request, reply) => reply.code(404).send(answerOf(notFound(), request.id)))
    for (const route of readRoutes) mount(server, route, readHandler(route, options))
    for (const route of actRoutes) mount(server, route, actHandler(route, { ...options, audit }))
    mount(server, getSpend, async () => answerSpend(options.spend))
    mount(server, postSpend, async (request) => takeSpend(options.spend, request))
    mount(server, auditRoute, async (request) => {
      const { limit = '100' } = request.query as { readonly limit?: string }
      return { format: JSON_FORMAT, entries: audit.newest(Number(limit)) }
    })
    mount(server, eventRoute, eventRoute.handler(options))
    server.get('/openapi.json', { config: { scope: 'read' } }, async () => openApiOf(ROUTES, version))
  }
}

const auditRoute: Omit<Route, 'answerTo'> = {
  method: 'GET',
  path: '/audit',
  operation: 'getAudit',
  summary: 'Who asked for what by this API, newest first; what was refused as well.',
  scope: 'admin',
  query: {
    limit: { type: 'string', pattern: '^[1-9][0-9]{0,3}$', description: 'How many; 100 where it is not said.' },
  },
  answer: 'Audit',
}

/** All that the OpenAPI document describes. */
export const ROUTES: readonly Omit<Route, 'answerTo'>[] = [
  ...readRoutes,
  ...actRoutes,
  ...spendRoutes,
  auditRoute,
  eventRoute,
]

type Handler = Parameters<FastifyInstance['route']>[0]['handler']

function mount(server: FastifyInstance, route: Omit<Route, 'answerTo'>, handler: Handler): void {
  const { method, path, scope, operation, query, body } = route
  const closed = { type: 'object', additionalProperties: false }
  server.route({
    method,
    url: path,
    config: { scope, operation },
    schema: {
      ...(query && { querystring: { ...closed, properties: query } }),
      ...(body && { body: { ...closed, ...body } }),
    },
    // Nothing said is nothing asked for beyond the route itself.
    preValidation: async (request) => {
      if (method === 'POST' && request.body === undefined) request.body = {}
    },
    handler,
  })
}
