import { afterEach, beforeEach, expect, it } from 'vitest'
import { routesFor } from '../../src/chat/routes.ts'
import { createChatSinks } from '../../src/chat/sinks.ts'
import type { IncidentBody } from '../../src/model/incident.ts'
import type { OutboxEvent } from '../../src/model/message.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Store } from '../../src/model/store.ts'
import { createOutbox, type SendingOutbox } from '../../src/outbox/outbox.ts'
import type { ChatRoute } from '../../src/settings/settings.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { type DiscordStub, startDiscordStub } from '../support/discord-stub.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { openOf, resolvedOf } from '../support/incidents.ts'
import { type SlackStub, startSlackStub } from '../support/slack-stub.ts'

let discord: DiscordStub
let slack: SlackStub
let clock: FakeClock
let store: Store
let events: OutboxEvent[]
let routes: readonly ChatRoute[]
let outbox: SendingOutbox
let stop: () => Promise<void>

beforeEach(async () => {
  discord = await startDiscordStub()
  slack = await startSlackStub()
  clock = createFakeClock()
  store = createMemoryStore()
  events = []
  const { channel, apiUrl } = slack
  routes = [
    { name: 'ops', minSeverity: 'warning', type: 'discord', url: new Sensitive(discord.url) },
    { name: 'bot', minSeverity: 'info', type: 'slack', token: new Sensitive(slack.token), channel, apiUrl },
  ]
  start()
})
afterEach(async () => {
  await stop()
  await Promise.all([discord.dispose(), slack.dispose()])
  expect([discord.violations, slack.violations]).toEqual([[], []])
  const rows = (['outbox', 'sent'] as const).map((name) => store.shelf(name).all())
  for (const secret of [discord.secret, slack.token]) expect(JSON.stringify([rows, events])).not.toContain(secret)
})

function start(): void {
  const sinks = createChatSinks(routes, { fetch, clock, install: 'prod' })
  const emit = (event: OutboxEvent) => void events.push(event)
  outbox = createOutbox({ store, clock, random: () => 0.5, sinks, emit })
  const ending = new AbortController()
  const running = outbox.run(ending.signal)
  stop = async () => {
    ending.abort()
    await running
  }
}

/** As announce does it: one message for each route that hears of it. */
const tell = (body: IncidentBody): void =>
  outbox.put(
    routesFor(body.incident, routes).map((sink) => ({
      ...{ sink, subject: `incident:${body.incident.key}`, body, final: body.state === 'resolved' },
    })),
  )
const of = (n: number) => ({ key: `failed:app${n}`, app: `app${n}`, title: `number ${n} failed` })

/** Requests take no time of this clock: they end before it goes on. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    await outbox.drain(1)
    await clock.advance(1000)
  }
  await outbox.drain(1)
}

const textsOf = (stub: DiscordStub | SlackStub): readonly string[] =>
  [...stub.messages.values()].map((message) => JSON.stringify(message))

it('an hour without chat loses nothing, tells nothing twice, and delays nobody', async () => {
  discord.always = 'cut'
  slack.always = { status: 503, body: 'down' }
  for (let n = 0; n < 12; n++) {
    tell(openOf(of(n)))
    await pass(150_000)
    if (n % 2 === 0) tell(resolvedOf(of(n)))
    await pass(150_000)
  }
  expect(discord.requests.length + slack.requests.length).toBeLessThan(250)
  discord.always = undefined
  slack.always = undefined
  await pass(120_000)
  for (const stub of [discord, slack]) {
    for (let n = 0; n < 12; n++) {
      const about = textsOf(stub).filter((text) => text.includes(`number ${n} failed`))
      expect(about).toEqual([expect.stringContaining(n % 2 === 0 ? '🟢 resolved' : '🔴 critical')])
    }
  }
  expect(outbox.depth()).toBe(0)
})

it('is edited through the reference that a process before this one got', async () => {
  tell(openOf())
  await pass(1000)
  await stop()
  start()
  tell(resolvedOf())
  await pass(2000)
  expect([textsOf(discord).length, textsOf(slack).length]).toEqual([1, 1])
  expect([...textsOf(discord), ...textsOf(slack)].every((text) => text.includes('🟢 resolved'))).toBe(true)
})

it('what opens again after it was resolved is a message of its own', async () => {
  for (const body of [openOf(), resolvedOf(), openOf({ lines: ['again'] })]) {
    tell(body)
    await pass(2000)
  }
  expect([textsOf(discord).length, textsOf(slack).length]).toEqual([2, 2])
})

it('429 keeps the whole route quiet for as long as it says, and no other', async () => {
  discord.next.push({ status: 429, body: { retry_after: 30.5 } })
  tell(openOf(of(1)))
  tell(openOf(of(2)))
  await pass(30_000)
  expect([discord.requests.length, textsOf(slack).length]).toEqual([1, 2])
  await pass(2000)
  expect([discord.requests.length, textsOf(discord).length]).toEqual([3, 2])
})

it('404 ends a route until a restart: no more calls, said once, the others go on, and nothing is lost', async () => {
  discord.always = { status: 404, body: { code: 10_015, message: 'Unknown Webhook' } }
  for (let n = 0; n < 3; n++) {
    tell(openOf(of(n)))
    await pass(60_000)
  }
  expect([discord.requests.length, textsOf(slack).length, outbox.depth()]).toEqual([1, 3, 3])
  expect(events.filter(({ type }) => type === 'sink:stopped')).toEqual([
    { type: 'sink:stopped', sink: 'chat:ops', message: 'HTTP 404: Unknown Webhook, code 10015' },
  ])
  discord.always = undefined
  await stop()
  start()
  await pass(5000)
  expect([textsOf(discord).length, outbox.depth()]).toEqual([3, 0])
})

it('Slack hears about one message per second', async () => {
  for (let n = 0; n < 5; n++) tell(openOf(of(n)))
  await pass(1000)
  expect(textsOf(slack).length).toBeLessThanOrEqual(2)
  await pass(5000)
  expect(textsOf(slack).length).toBe(5)
})

it('of an answer that was lost it is told again, marked, or edited where it can be', async () => {
  discord.next.push('lose')
  tell(openOf())
  await pass(10_000)
  expect(textsOf(discord).map((text) => text.includes('may have been told before'))).toEqual([false, true])
  discord.next.push('lose')
  tell(resolvedOf())
  await pass(10_000)
  expect(textsOf(discord).length).toBe(2)
})
