import { type ChatAnswer, type ChatRequest, type ChatStub, messageSchema, startChatStub, tooLong } from './chat-stub.ts'

interface Text {
  readonly type: string
  readonly text: string
}

export interface SlackMessageSeen {
  readonly text: string
  readonly blocks: readonly { readonly type: string; readonly text?: Text; readonly elements?: readonly Text[] }[]
}

export interface SlackStub extends ChatStub {
  readonly token: string
  readonly channel: string
  readonly apiUrl: string
  /** Of the incoming webhook: it holds its secret. */
  readonly hookUrl: string
  readonly hookSecret: string
  /** By `ts`, as they stand now, oldest first; those of the incoming webhook, too. */
  readonly messages: Map<string, SlackMessageSeen>
}

const TOKEN = 'xoxb-canary-slack-0123456789'
const CHANNEL = 'C0123456789'
const HOOK_SECRET = 'canarySlackHook0123456789'
const HOOK = `/services/T000/B000/${HOOK_SECRET}`

/** Limits as facts/external-apis.md tells them. The API answers HTTP 200 and `ok: false`; the webhook with status codes. */
export async function startSlackStub(): Promise<SlackStub> {
  const messages = new Map<string, SlackMessageSeen>()
  const complaints = messageSchema('slack')
  const stub = await startChatStub((request, { violations }) => {
    const { channel, ts, unfurl_links: _, unfurl_media: __, ...message } = request.body
    const wrong = [...complaints(message), ...limits(message), ...habits(request)]
    violations.push(...wrong.map((one) => `${request.path}: ${one}`))
    if (request.path.startsWith('/services/')) return byHook(request, { wrong, messages, message })
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return no('invalid_auth')
    if (channel !== CHANNEL) return no('channel_not_found')
    if (wrong.length > 0) return no('invalid_blocks')
    return byApi(request.path, { ts, message: message as unknown as SlackMessageSeen }, messages)
  })
  return Object.assign(stub, {
    token: TOKEN,
    channel: CHANNEL,
    apiUrl: `${stub.origin}/api`,
    hookUrl: `${stub.origin}${HOOK}`,
    hookSecret: HOOK_SECRET,
    messages,
  })
}

export const no = (error: string): ChatAnswer => ({ status: 200, body: { ok: false, error } })

const tsOf = (messages: Map<string, SlackMessageSeen>): string => `17000000${10 + messages.size}.000100`

function byHook(
  { path }: ChatRequest,
  { wrong, messages, message }: { wrong: readonly string[]; messages: SlackStub['messages']; message: unknown },
): ChatAnswer {
  if (path !== HOOK) return { status: 404, body: 'no_service' }
  if (wrong.length > 0) return { status: 400, body: 'invalid_blocks' }
  messages.set(tsOf(messages), message as SlackMessageSeen)
  return { status: 200, body: 'ok' }
}

function byApi(
  path: string,
  { ts, message }: { readonly ts: unknown; readonly message: SlackMessageSeen },
  messages: Map<string, SlackMessageSeen>,
): ChatAnswer {
  if (path === '/api/chat.postMessage') {
    const posted = tsOf(messages)
    messages.set(posted, message)
    return { status: 200, body: { ok: true, channel: CHANNEL, ts: posted } }
  }
  if (path !== '/api/chat.update') return no('unknown_method')
  if (typeof ts !== 'string' || !messages.has(ts)) return no('message_not_found')
  messages.set(ts, message)
  return { status: 200, body: { ok: true, channel: CHANNEL, ts } }
}

function habits({ method, headers }: ChatRequest): readonly string[] {
  return [
    ...(method === 'POST' ? [] : [method]),
    ...(headers['content-type'] === 'application/json; charset=utf-8' ? [] : ['is no JSON in UTF-8']),
  ]
}

function limits(message: Readonly<Record<string, unknown>>): readonly string[] {
  const { text, blocks = [] } = message as unknown as SlackMessageSeen
  return [
    ...tooLong('text', text, 4000),
    ...(text ? [] : ['no text for notifications']),
    ...(blocks.length > 50 ? ['more than 50 blocks'] : []),
    ...blocks.flatMap(({ type, text: own, elements = [] }) => [
      ...tooLong(`text of a ${type}`, own?.text, type === 'header' ? 150 : 3000),
      ...elements.flatMap((element) => tooLong('text of an element', element.text, 2000)),
      ...([own, ...elements].some((one) => one?.text === '') ? [`an empty ${type}`] : []),
    ]),
    ...tooLong('all blocks', JSON.stringify(blocks), 13_000),
  ]
}
