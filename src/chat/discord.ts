import type { Delivery, Sent, Sink } from '../model/message.ts'
import type { CallOptions } from '../model/target.ts'
import type { ChatRoute } from '../settings/settings.ts'
import { type Answer, call } from './call.ts'
import { type DiscordMessage, discordMessage } from './discord-message.ts'
import { judge, secondsOf } from './judge.ts'
import { sinkNameOf } from './routes.ts'
import { bodyOf, type ChatContext, JSON_BODY, NO_URL, readSecretUrl, type SecretUrl } from './sink-context.ts'

/** Discord's own number for a message that is not there (any more): it was deleted by a person. */
const UNKNOWN_MESSAGE = 10_008

type DiscordRoute = ChatRoute & { readonly type: 'discord' | 'slack-webhook' }

/** A message per incident, edited where it is: when it changes, and when it is resolved. */
export function createDiscordSink(route: DiscordRoute, context: ChatContext): Sink {
  const hook = readSecretUrl(route.url.revealText())
  const name = sinkNameOf(route)
  if (!hook) return { name, send: async () => NO_URL }
  return { name, send: (delivery, { signal }) => send(delivery, { ...context, hook, signal }) }
}

type Sending = ChatContext & CallOptions & { readonly hook: SecretUrl }

async function send(delivery: Delivery, context: Sending): Promise<Sent> {
  const { perhapsSent, before } = delivery
  const body = bodyOf(delivery)
  const message = discordMessage(body, { install: context.install, perhapsSent: perhapsSent && before === undefined })
  const edited = before === undefined ? undefined : await request(message, before, context)
  const sent = edited ?? (await request(message, undefined, context)) ?? GONE
  // What opens again after it was resolved is news: a message of its own, which an edit would not announce.
  if (sent.state !== 'sent' || body.state === 'open') return sent
  const { ref, ...rest } = sent
  return rest
}

const NOT_DISCORD: Sent = { state: 'later', message: 'an answer that Discord does not give: a proxy?', perhaps: true }
const GONE: Sent = { state: 'refused', message: 'HTTP 404: the message that was to be created is unknown' }

/** Undefined: the message to be edited is not there any more. */
async function request(message: DiscordMessage, id: string | undefined, context: Sending): Promise<Sent | undefined> {
  const { secrets } = context.hook
  const called = await call(
    {
      method: id === undefined ? 'POST' : 'PATCH',
      url: urlFor(context.hook, id),
      headers: JSON_BODY,
      body: JSON.stringify(message),
    },
    { ...context, secrets },
  )
  if ('unanswered' in called) return called.unanswered
  const { answer } = called
  if (id !== undefined && answer.status === 404 && answer.json?.code === UNKNOWN_MESSAGE) return undefined
  if (answer.status < 200 || answer.status >= 300) return judge(answer, wordsOf(answer), secrets)
  const ref = answer.json?.id
  return typeof ref === 'string' ? { state: 'sent', ref, ...restOf(answer) } : NOT_DISCORD
}

/** `wait`: the answer comes when the message is kept, and names it. A thread in the URL stays. */
function urlFor({ url }: SecretUrl, id: string | undefined): URL {
  const to = new URL(url)
  to.pathname = to.pathname.replace(/\/+$/, '') + (id === undefined ? '' : `/messages/${encodeURIComponent(id)}`)
  if (id === undefined) to.searchParams.set('wait', 'true')
  return to
}

function wordsOf({ json }: Answer): string {
  const { message, code } = json ?? {}
  return [message, code].filter((word) => typeof word === 'string' || typeof word === 'number').join(', code ')
}

/** Nothing is left of what this webhook may send for now: its own headers say until when. */
function restOf({ headers }: Answer): { readonly waitMs?: number } {
  const waitMs = secondsOf(headers.get('x-ratelimit-reset-after'))
  return headers.get('x-ratelimit-remaining') === '0' && waitMs !== undefined ? { waitMs } : {}
}
