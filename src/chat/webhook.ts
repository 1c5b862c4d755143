import { createHmac } from 'node:crypto'
import type { Delivery, Sent, Sink } from '../model/message.ts'
import type { Sensitive } from '../model/sensitive.ts'
import type { CallOptions } from '../model/target.ts'
import type { ChatRoute } from '../settings/settings.ts'
import { call } from './call.ts'
import { judge } from './judge.ts'
import { sinkNameOf } from './routes.ts'
import type { ChatContext, SecretUrl } from './sink-context.ts'
import { bodyOf, JSON_BODY, loginOf, NO_URL, readSecretUrl, withoutLogin } from './sink-context.ts'

type WebhookRoute = ChatRoute & { readonly type: 'webhook' }
type Sending = ChatContext & CallOptions & { readonly hook: SecretUrl; readonly secret?: Sensitive }

/**
 * A plain POST of JSON (schemas/webhook/incident.json). Every try of one message has the same bytes and the same
 * `X-Swarmkeeper-Delivery`: who remembers that hears everything once.
 */
export function createWebhookSink(route: WebhookRoute, context: ChatContext): Sink {
  const hook = readSecretUrl(route.url.revealText())
  const name = sinkNameOf(route)
  if (!hook) return { name, send: async () => NO_URL }
  const { secret } = route
  const signs = secret === undefined ? {} : { secret }
  return { name, send: (delivery, { signal }) => send(delivery, { ...context, ...signs, hook, signal }) }
}

async function send(delivery: Delivery, context: Sending): Promise<Sent> {
  const { hook, install, secret } = context
  const { incident, state, since, resolvedAt } = bodyOf(delivery)
  const resolved = resolvedAt === undefined ? {} : { resolvedAt }
  const body = JSON.stringify({ version: 1, id: delivery.id, install, state, since, ...resolved, incident })
  const headers = {
    ...JSON_BODY,
    ...loginOf(hook),
    'x-swarmkeeper-event': 'incident',
    'x-swarmkeeper-delivery': delivery.id,
    'x-swarmkeeper-attempt': String(delivery.attempts + 1),
    ...(secret === undefined ? {} : { 'x-swarmkeeper-signature-256': signatureOf(body, secret) }),
  }
  const secrets = [...hook.secrets, ...(secret === undefined ? [] : [secret.revealText()])]
  const called = await call({ method: 'POST', url: withoutLogin(hook.url), headers, body }, { ...context, secrets })
  if ('unanswered' in called) return called.unanswered
  const { answer } = called
  return answer.status >= 200 && answer.status < 300 ? { state: 'sent' } : judge(answer, answer.text, secrets)
}

/** Over the bytes of the body, as GitHub signs its webhooks. */
const signatureOf = (body: string, secret: Sensitive): string =>
  `sha256=${createHmac('sha256', secret.reveal()).update(body).digest('hex')}`
