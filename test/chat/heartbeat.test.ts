import { afterEach, beforeEach, expect, it } from 'vitest'
import { createHeartbeat, type Heartbeat } from '../../src/chat/heartbeat.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { type ChatStub, startChatStub } from '../support/chat-stub.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'

const SECRET = 'canary-heartbeat-0123456789'

let stub: ChatStub
let clock: FakeClock
let edges: (string | undefined)[]
let heartbeat: Heartbeat
const signal = new AbortController().signal
beforeEach(async () => {
  stub = await startChatStub(() => ({ status: 200, body: 'OK' }))
  clock = createFakeClock()
  edges = []
  heartbeat = heartbeatTo(`${stub.origin}/ping/${SECRET}?x=1`)
})
afterEach(() => stub.dispose())

function heartbeatTo(url: string): Heartbeat {
  const onEdge = (failure: string | undefined) => void edges.push(failure)
  return createHeartbeat({ url: new Sensitive(url), intervalMs: 60_000, fetch, clock, onEdge })
}

it('is a GET of the URL', async () => {
  await heartbeat.beat(signal)
  expect(stub.requests.map(({ method, path, text }) => [method, path, text])).toEqual([['GET', `/ping/${SECRET}`, '']])
  expect(edges).toEqual([])
})

it('is made at most every interval', async () => {
  await heartbeat.beat(signal)
  await clock.advance(59_999)
  await heartbeat.beat(signal)
  expect(stub.requests.length).toBe(1)
  await clock.advance(1)
  await heartbeat.beat(signal)
  expect(stub.requests.length).toBe(2)
})

it.each([-5, 5])('does not heed a clock that jumps by %d hours', async (hours) => {
  await heartbeat.beat(signal)
  clock.jump(hours * 3_600_000)
  await heartbeat.beat(signal)
  expect(stub.requests.length).toBe(1)
  await clock.advance(60_000)
  await heartbeat.beat(signal)
  expect(stub.requests.length).toBe(2)
})

it('says once that it fails, without the URL, and once that it is heard again', async () => {
  stub.next.push({ status: 500 }, 'cut', { status: 302, headers: { location: '/elsewhere' } })
  for (let n = 0; n < 5; n++) {
    await heartbeat.beat(signal)
    await clock.advance(60_000)
  }
  expect(edges).toEqual(['HTTP 500', undefined])
  expect(stub.requests.map(({ path }) => path)).not.toContain('/elsewhere')
})

it('does not wait for ever, and not beside itself', async () => {
  const onEdge = (failure: string | undefined) => void edges.push(failure)
  heartbeat = createHeartbeat({ url: new Sensitive(stub.origin), intervalMs: 1000, fetch, clock, onEdge })
  stub.next.push('hang')
  const first = heartbeat.beat(signal)
  await expect.poll(() => stub.requests.length).toBe(1)
  await clock.advance(2000)
  await heartbeat.beat(signal)
  await clock.advance(8000)
  await first
  expect([edges, stub.requests.length]).toEqual([['no answer within 10 s'], 1])
})

it('ends with its signal, which is no failure', async () => {
  stub.next.push('hang')
  const ending = new AbortController()
  const beat = heartbeat.beat(ending.signal)
  await expect.poll(() => stub.requests.length).toBe(1)
  ending.abort()
  await beat
  expect(edges).toEqual([])
})

it('a URL that is none fails without being told', async () => {
  await heartbeatTo(`nonsense-${SECRET}`).beat(signal)
  expect(edges).toEqual(['its URL is none that begins with https:// or http://'])
})

it('a listener that throws disturbs nothing', async () => {
  stub.next.push({ status: 500 })
  const onEdge = () => {
    throw new Error('log is full')
  }
  const url = new Sensitive(`${stub.origin}/ping`)
  await createHeartbeat({ url, intervalMs: 1000, fetch, clock, onEdge }).beat(signal)
})
