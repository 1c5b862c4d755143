import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createChatSinks } from '../../src/chat/sinks.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { IncidentBody } from '../../src/model/incident.ts'
import type { Delivery, Sent, Sink } from '../../src/model/message.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { openOf, resolvedOf } from '../support/incidents.ts'
import { no, type SlackMessageSeen, type SlackStub, startSlackStub } from '../support/slack-stub.ts'
import { routeOf } from './worlds.ts'

let stub: SlackStub
let bot: Sink
let hook: Sink
beforeEach(async () => {
  stub = await startSlackStub()
  const { channel, apiUrl } = stub
  const routes = [
    routeOf({ type: 'slack', token: new Sensitive(stub.token), channel, apiUrl: `${apiUrl}/` }),
    routeOf({ type: 'slack-webhook', url: new Sensitive(stub.hookUrl) }),
  ]
  const sinks = createChatSinks(routes, { fetch, clock: createRealClock(), install: 'prod' })
  bot = sinks[0] as Sink
  hook = sinks[1] as Sink
})
afterEach(async () => {
  await stub.dispose()
  expect(stub.violations).toEqual([])
})

const send = (sink: Sink, body: IncidentBody, over: Partial<Delivery> = {}): Promise<Sent> =>
  sink.send(
    { sink: sink.name, subject: 'incident:x', body, final: false, id: '1', attempts: 0, perhapsSent: false, ...over },
    { signal: new AbortController().signal },
  )
const refOf = (sent: Sent): string => (sent.state === 'sent' ? (sent.ref ?? '') : '')
const shown = (): readonly SlackMessageSeen[] => [...stub.messages.values()]
const footOf = (message: SlackMessageSeen | undefined) => message?.blocks.at(-1)?.elements?.[0]?.text

const SINCE = '<!date^1767233400^{date_short_pretty} {time}|2026-01-01T02:10:00.000Z>'

describe('what stands in the channel', () => {
  it('of an incident: how bad, which app, what; the cause, what to type, since when', async () => {
    await send(bot, openOf())
    const headline = '🔴 critical · web: rolled back, the health check of prod/Service/web failed'
    const lines = 'GET /healthz answered 500 for 30 s\nimage: web:1.4 -&gt; web:1.5\n[web.1] panic: no database'
    const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: true })
    expect(shown()).toEqual([
      {
        text: headline.replace('web: ', 'web:\u200b '),
        blocks: [
          { type: 'header', text: { type: 'plain_text', text: headline, emoji: false } },
          { type: 'section', text: mrkdwn(`\`\`\`\n${lines}\n\`\`\``), expand: true },
          { type: 'section', text: mrkdwn('To type:\n```\nswarmkeeper retry web\n```'), expand: true },
          { type: 'context', elements: [mrkdwn(`since ${SINCE} · swarmkeeper prod`)] },
        ],
      },
    ])
  })

  it('is edited when it changes, and when it is resolved', async () => {
    const opened = await send(bot, openOf())
    const changed = await send(bot, openOf({ lines: ['another cause'] }), { before: refOf(opened) })
    expect(await send(bot, resolvedOf(), { before: refOf(changed) })).toEqual({ state: 'sent', waitMs: 1000 })
    expect(stub.requests.map(({ path }) => path)).toEqual([
      '/api/chat.postMessage',
      '/api/chat.update',
      '/api/chat.update',
    ])
    expect(shown().map(({ text }) => text)).toEqual([expect.stringMatching(/^🟢 resolved · web/)])
    expect(footOf(shown()[0])).toMatch(/after 34 min/)
    expect(JSON.stringify(shown())).not.toContain('To type')
  })

  it('of a long headline: short above, whole below', async () => {
    await send(bot, openOf({ title: `${'a very long title '.repeat(20)}end` }))
    const [header, whole] = shown()[0]?.blocks ?? []
    expect([header?.text?.text.length, whole?.text?.text.endsWith('end')]).toEqual([150, true])
  })
})

describe('an incoming webhook, which cannot edit', () => {
  it('tells what changes and what is resolved as messages of their own', async () => {
    const opened = await send(hook, openOf())
    const changed = await send(hook, openOf({ lines: ['another cause'] }), { before: refOf(opened) })
    const resolved = await send(hook, resolvedOf(), { before: refOf(changed) })
    expect(shown().map(({ text }) => text.slice(0, 12))).toEqual(
      ['🔴 critical ·', '🔴 critical ·', '🟢 resolved ·'].map((t) => t.slice(0, 12)),
    )
    expect(footOf(shown()[1])).toMatch(/changed since it was told$/)
    // What opens after this is no change of it.
    expect(resolved).toEqual({ state: 'sent', waitMs: 1000 })
  })

  it('says so where it may have been told before', async () => {
    await send(hook, openOf(), { perhapsSent: true })
    expect(footOf(shown()[0])).toMatch(/may have been told before$/)
  })

  it.each([
    [403, 'action_prohibited', 'stopped'],
    [404, 'no_service', 'stopped'],
    [410, 'channel_is_archived', 'stopped'],
    [400, 'invalid_payload', 'refused'],
    [500, 'rollup_error', 'later'],
  ])('HTTP %d %s: %s', async (status, body, state) => {
    stub.next.push({ status, body })
    expect(await send(hook, openOf())).toMatchObject({ state, message: `HTTP ${status}: ${body}` })
  })
})

describe('ok: false with HTTP 200', () => {
  it.each([
    ['ratelimited', 'later'],
    ['internal_error', 'later'],
    ['invalid_auth', 'stopped'],
    ['token_revoked', 'stopped'],
    ['channel_not_found', 'stopped'],
    ['not_in_channel', 'stopped'],
    ['is_archived', 'stopped'],
    ['msg_too_long', 'refused'],
    ['something_new', 'refused'],
  ])('%s: %s', async (error, state) => {
    stub.next.push(no(error))
    expect(await send(bot, openOf())).toMatchObject({ state, message: `Slack says ${error}` })
  })

  it.each(['message_not_found', 'cant_update_message', 'edit_window_closed'])(
    '%s of an edit: posts anew',
    async (error) => {
      const before = refOf(await send(bot, openOf()))
      stub.next.push(no(error))
      expect(await send(bot, resolvedOf(), { before })).toMatchObject({ state: 'sent' })
      expect(stub.messages.size).toBe(2)
    },
  )
})

it('HTTP 429 with Retry-After is obeyed', async () => {
  stub.next.push({ status: 429, headers: { 'retry-after': '30' }, body: { ok: false, error: 'ratelimited' } })
  expect(await send(bot, openOf())).toMatchObject({ state: 'later', waitMs: 30_000 })
})

it('limits of everything at once are kept', async () => {
  const lines = Array.from({ length: 3000 }, (_, n) => `line ${n} ${'<&😀`'.repeat(n % 400)}`)
  const body = openOf({ title: '<😀*'.repeat(5000), app: '&'.repeat(900), lines, command: '>`'.repeat(3000) })
  await send(bot, body)
  await send(hook, body)
  const blocks = JSON.stringify(shown()[0]?.blocks)
  expect(blocks).toContain('line 0\\n')
  expect(blocks).toContain('line 2999 ')
})
