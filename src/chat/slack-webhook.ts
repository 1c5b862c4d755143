import type { Delivery, Sent, Sink } from '../model/message.ts'
import type { CallOptions } from '../model/target.ts'
import type { ChatRoute } from '../settings/settings.ts'
import { call } from './call.ts'
import { judge } from './judge.ts'
import { sinkNameOf } from './routes.ts'
import { bodyOf, type ChatContext, JSON_BODY, NO_URL, readSecretUrl, type SecretUrl } from './sink-context.ts'
import { slackMessage } from './slack-message.ts'

const BETWEEN_MS = 1_000

const NOT_SLACK: Sent = { state: 'later', message: 'an answer that Slack does not give: a proxy?', perhaps: true }

type HookRoute = ChatRoute & { readonly type: 'discord' | 'slack-webhook' }

/** By an incoming webhook, which cannot edit: what changes, and the resolution, are messages of their own. */
export function createSlackWebhookSink(route: HookRoute, context: ChatContext): Sink {
  const hook = readSecretUrl(route.url.revealText())
  const name = sinkNameOf(route)
  if (!hook) return { name, send: async () => NO_URL }
  return { name, send: (delivery, { signal }) => send(delivery, { ...context, hook, signal }) }
}

async function send(
  delivery: Delivery,
  context: ChatContext & CallOptions & { readonly hook: SecretUrl },
): Promise<Sent> {
  const { url, secrets } = context.hook
  const { perhapsSent, before } = delivery
  const body = bodyOf(delivery)
  const changed = before !== undefined && body.state === 'open'
  const message = slackMessage(body, { install: context.install, perhapsSent, changed })
  const request = { method: 'POST', url, headers: JSON_BODY, body: JSON.stringify(message) } as const
  const called = await call(request, { ...context, secrets })
  if ('unanswered' in called) return called.unanswered
  const { answer } = called
  if (answer.status !== 200) return judge(answer, answer.text, secrets)
  if (answer.text.trim() !== 'ok') return NOT_SLACK
  return { state: 'sent', waitMs: BETWEEN_MS, ...(body.state === 'open' ? { ref: 'told' } : {}) }
}
