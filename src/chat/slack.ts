import type { Delivery, Sent, Sink } from '../model/message.ts'
import type { CallOptions } from '../model/target.ts'
import type { ChatRoute } from '../settings/settings.ts'
import { type Answer, call, quoted } from './call.ts'
import { judge, secondsOf } from './judge.ts'
import { sinkNameOf } from './routes.ts'
import { bodyOf, type ChatContext, JSON_BODY, NO_URL, readSecretUrl } from './sink-context.ts'
import { type SlackMessage, slackMessage } from './slack-message.ts'

/** About one message per second and channel (external-apis.md, Slack). */
const BETWEEN_MS = 1_000

/** Slack answers HTTP 200 with `ok: false` and one of its words (docs.slack.dev, chat.postMessage and chat.update). */
const LATER: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
])
/** Something may have been done before it failed. */
const PERHAPS: ReadonlySet<string> = new Set(['internal_error', 'fatal_error', 'request_timeout'])
const STOPPED: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'no_permission',
  'missing_scope',
  'not_allowed_token_type',
  'org_login_required',
  'ekm_access_denied',
  'access_denied',
  'accesslimited',
  'team_access_not_granted',
  'two_factor_setup_required',
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'is_inactive',
  'restricted_action',
  'restricted_action_read_only_channel',
])
/** The message to be edited is not there, or cannot be edited any more. */
const NOT_EDITABLE: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed'])

type SlackRoute = ChatRoute & { readonly type: 'slack' }
type Sending = ChatContext & CallOptions & { readonly route: SlackRoute; readonly api: URL; readonly token: string }

/** By a bot's token: a message per incident, edited where it is. */
export function createSlackSink(route: SlackRoute, context: ChatContext): Sink {
  const name = sinkNameOf(route)
  const api = readSecretUrl(`${route.apiUrl.replace(/\/+$/, '')}/`)?.url
  const token = route.token.revealText().trim()
  if (!api) return { name, send: async () => NO_URL }
  return { name, send: (delivery, { signal }) => send(delivery, { ...context, route, api, token, signal }) }
}

async function send(delivery: Delivery, context: Sending): Promise<Sent> {
  const { perhapsSent, before } = delivery
  const body = bodyOf(delivery)
  const { install } = context
  const message = slackMessage(body, { install, perhapsSent: perhapsSent && before === undefined })
  const edited = before === undefined ? undefined : await edit(message, before, context)
  const sent = edited ?? (await post(message, context))
  // What opens again after it was resolved is news: a message of its own, which an edit would not announce.
  if (sent.state !== 'sent' || body.state === 'open') return sent
  const { ref, ...rest } = sent
  return rest
}

/** `ref` is `channel:ts`: only the answer knows the channel by the name that an edit needs. */
async function edit(message: SlackMessage, ref: string, context: Sending): Promise<Sent | undefined> {
  const [channel = '', ts = ''] = ref.split(':')
  return ask('chat.update', { channel, ts, ...message }, context)
}

async function post(message: SlackMessage, context: Sending): Promise<Sent> {
  const { channel } = context.route
  const quiet = { unfurl_links: false, unfurl_media: false }
  const sent = await ask('chat.postMessage', { channel, ...message, ...quiet }, context)
  return sent ?? { state: 'refused', message: 'Slack says of a new message that it cannot be edited' }
}

async function ask(method: string, body: unknown, context: Sending): Promise<Sent | undefined> {
  const secrets = [context.token]
  const headers = { ...JSON_BODY, authorization: `Bearer ${context.token}` }
  const url = new URL(method, context.api)
  const called = await call({ method: 'POST', url, headers, body: JSON.stringify(body) }, { ...context, secrets })
  if ('unanswered' in called) return called.unanswered
  const { answer } = called
  if (answer.status !== 200) return judge(answer, errorOf(answer), secrets)
  return answer.json?.ok === true ? sentBy(answer) : refusal(answer, secrets)
}

function sentBy({ json }: Answer): Sent {
  const { channel, ts } = json ?? {}
  const ref = typeof channel === 'string' && typeof ts === 'string' ? { ref: `${channel}:${ts}` } : {}
  return { state: 'sent', waitMs: BETWEEN_MS, ...ref }
}

function refusal(answer: Answer, secrets: readonly string[]): Sent | undefined {
  const error = errorOf(answer)
  if (error === '') return { state: 'later', message: 'an answer that Slack does not give: a proxy?', perhaps: true }
  const message = `Slack says ${quoted(error, secrets)}`
  if (NOT_EDITABLE.has(error)) return undefined
  if (STOPPED.has(error)) return { state: 'stopped', message }
  if (!LATER.has(error)) return { state: 'refused', message }
  const waitMs = secondsOf(answer.headers.get('retry-after'))
  const asked = waitMs === undefined ? {} : { waitMs }
  return { state: 'later', message, ...asked, ...(PERHAPS.has(error) ? { perhaps: true } : {}) }
}

const errorOf = ({ json }: Answer): string => (typeof json?.error === 'string' ? json.error : '')
