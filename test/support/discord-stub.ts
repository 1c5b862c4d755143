import { type ChatAnswer, type ChatRequest, type ChatStub, messageSchema, startChatStub, tooLong } from './chat-stub.ts'

export interface DiscordMessageSeen {
  readonly content: string
  readonly embeds: readonly {
    readonly color?: number
    readonly title?: string
    readonly description?: string
    readonly fields?: readonly { readonly name: string; readonly value: string }[]
    readonly footer?: { readonly text: string }
  }[]
}

export interface DiscordStub extends ChatStub {
  /** Of the one webhook: it holds its secret. */
  readonly url: string
  readonly secret: string
  /** By id, as they stand now, oldest first. */
  readonly messages: Map<string, DiscordMessageSeen>
}

const TOKEN = 'tok-Zk3_canary-discord-0123456789abcdefghijkl'
const HOOK = `/api/webhooks/1234567890/${TOKEN}`

/** Limits as facts/external-apis.md tells them: Discord refuses what is longer with 400. */
export async function startDiscordStub(): Promise<DiscordStub> {
  const messages = new Map<string, DiscordMessageSeen>()
  const complaints = messageSchema('discord')
  const stub = await startChatStub((request, { violations }) => {
    if (!request.path.startsWith(HOOK)) return unknown(10_015, 'Unknown Webhook')
    const wrong = [...complaints(request.body), ...limits(request.body), ...habits(request)]
    violations.push(...wrong.map((one) => `${request.method}: ${one}`))
    if (wrong.length > 0) return { status: 400, body: { code: 50_035, message: 'Invalid Form Body' } }
    return carryOut(request, messages)
  })
  return Object.assign(stub, { url: `${stub.origin}${HOOK}`, secret: TOKEN, messages })
}

const unknown = (code: number, message: string): ChatAnswer => ({ status: 404, body: { code, message } })

function carryOut(request: ChatRequest, messages: Map<string, DiscordMessageSeen>): ChatAnswer {
  const [, edited] = /\/messages\/(\d+)$/.exec(request.path) ?? []
  if (edited !== undefined && !messages.has(edited)) return unknown(10_008, 'Unknown Message')
  const id = edited ?? String(9_000_000_000 + messages.size)
  messages.set(id, request.body as unknown as DiscordMessageSeen)
  const headers = { 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '4', 'x-ratelimit-reset-after': '2' }
  return { status: 200, headers, body: { id, ...request.body } }
}

function habits({ method, path, query, headers, body }: ChatRequest): readonly string[] {
  const edits = path.includes('/messages/')
  const mentions = JSON.stringify(body.allowed_mentions)
  return [
    ...(method === (edits ? 'PATCH' : 'POST') ? [] : [`${method} on ${path}`]),
    ...(edits || query.get('wait') === 'true' ? [] : ['without wait=true']),
    ...(mentions === '{"parse":[]}' ? [] : [`allowed_mentions is ${mentions}`]),
    ...(headers['content-type']?.startsWith('application/json') ? [] : ['is no JSON']),
  ]
}

function limits(body: Readonly<Record<string, unknown>>): readonly string[] {
  const { content, embeds = [] } = body as { content?: string; embeds?: DiscordMessageSeen['embeds'] }
  return [
    ...tooLong('content', content, 2000),
    ...(embeds.length > 10 ? ['more than 10 embeds'] : []),
    ...(!content && embeds.length === 0 ? ['an empty message'] : []),
    ...embeds.flatMap(limitsOfEmbed),
    ...tooLong('all embeds', embeds.map(textOf).join(''), 6000),
  ]
}

function limitsOfEmbed({ title, description, fields = [], footer }: DiscordMessageSeen['embeds'][number]) {
  return [
    ...tooLong('title', title, 256),
    ...tooLong('description', description, 4096),
    ...tooLong('footer', footer?.text, 2048),
    ...(fields.length > 25 ? ['more than 25 fields'] : []),
    ...fields.flatMap(({ name, value }) => [
      ...tooLong('name of a field', name, 256),
      ...tooLong('value of a field', value, 1024),
      ...(name.trim() === '' || value.trim() === '' ? ['an empty field'] : []),
    ]),
  ]
}

const textOf = ({ title, description, fields = [], footer }: DiscordMessageSeen['embeds'][number]): string =>
  [title, description, footer?.text, ...fields.flatMap(({ name, value }) => [name, value])].join('')
