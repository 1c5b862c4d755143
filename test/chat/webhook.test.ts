import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createChatSinks } from '../../src/chat/sinks.ts'
import { createRealClock } from '../../src/lib/real-clock.ts'
import type { IncidentBody } from '../../src/model/incident.ts'
import type { Delivery, Sent, Sink } from '../../src/model/message.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { type ChatStub, startChatStub } from '../support/chat-stub.ts'
import { openOf, resolvedOf } from '../support/incidents.ts'
import { routeOf } from './worlds.ts'

const SECRET = "It's a Secret to Everybody"

let stub: ChatStub
let sink: Sink
beforeEach(async () => {
  stub = await startChatStub(() => ({ status: 202 }))
  sink = sinkOf({ secret: new Sensitive(SECRET) })
})
afterEach(() => stub.dispose())

function sinkOf({ secret, url = `${stub.origin}/hook` }: { secret?: Sensitive; url?: string }): Sink {
  const route = routeOf({ type: 'webhook', url: new Sensitive(url), ...(secret ? { secret } : {}) })
  const [made] = createChatSinks([route], { fetch, clock: createRealClock(), install: 'prod' })
  if (!made) throw new Error('no sink')
  return made
}

const send = (body: IncidentBody, over: Partial<Delivery> = {}, to = sink): Promise<Sent> =>
  to.send(
    { sink: to.name, subject: 'incident:x', body, final: false, id: 'abc', attempts: 0, perhapsSent: false, ...over },
    { signal: new AbortController().signal },
  )

const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/webhook/incident.json', import.meta.url), 'utf8')),
)

it.each([
  ['open', openOf()],
  ['resolved', resolvedOf()],
  ['of no app, with nothing to type', { ...openOf(), incident: without(openOf().incident, 'app', 'command') }],
] as const)('what is posted is as its schema says: %s', async (_, body) => {
  expect(await send(body as IncidentBody)).toEqual({ state: 'sent' })
  const [request] = stub.requests
  expect([validate(request?.body), validate.errors]).toEqual([true, null])
  expect(request?.body).toMatchObject({ version: 1, id: 'abc', install: 'prod', state: body.state })
})

function without(value: object, ...names: readonly string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))
}

it('is signed over its bytes', async () => {
  await send(openOf({ title: 'ä 😀 "x"' }))
  const [request] = stub.requests
  const expected = createHmac('sha256', SECRET)
    .update(Buffer.from(request?.text ?? ''))
    .digest('hex')
  expect(request?.headers).toMatchObject({
    'x-swarmkeeper-signature-256': `sha256=${expected}`,
    'x-swarmkeeper-event': 'incident',
    'content-type': 'application/json; charset=utf-8',
  })
})

it('is not signed without a secret', async () => {
  await send(openOf(), {}, sinkOf({}))
  expect(stub.requests[0]?.headers).not.toHaveProperty('x-swarmkeeper-signature-256')
})

it('has the same id and the same bytes at every try: who remembers the id hears everything once', async () => {
  await send(openOf())
  await send(openOf(), { attempts: 1, perhapsSent: true })
  const [first, second] = stub.requests
  expect(first?.text).toBe(second?.text)
  expect(
    [first, second].map((r) => [r?.headers['x-swarmkeeper-delivery'], r?.headers['x-swarmkeeper-attempt']]),
  ).toEqual([
    ['abc', '1'],
    ['abc', '2'],
  ])
})

it('a login in the URL is sent as one', async () => {
  const url = `${stub.origin.replace('//', '//me:p%40ss@')}/hook`
  await send(openOf(), {}, sinkOf({ url }))
  expect(stub.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
})

it('503 says that it was not taken; of other faults nobody knows', async () => {
  stub.next.push({ status: 503 }, { status: 500 })
  expect(await send(openOf())).not.toHaveProperty('perhaps')
  expect(await send(openOf())).toMatchObject({ perhaps: true })
})

it('an answer without end is not read to its end', async () => {
  let read = 0
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      read += 4096
      controller.enqueue(new Uint8Array(4096).fill(120))
    },
  })
  const route = routeOf({ type: 'webhook', url: new Sensitive(`${stub.origin}/hook`) })
  const asked: typeof fetch = async () => new Response(endless, { status: 500 })
  const [hook] = createChatSinks([route], { fetch: asked, clock: createRealClock(), install: 'prod' })
  expect(await send(openOf(), {}, hook)).toMatchObject({
    state: 'later',
    message: expect.stringMatching(/^.{10,240}$/),
  })
  expect(read).toBeLessThan(200_000)
})

it.each([
  [409, 'refused'],
  [413, 'refused'],
  [408, 'later'],
  [425, 'later'],
  [503, 'later'],
  [401, 'stopped'],
])('HTTP %d: %s', async (status, state) => {
  stub.next.push({ status, body: 'why\nnot' })
  expect(await send(openOf())).toMatchObject({ state, message: `HTTP ${status}: why not` })
})
