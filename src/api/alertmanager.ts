import type { FastifyPluginAsync } from 'fastify'
import type { SentAlert } from '../model/alert.ts'
import { ReconcileError } from '../model/error.ts'
import type { Log } from '../model/log.ts'
import type { ApiToken } from '../settings/settings.ts'
import { readMessage } from './alertmanager-payload.ts'
import { authenticate, sourceOf } from './authenticate.ts'
import { type ApiLimits, DEFAULT_LIMITS } from './limits.ts'

export interface AlertmanagerOptions {
  readonly tokens: readonly ApiToken[]
  /** Keeps them. What it throws is answered with 5xx, and Alertmanager sends them again. */
  take(sent: readonly SentAlert[]): void
  readonly log: Log
  readonly limits?: Partial<AlertmanagerLimits>
}

interface AlertmanagerLimits extends ApiLimits {
  readonly alertBodyBytes: number
}

/** Each group of alerts is a message of its own. */
const LIMITS: AlertmanagerLimits = { ...DEFAULT_LIMITS, writesPerMinute: 600, alertBodyBytes: 1024 * 1024 }

/**
 * `POST /webhooks/alertmanager`: what fires by Alertmanager, under a bearer token with the scope `alerts`
 * (`http_config.authorization` of its receiver). It is kept before it is answered: unlike what GitHub sends, nobody can
 * ask for it later. The same message twice changes nothing. No text in it is trusted: it is kept clipped, and shown like
 * what comes from anybody.
 */
export function alertmanagerRoutes(options: AlertmanagerOptions): FastifyPluginAsync {
  const { tokens, take, log } = options
  const limits = { ...LIMITS, ...options.limits }
  return async (server) => {
    server.removeContentTypeParser('text/plain')
    await authenticate(server, { tokens, limits })
    server.addHook('onError', async (request, _reply, error) => {
      const status = error.statusCode ?? 500
      log.warn({ from: sourceOf(request), by: request.token?.name, status, error }, 'alerts refused')
    })
    server.post(
      '/webhooks/alertmanager',
      { bodyLimit: limits.alertBodyBytes, config: { scope: 'alerts' } },
      async (request) => {
        const message = readMessage(request.body)
        if (typeof message === 'string') throw notUnderstood(message)
        const { alerts, truncated, wrong } = message
        take(alerts)
        if (wrong !== undefined) throw notUnderstood(`${wrong}; the others of its message are kept`)
        const firing = alerts.filter(({ status }) => status === 'firing').length
        const note = `${firing} firing, ${alerts.length - firing} resolved`
        if (truncated > 0) log.warn({ truncated }, 'Alertmanager left out alerts: `max_alerts` of its receiver')
        log.debug({ by: request.token?.name, truncated }, `alerts: ${note}`)
        return { note }
      },
    )
  }
}

const notUnderstood = (message: string): ReconcileError =>
  new ReconcileError('Usage', { message, todo: 'point a `webhook_configs` receiver of an Alertmanager here' })
