import type { FastifyPluginAsync } from 'fastify'
import { JSON_FORMAT } from '../report/json.ts'
import { authenticate } from './authenticate.ts'
import { answerOf, notFound } from './errors.ts'
import type { ApiLimits } from './limits.ts'
import type { ServerOptions } from './server.ts'

export interface V1Options extends Omit<ServerOptions, 'limits'> {
  readonly limits: ApiLimits
  /** Aborted when the server stops: streams end. */
  readonly stop: AbortSignal
}

/** Everything under bearer tokens. What is not there is 401 as well to whoever has none. */
export function v1Routes(options: V1Options): FastifyPluginAsync {
  return async (server) => {
    await authenticate(server, { tokens: options.settings.tokens, limits: options.limits })
    server.setNotFoundHandler((request, reply) => reply.code(404).send(answerOf(notFound(), request.id)))
    server.get('/status', { config: { scope: 'read' } }, async () => ({
      format: JSON_FORMAT,
      ...(await options.loop.engine.status({ signal: options.stop, by: 'api' })),
    }))
  }
}
