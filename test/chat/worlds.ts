import { createChatSinks } from '../../src/chat/sinks.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { ChatRoute } from '../../src/settings/settings.ts'
import type { SinkFault, SinkWorld } from '../conformance/sink.ts'
import type { ChatAnswer, ChatFault, ChatStub } from '../support/chat-stub.ts'
import { startChatStub } from '../support/chat-stub.ts'
import { startDiscordStub } from '../support/discord-stub.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { openOf } from '../support/incidents.ts'
import { startSlackStub } from '../support/slack-stub.ts'

type RouteOnly = ChatRoute extends infer R
  ? R extends ChatRoute
    ? Omit<R, 'name' | 'minSeverity' | 'apps'>
    : never
  : never

export const routeOf = (route: RouteOnly): ChatRoute => ({ name: 'ops', minSeverity: 'info', ...route }) as ChatRoute

interface Side {
  readonly stub: ChatStub
  readonly route: ChatRoute
  readonly secrets: readonly string[]
  /** Everything that stands there, as text. */
  readonly texts: () => readonly string[]
  readonly faults: Readonly<Partial<Record<SinkFault, ChatAnswer>>>
}

async function worldOf({ stub, route, secrets, texts, faults }: Side): Promise<SinkWorld> {
  const clock = createFakeClock()
  const elsewhere = await startChatStub(() => ({ status: 200 }))
  const [sink] = createChatSinks([route], { fetch, clock, install: 'prod' })
  if (!sink) throw new Error('no sink')
  const location = `${elsewhere.origin}/caught`
  const answers: Readonly<Record<SinkFault, ChatAnswer | ChatFault>> = {
    ...{ hang: 'hang', cut: 'cut', lose: 'lose' },
    down: { status: 502, body: '<html>Bad Gateway</html>' },
    limit: { status: 429, headers: { 'retry-after': '7' } },
    invalid: { status: 400, body: 'invalid_payload' },
    login: { status: 404, body: 'no_service' },
    redirect: { status: 307, headers: { location } },
    nonsense: { status: 200, body: '<html>Log in</html>' },
    echo: { status: 500, body: `cannot do ${secrets.join(' or ')}` },
    ...faults,
  }
  return {
    sink,
    body: (n) => openOf({ title: `number ${n} is told` }),
    shown: () => texts().length,
    shows: (n) => texts().some((text) => text.includes(`number ${n} is told`)),
    asked: () => stub.requests.length,
    astray: () => elsewhere.requests.length,
    fault: (kind) => {
      stub.always = kind && answers[kind]
    },
    passTime: () => clock.advance(60_000),
    secrets,
    violations: () => stub.violations,
    dispose: async () => void (await Promise.all([stub.dispose(), elsewhere.dispose()])),
  }
}

export async function discordWorld(): Promise<SinkWorld> {
  const stub = await startDiscordStub()
  return worldOf({
    stub,
    route: routeOf({ type: 'discord', url: new Sensitive(stub.url) }),
    secrets: [stub.url, stub.secret],
    texts: () => [...stub.messages.values()].map((message) => JSON.stringify(message)),
    faults: {
      limit: { status: 429, body: { message: 'You are being rate limited.', retry_after: 7, global: false } },
      invalid: { status: 400, body: { code: 50_035, message: 'Invalid Form Body' } },
      login: { status: 404, body: { code: 10_015, message: 'Unknown Webhook' } },
      echo: { status: 500, body: { message: `cannot do ${stub.url}, ${stub.secret}` } },
    },
  })
}

const no = (error: string, headers: Readonly<Record<string, string>> = {}): ChatAnswer => ({
  ...{ status: 200, headers },
  body: { ok: false, error },
})

export async function slackWorld(): Promise<SinkWorld> {
  const stub = await startSlackStub()
  const { apiUrl, channel, token } = stub
  return worldOf({
    stub,
    route: routeOf({ type: 'slack', token: new Sensitive(`${token}\n`), channel, apiUrl }),
    secrets: [token],
    texts: () => [...stub.messages.values()].map((message) => JSON.stringify(message)),
    faults: {
      down: no('internal_error'),
      limit: no('ratelimited', { 'retry-after': '7' }),
      invalid: no('invalid_blocks'),
      login: no('invalid_auth'),
      echo: no(`cannot do ${token}`),
    },
  })
}

export async function slackWebhookWorld(): Promise<SinkWorld> {
  const stub = await startSlackStub()
  return worldOf({
    stub,
    route: routeOf({ type: 'slack-webhook', url: new Sensitive(stub.hookUrl) }),
    secrets: [stub.hookUrl, stub.hookSecret],
    texts: () => [...stub.messages.values()].map((message) => JSON.stringify(message)),
    faults: { login: { status: 403, body: 'action_prohibited' } },
  })
}

const WEBHOOK_SECRET = 'canary-signing-secret-0123456789'

export async function webhookWorld(): Promise<SinkWorld> {
  const texts: string[] = []
  const stub = await startChatStub(({ text }) => {
    texts.push(text)
    return { status: 204, body: '' }
  })
  const url = `${stub.origin.replace('//', '//user:canary-password@')}/hooks/canary-path-0123456789?key=canary-query-0123456789`
  return worldOf({
    stub,
    route: routeOf({ type: 'webhook', url: new Sensitive(url), secret: new Sensitive(WEBHOOK_SECRET) }),
    secrets: ['canary-password', 'canary-path-0123456789', 'canary-query-0123456789', WEBHOOK_SECRET],
    texts: () => texts,
    faults: { invalid: { status: 422, body: 'no' } },
  })
}
