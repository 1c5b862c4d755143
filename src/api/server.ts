import {
  type FastifyError,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify'
import type { Clock } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Loop } from '../model/loop.ts'
import type { SpendLedger } from '../model/spend.ts'
import type { Store } from '../model/store.ts'
import type { ListenSettings, Settings } from '../settings/settings.ts'
import { answerErrors, answerOf, statusOf } from './errors.ts'
import { healthRoutes } from './health.ts'
import { type ApiLimits, DEFAULT_LIMITS } from './limits.ts'
import { listenAt } from './listen.ts'
import { v1Routes } from './v1.ts'

export interface ServerOptions {
  readonly loop: Loop
  readonly store: Pick<Store, 'shelf'>
  readonly settings: Pick<Settings, 'listen' | 'tokens' | 'auditRetentionMs' | 'pollIntervalMs' | 'install'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: ApiMetrics
  readonly version: string
  /** Routes beside ours, each with limits of its own: webhooks. */
  readonly plugins?: readonly FastifyPluginAsync[]
  readonly limits?: Partial<ApiLimits>
  /** Of budgets, where they are kept. */
  readonly spend?: SpendLedger
}

/** What telemetry is, as far as the HTTP surface needs it. */
interface ApiMetrics {
  readonly contentType: string
  text(): Promise<string>
  /** `route` is a pattern, never a path: paths are without number. */
  requested?(of: { readonly route: string; readonly method: string; readonly status: number }): void
}

export interface Server {
  /** For tests (`inject`), and for plugins that come later. */
  readonly fastify: FastifyInstance
  /** Gives the URL that commands take for `client.url`. */
  listen(): Promise<string>
  /** No new requests, streams end, what is being answered is answered. */
  close(): Promise<void>
}

/** The HTTP surface of the daemon (surface.md, HTTP). */
export async function createServer(options: ServerOptions): Promise<Server> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const { settings, loop, store, clock, metrics } = options
  const server = createFastify(settings.listen, limits)
  const stop = new AbortController()
  answerErrors(server, options)
  observeRequests(server, options)
  healthRoutes(server, { loop, store, clock, pollIntervalMs: settings.pollIntervalMs })
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
  await server.register(v1Routes({ ...options, limits, stop: stop.signal }), { prefix: '/api/v1' })
  for (const plugin of options.plugins ?? []) await server.register(plugin)
  return {
    fastify: server,
    listen: () => listenAt(server, settings.listen),
    close: async () => {
      stop.abort()
      await closed(server, clock, limits.closeMs)
    },
  }
}

/** Whoever does not take an answer does not keep the daemon from its end. */
async function closed(server: FastifyInstance, clock: Clock, waitMs: number): Promise<void> {
  const done = new AbortController()
  clock.sleep(waitMs, { signal: done.signal }).then(
    () => server.server.closeAllConnections(),
    () => undefined,
  )
  await server.close().finally(() => done.abort())
}

function createFastify({ tls }: ListenSettings, limits: ApiLimits): FastifyInstance {
  const times = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    // How often Node looks for connections that are late.
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    maxHeaderSize: 16 * 1024,
  }
  const options = {
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.silentMs,
    forceCloseConnections: 'idle' as const,
    // A path that cannot be decoded comes no further than this.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      void reply.code(statusOf(error)).send(answerOf(error, request.id)),
    // Of a stream, or of a plan, the head alone costs as much as the whole.
    exposeHeadRoutes: false,
    // Ids of resources are one segment, encoded; paths of files are long.
    routerOptions: { maxParamLength: 8 * 1024 },
    // Nothing is taken away or made into another type in silence.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false as const, allErrors: false } },
  }
  const server = tls
    ? // Fastify's types know the two servers apart; nothing here does.
      (fastify({
        ...options,
        https: { ...times, minVersion: 'TLSv1.2', cert: tls.certificate, key: tls.key.reveal() },
      }) as unknown as FastifyInstance)
    : fastify({ ...options, http: times })
  server.server.maxConnections = limits.connections
  return server
}

function observeRequests(server: FastifyInstance, { log, metrics }: ServerOptions): void {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? '(none)'
    const { method } = request
    metrics.requested?.({ route, method, status: reply.statusCode })
    const ms = Math.round(reply.elapsedTime)
    log.debug({ request: request.id, method, route, status: reply.statusCode, ms, from: request.ip }, 'request')
  })
}
