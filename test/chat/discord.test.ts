import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createChatSinks } from '../../src/chat/sinks.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { IncidentBody } from '../../src/model/incident.ts'
import type { Delivery, Sent, Sink } from '../../src/model/message.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { type DiscordMessageSeen, type DiscordStub, startDiscordStub } from '../support/discord-stub.ts'
import { openOf, resolvedOf } from '../support/incidents.ts'
import { routeOf } from './worlds.ts'

let stub: DiscordStub
beforeEach(async () => {
  stub = await startDiscordStub()
})
afterEach(async () => {
  await stub.dispose()
  expect(stub.violations).toEqual([])
})

function sinkOf(url: string = stub.url): Sink {
  const route = routeOf({ type: 'discord', url: new Sensitive(url) })
  const [sink] = createChatSinks([route], { fetch, clock: createRealClock(), install: 'prod' })
  if (!sink) throw new Error('no sink')
  return sink
}

const send = (body: IncidentBody, over: Partial<Delivery> = {}, sink = sinkOf()): Promise<Sent> =>
  sink.send(
    { sink: sink.name, subject: 'incident:x', body, final: false, id: '1', attempts: 0, perhapsSent: false, ...over },
    { signal: new AbortController().signal },
  )

const refOf = (sent: Sent): string => (sent.state === 'sent' ? (sent.ref ?? '') : '')
const last = (): DiscordMessageSeen | undefined => [...stub.messages.values()].at(-1)

describe('what stands in the channel', () => {
  it('of an incident: how bad, which app, what; the cause, what to type, since when', async () => {
    await send(openOf())
    expect(last()).toEqual({
      content: '🔴 critical · **web** · rolled back, the health check of prod/Service/web failed',
      embeds: [
        {
          color: 0xd92d20,
          description:
            '```\nGET /healthz answered 500 for 30 s\nimage: web:1.4 -> web:1.5\n[web.1] panic: no database\n```',
          fields: [
            { name: 'To type', value: '```\nswarmkeeper retry web\n```' },
            { name: 'Since', value: '<t:1767233400:f>, <t:1767233400:R>', inline: true },
          ],
          footer: { text: 'swarmkeeper · prod' },
        },
      ],
      allowed_mentions: { parse: [] },
    })
  })

  it('is edited when it changes, and when it is resolved: green, with nothing to type any more', async () => {
    const opened = await send(openOf())
    const changed = await send(openOf({ lines: ['another cause'] }), { before: refOf(opened) })
    const resolved = await send(resolvedOf(), { before: refOf(changed), final: true })
    expect(stub.requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH'])
    expect([stub.messages.size, resolved]).toEqual([1, { state: 'sent' }])
    expect(last()).toMatchObject({
      content: expect.stringMatching(/^🟢 resolved · \*\*web\*\* · rolled back/),
      embeds: [
        {
          color: 0x12b76a,
          fields: [
            { name: 'Since', value: '<t:1767233400:f>' },
            { name: 'Resolved', value: '<t:1767235440:f>, after 34 min' },
          ],
        },
      ],
    })
  })

  it('of what was resolved and opens again is a message of its own, because an edit wakes nobody', async () => {
    const resolved = await send(resolvedOf(), { before: refOf(await send(openOf())) })
    expect(resolved).not.toHaveProperty('ref')
  })

  it('says so where it may have been told before', async () => {
    await send(openOf(), { perhapsSent: true })
    expect(last()?.embeds[0]?.footer?.text).toBe('swarmkeeper · prod · may have been told before')
  })

  it('does not say so of an edit, which cannot be there twice', async () => {
    const before = refOf(await send(openOf()))
    await send(openOf({ lines: [] }), { perhapsSent: true, before })
    expect(last()?.embeds[0]?.footer?.text).toBe('swarmkeeper · prod')
  })

  it('of an incident of no app, without lines and command, is short', async () => {
    const {
      app: _,
      command: __,
      ...incident
    } = openOf({ title: 'git.example.test does not answer', lines: [] }).incident
    await send({ ...openOf(), incident: { ...incident, severity: 'warning' } })
    expect(last()).toMatchObject({ content: '🟠 warning · git.example.test does not answer' })
    expect(last()?.embeds[0]).not.toHaveProperty('description')
  })
})

it('posts anew where a person deleted the message', async () => {
  const before = refOf(await send(openOf()))
  stub.messages.clear()
  expect(await send(resolvedOf(), { before })).toMatchObject({ state: 'sent' })
  expect(stub.messages.size).toBe(1)
})

it('writes to the thread that the URL names', async () => {
  const sink = sinkOf(`${stub.url}?thread_id=77`)
  const before = refOf(await send(openOf(), {}, sink))
  await send(resolvedOf(), { before }, sink)
  expect(stub.requests.map(({ query }) => query.get('thread_id'))).toEqual(['77', '77'])
})

describe('limits', () => {
  it('of everything at once are kept, and what matters is still there', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => `line ${n} ${'😀`'.repeat(n % 400)}`)
    await send(openOf({ title: '😀*'.repeat(5000), app: 'a'.repeat(900), lines, command: 'x`'.repeat(3000) }))
    const description = last()?.embeds[0]?.description ?? ''
    expect(description).toContain('line 0\n')
    expect(description).toContain('line 2999 ')
    expect(description).toMatch(/… \d+ lines left out …/)
    expect(last()?.content).toMatch(/…$/)
  })

  it('429 in fractions of a second is obeyed', async () => {
    stub.next.push({
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: 0.3651, global: false },
    })
    expect(await send(openOf())).toEqual({
      state: 'later',
      message: 'HTTP 429: You are being rate limited.',
      waitMs: 366,
    })
  })

  it('the last message of a bucket says until when it is empty', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1.25' }
    stub.next.push({ status: 200, headers, body: { id: '5' } })
    expect(await send(openOf())).toEqual({ state: 'sent', ref: '5', waitMs: 1250 })
  })
})

it.each([401, 403, 404, 410])('HTTP %d of the webhook ends it for good', async (status) => {
  stub.next.push({ status, body: { code: 10_015, message: 'Unknown Webhook' } })
  expect(await send(openOf())).toEqual({ state: 'stopped', message: `HTTP ${status}: Unknown Webhook, code 10015` })
})

it.each([404, 403])('HTTP %d of an edit, of the webhook itself, ends it, too', async (status) => {
  stub.next.push({ status, body: { code: 10_015, message: 'Unknown Webhook' } })
  expect(await send(openOf(), { before: '5' })).toMatchObject({ state: 'stopped' })
})

it('a URL that is none is told without it', async () => {
  const sent = await send(openOf(), {}, sinkOf('canary-not-a-url'))
  expect(sent).toEqual({ state: 'stopped', message: 'its URL is none that begins with https:// or http://' })
})

it('nobody there: it has not arrived', async () => {
  const { url } = stub
  await stub.dispose()
  stub = await startDiscordStub()
  expect(await send(openOf(), {}, sinkOf(url))).toEqual({ state: 'later', message: 'no answer (ECONNREFUSED)' })
})
