import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Message, OutboxEvent, Sent } from '../../src/model/message.ts'
import type { Store } from '../../src/model/store.ts'
import { createOutbox, type SendingOutbox } from '../../src/outbox/outbox.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { createRecordingSink, type RecordingSink } from '../support/recording-sink.ts'

const HOUR = 3_600_000

let clock: FakeClock
let store: Store
let github: RecordingSink
let chat: RecordingSink
let events: OutboxEvent[]
let outbox: SendingOutbox
let ending: AbortController
let running: Promise<void>

beforeEach(() => {
  clock = createFakeClock()
  store = createMemoryStore()
  github = createRecordingSink('github')
  chat = createRecordingSink('chat:ops')
  events = []
  start()
})
afterEach(async () => {
  await stop()
  store.close()
})

/** As a process does that finds what the one before it left. */
function start({ on = store, limit = 10_000 } = {}): void {
  const emit = (event: OutboxEvent) => void events.push(event)
  outbox = createOutbox({ store: on, clock, random: () => 1, sinks: [github, chat], emit, limit })
  ending = new AbortController()
  running = outbox.run(ending.signal)
}

async function stop(): Promise<void> {
  ending.abort()
  await running
}

async function restart(options: Parameters<typeof start>[0] = {}): Promise<void> {
  await stop()
  start(options)
}

const say = (body: unknown, over: Partial<Message> = {}): Message => ({
  sink: 'github',
  subject: 'status:1',
  body,
  final: false,
  ...over,
})
const done = (body: unknown, over: Partial<Message> = {}): Message => say(body, { final: true, ...over })
const down: Sent = { state: 'later', message: 'HTTP 503' }
const typesOf = () => events.map(({ type }) => type)

/** A send that ends when the test says so. */
function held(): { readonly sent: Promise<Sent>; end(sent: Sent): void } {
  let end: (sent: Sent) => void = () => {}
  const sent = new Promise<Sent>((resolve) => {
    end = resolve
  })
  return { sent, end }
}

describe('what is put', () => {
  it('is sent at once, with an id, and is forgotten but for what was said last', async () => {
    outbox.put([say('pending')])
    expect([outbox.depth(), outbox.oldest(), github.got]).toEqual([1, '2026-01-01T00:00:00.000Z', []])
    await clock.advance(0)
    expect(github.got).toEqual([
      { ...say('pending'), id: expect.stringMatching(/^[0-9a-z-]{10,}$/), attempts: 0, perhapsSent: false },
    ])
    expect([outbox.depth(), outbox.oldest()]).toEqual([0, undefined])
    expect(outbox.lastSent('github', 'status:1')).toBe('pending')
    expect(events).toEqual([{ type: 'message:sent', sink: 'github', subject: 'status:1' }])
  })

  it('stands and falls with the transaction of who puts it', async () => {
    const undone = () =>
      store.transaction(() => {
        outbox.put([say('never')])
        throw new Error('undone')
      })
    expect(undone).toThrow('undone')
    await clock.advance(0)
    expect([outbox.depth(), outbox.oldest(), github.got]).toEqual([0, undefined, []])
    outbox.put([say('later')])
    await clock.advance(0)
    expect(github.bodies()).toEqual(['later'])
  })

  it('that a transaction took back is what waited before it', async () => {
    github.answers.push(down)
    outbox.put([say('first')])
    await clock.advance(0)
    const undone = () =>
      store.transaction(() => {
        outbox.put([say('second')])
        throw new Error('undone')
      })
    expect(undone).toThrow('undone')
    await clock.advance(10_000)
    expect(github.bodies()).toEqual(['first', 'first'])
  })

  it('for a sink that is not set up is left out', async () => {
    outbox.put([say('hello', { sink: 'chat:none' })])
    expect(outbox.depth()).toBe(0)
  })

  it('throws where it cannot be stored: what was decided must not be kept without being said', () => {
    const full: Store = { ...store, transaction: disk('SQLITE_FULL') }
    expect(() => createOutbox({ store: full, clock, random: Math.random, sinks: [github] }).put([say('x')])).toThrow(
      'SQLITE_FULL',
    )
  })
})

const disk = (code: string) => (): never => {
  throw Object.assign(new Error(code), { code })
}

describe('of one subject', () => {
  it('only the newest that waits is sent', async () => {
    outbox.put([say('a'), say('b')])
    outbox.put([say('c')])
    await clock.advance(0)
    expect(github.bodies()).toEqual(['c'])
  })

  it('a final one gives way to the next final one only', async () => {
    outbox.put([say('open'), done('resolved'), say('open again')])
    await clock.advance(0)
    expect(github.bodies()).toEqual(['resolved', 'open again'])
    outbox.put([done('resolved'), say('open'), done('resolved for good')])
    await clock.advance(0)
    expect(github.bodies()).toEqual(['resolved', 'open again', 'resolved for good'])
  })

  it('what equals what was said last is not said', async () => {
    outbox.put([say({ state: 'success', text: undefined })])
    await clock.advance(0)
    outbox.put([say({ state: 'success' })])
    outbox.put([say({ state: 'success', text: undefined })])
    outbox.put([say({ state: 'pending' }), say({ state: 'success' })])
    await clock.advance(0)
    expect([github.got.length, outbox.depth()]).toEqual([1, 0])
  })

  it('what equals what is being said is not said again, even if it is final', async () => {
    const { sent, end } = held()
    github.answers.push(sent)
    outbox.put([say('x')])
    await clock.advance(0)
    outbox.put([done('x')])
    end({ state: 'sent' })
    await clock.advance(0)
    expect([github.got.length, outbox.depth()]).toEqual([1, 0])
  })

  it('what is being said becomes final by one that equals it, and is then as safe as that', async () => {
    const { sent, end } = held()
    github.answers.push(sent)
    outbox.put([say('x')])
    await clock.advance(0)
    outbox.put([done('x'), say('y')])
    end(down)
    await clock.advance(10_000)
    expect(github.got.map(({ body, final }) => [body, final])).toEqual([
      ['x', false],
      ['x', true],
      ['y', false],
    ])
  })

  it('the next one waits until the one before it has ended, and hears what it left', async () => {
    const { sent, end } = held()
    github.answers.push(sent)
    outbox.put([say('a')])
    await clock.advance(0)
    outbox.put([say('b')])
    await clock.advance(0)
    expect(github.bodies()).toEqual(['a'])
    end({ state: 'sent', ref: 'message 7' })
    await clock.advance(0)
    expect(github.got.map(({ body, before }) => [body, before])).toEqual([
      ['a', undefined],
      ['b', 'message 7'],
    ])
  })

  it('what goes back to what was said before, while another thing is being said, is said', async () => {
    outbox.put([say('a')])
    await clock.advance(0)
    const { sent, end } = held()
    github.answers.push(sent)
    outbox.put([say('b')])
    await clock.advance(0)
    outbox.put([say('a')])
    end({ state: 'sent' })
    await clock.advance(0)
    expect(github.bodies()).toEqual(['a', 'b', 'a'])
  })

  it('a refused one is dropped and told, and the next is sent', async () => {
    github.answers.push({ state: 'refused', message: 'HTTP 422' })
    outbox.put([done('a')])
    outbox.put([say('hello', { subject: 'status:2' })])
    await clock.advance(0)
    expect(github.bodies()).toEqual(['a', 'hello'])
    expect(events[0]).toEqual({ type: 'message:refused', sink: 'github', subject: 'status:1', message: 'HTTP 422' })
    expect(outbox.lastSent('github', 'status:1')).toBeUndefined()
  })
})

describe('a sink that does not take it', () => {
  it('is tried again with growing waits, of one id, until it does', async () => {
    const times: number[] = []
    github.otherwise = () => {
      times.push(clock.monotonic())
      return times.length < 5 ? down : { state: 'sent' }
    }
    outbox.put([say('a')])
    await clock.advance(HOUR)
    expect(times).toEqual([0, 2000, 6000, 14_000, 30_000])
    expect(new Set(github.got.map(({ id }) => id)).size).toBe(1)
    expect(github.got.map(({ attempts }) => attempts)).toEqual([0, 1, 2, 3, 4])
    expect(events[0]).toEqual({
      ...{ type: 'message:later', sink: 'github', subject: 'status:1', message: 'HTTP 503' },
      ...{ attempts: 1, waitMs: 2000 },
    })
  })

  it('and is well again is tried soon when it fails the next time', async () => {
    github.answers.push(down, down, down, down)
    outbox.put([say('a')])
    await clock.advance(HOUR)
    github.answers.push(down)
    outbox.put([say('b')])
    await clock.advance(2000)
    expect(github.bodies().slice(-2)).toEqual(['b', 'b'])
  })

  it('never delays another one', async () => {
    github.otherwise = () => new Promise(() => {})
    outbox.put([say('stuck'), say('told', { sink: 'chat:ops' })])
    await clock.advance(0)
    expect(chat.bodies()).toEqual(['told'])
    github.otherwise = () => ({ state: 'sent' })
    ending.abort()
    running = Promise.resolve()
  })

  it('that says how long is left alone so long, with everything', async () => {
    github.answers.push({ state: 'later', message: 'HTTP 429', waitMs: 60_000 })
    outbox.put([say('a'), say('b', { subject: 'status:2' })])
    await clock.advance(59_999)
    expect(github.got.length).toBe(1)
    await clock.advance(1)
    expect(github.bodies()).toEqual(['a', 'b', 'a'])
  })

  it('that says so after a message was sent is left alone, too', async () => {
    github.answers.push({ state: 'sent', waitMs: 1000 })
    outbox.put([say('a'), say('b', { subject: 'status:2' })])
    await clock.advance(999)
    expect(github.bodies()).toEqual(['a'])
    await clock.advance(1)
    expect(github.bodies()).toEqual(['a', 'b'])
  })

  it.each([Number.NaN, -1, 1e15, Number.POSITIVE_INFINITY])(
    'is asked again within the hour, if it says %d',
    async (waitMs) => {
      github.answers.push({ state: 'later', message: 'HTTP 429', waitMs })
      outbox.put([say('a')])
      await clock.advance(HOUR)
      expect(github.bodies()).toEqual(['a', 'a'])
    },
  )

  it('an hour of outage loses nothing: of each subject the last, and what was final, within a minute after it', async () => {
    github.otherwise = () => down
    for (let minute = 0; minute < 60; minute++) {
      outbox.put([say(`p${minute}`, { subject: `s${minute % 10}` })])
      if (minute >= 50) outbox.put([done(`f${minute}`, { subject: `s${minute % 10}` })])
      await clock.advance(60_000)
    }
    expect(outbox.oldest()).toBe('2026-01-01T00:00:00.000Z')
    const asked = github.got.length
    github.otherwise = () => ({ state: 'sent' })
    await clock.advance(60_000)
    expect([...github.bodies().slice(asked)].sort()).toEqual(
      [50, 51, 52, 53, 54, 55, 56, 57, 58, 59].map((n) => `f${n}`),
    )
    expect(asked).toBeLessThan(80)
    expect(outbox.depth()).toBe(0)
  })

  it('with one message alone does not keep the others waiting', async () => {
    github.otherwise = ({ body }) => (body === 'poison' ? down : { state: 'sent' })
    outbox.put([say('poison')])
    await clock.advance(0)
    for (let n = 0; n < 100; n++) outbox.put([say(n, { subject: `s${n}` })])
    await clock.advance(10_000)
    expect(github.bodies().filter((body) => body !== 'poison').length).toBe(100)
    await clock.advance(24 * HOUR)
    expect(github.bodies().filter((body) => body === 'poison').length).toBeLessThan(350)
  })

  it('where one subject speaks without end, the others have their turn', async () => {
    let n = 0
    github.otherwise = ({ subject }) => {
      if (subject === 'loud' && n < 50) outbox.put([say(++n, { subject: 'loud' })])
      return { state: 'sent' }
    }
    outbox.put([say(0, { subject: 'loud' }), say('shy', { subject: 'shy' })])
    await clock.advance(0)
    expect(github.bodies().indexOf('shy')).toBeLessThan(3)
  })

  it('for good is left alone until a restart, which is said once; what waits is kept', async () => {
    chat.answers.push({ state: 'stopped', message: 'HTTP 404' })
    const tell = (body: string) => done(body, { sink: 'chat:ops', subject: body })
    outbox.put([tell('a'), tell('b')])
    await clock.advance(HOUR)
    outbox.put([tell('c')])
    await clock.advance(HOUR)
    expect([chat.bodies(), typesOf(), outbox.depth()]).toEqual([['a'], ['sink:stopped'], 3])
    await restart()
    await clock.advance(0)
    expect([...chat.bodies()].sort()).toEqual(['a', 'a', 'b', 'c'])
  })

  it('and throws, against the rule, is tried again, and nobody knows whether it arrived', async () => {
    github.otherwise = () => {
      github.otherwise = () => ({ state: 'sent' })
      throw new Error('a fault of ours')
    }
    outbox.put([say('a')])
    await clock.advance(10_000)
    expect(github.got.map(({ perhapsSent }) => perhapsSent)).toEqual([false, true])
  })
})

describe('after a kill', () => {
  /** The database as it is at this moment, for the next process; the one before it is never heard again. */
  function kill(): void {
    ending = new AbortController()
    running = Promise.resolve()
  }

  it('in the middle of sending it is sent again, marked, under the same id', async () => {
    github.answers.push(new Promise(() => {}))
    outbox.put([done('a')])
    await clock.advance(0)
    kill()
    start()
    await clock.advance(0)
    expect(
      github.got.map(({ id, attempts, perhapsSent }) => [id === github.got[0]?.id, attempts, perhapsSent]),
    ).toEqual([
      [true, 0, false],
      [true, 1, true],
    ])
  })

  it('what was put before and not begun is sent, not marked', async () => {
    github.otherwise = () => new Promise(() => {})
    outbox.put([say('a'), say('b', { subject: 'status:2' })])
    await clock.advance(0)
    kill()
    github.otherwise = () => ({ state: 'sent' })
    start()
    await clock.advance(0)
    expect(github.got.map(({ body, perhapsSent }) => [body, perhapsSent])).toEqual([
      ['a', false],
      ['a', true],
      ['b', false],
    ])
  })

  it('what takes the place of one that perhaps arrived is sent, even if it equals what was said before', async () => {
    outbox.put([say('a')])
    await clock.advance(0)
    github.answers.push(new Promise(() => {}))
    outbox.put([say('b')])
    await clock.advance(0)
    outbox.put([say('a')])
    kill()
    start()
    await clock.advance(0)
    expect(github.got.map(({ body, perhapsSent }) => [body, perhapsSent])).toEqual([
      ['a', false],
      ['b', false],
      ['a', true],
    ])
  })

  it('a final one is sent again before what came after it', async () => {
    github.answers.push(new Promise(() => {}))
    outbox.put([done('a')])
    await clock.advance(0)
    outbox.put([say('b')])
    kill()
    start()
    await clock.advance(0)
    expect(github.bodies()).toEqual(['a', 'a', 'b'])
  })

  it('a stop waits for what is on its way', async () => {
    github.otherwise = (_, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve({ ...down, perhaps: true } as Sent)))
    outbox.put([say('a')])
    await clock.advance(0)
    await stop()
    github.otherwise = () => ({ state: 'sent' })
    start()
    await clock.advance(0)
    expect(github.got.map(({ perhapsSent }) => perhapsSent)).toEqual([false, true])
  })
})

describe('too many that wait', () => {
  it('lose the oldest that are not final, and it says how many', async () => {
    await restart({ limit: 100 })
    github.otherwise = () => down
    for (let n = 0; n < 150; n++) outbox.put([say(n, { subject: `s${n}`, final: n % 10 === 0 })])
    expect(outbox.depth()).toBeLessThanOrEqual(110)
    const dropped = events.flatMap((event) => (event.type === 'message:dropped' ? [event.count] : []))
    expect(dropped.reduce((a, b) => a + b, 0)).toBe(150 - outbox.depth())
    github.otherwise = () => ({ state: 'sent' })
    await clock.advance(HOUR)
    const told = new Set(github.bodies())
    for (let n = 0; n < 150; n += 10) expect(told).toContain(n)
    expect(told).toContain(149)
    expect(told).not.toContain(1)
  })

  it('never a final one', async () => {
    await restart({ limit: 10 })
    github.otherwise = () => down
    for (let n = 0; n < 50; n++) outbox.put([done(n, { subject: `s${n}` })])
    expect([outbox.depth(), typesOf().includes('message:dropped')]).toEqual([50, false])
  })

  it('never the one that is on its way: after a kill it is sent again', async () => {
    await restart({ limit: 10 })
    github.otherwise = () => new Promise(() => {})
    outbox.put([say('on its way', { subject: 'first' })])
    await clock.advance(0)
    for (let n = 0; n < 50; n++) outbox.put([say(n, { subject: `s${n}` })])
    running = Promise.resolve()
    github.otherwise = () => ({ state: 'sent' })
    start()
    await clock.advance(0)
    expect(github.got.filter(({ body }) => body === 'on its way').map(({ perhapsSent }) => perhapsSent)).toEqual([
      false,
      true,
    ])
  })

  it('of one sink cost nothing to the others', async () => {
    await restart({ limit: 10 })
    github.otherwise = () => down
    chat.otherwise = () => down
    outbox.put([say('kept', { sink: 'chat:ops' })])
    for (let n = 0; n < 50; n++) outbox.put([say(n, { subject: `s${n}` })])
    chat.otherwise = () => ({ state: 'sent' })
    await clock.advance(60_000)
    expect(chat.bodies()).toContain('kept')
  })
})

describe('a clock that jumps', () => {
  it.each([-5, 5])('by %d hours neither holds back nor floods', async (hours) => {
    github.answers.push(down, down)
    outbox.put([say('a')])
    await clock.advance(0)
    clock.jump(hours * HOUR)
    await clock.advance(1999)
    expect(github.got.length).toBe(1)
    await clock.advance(1)
    clock.jump(-2 * hours * HOUR)
    await clock.advance(4000)
    expect([github.got.length, outbox.depth()]).toEqual([3, 0])
  })
})

describe('a database that does not write', () => {
  /** Fails as often as it is told to. */
  function failing(code: string): { readonly on: Store; fail(times: number): void } {
    let left = 0
    const fail = (times: number): void => {
      left = times
    }
    const transaction: Store['transaction'] = (body) => (left-- > 0 ? disk(code)() : store.transaction(body))
    return { on: { ...store, transaction }, fail }
  }

  it.each(['SQLITE_FULL', 'SQLITE_BUSY'])('(%s) before a send: it is not sent until it can be marked', async (code) => {
    const { on, fail } = failing(code)
    await restart({ on })
    outbox.put([say('a')])
    fail(2)
    await clock.advance(0)
    expect([github.got, typesOf()]).toEqual([[], ['outbox:trouble']])
    await clock.advance(6000)
    expect([github.bodies(), outbox.depth()]).toEqual([['a'], 0])
  })

  it.each(['SQLITE_FULL', 'SQLITE_BUSY'])('(%s) after a send: it is not sent twice', async (code) => {
    const { on, fail } = failing(code)
    await restart({ on })
    github.otherwise = () => {
      fail(3)
      return { state: 'sent', ref: '7' }
    }
    outbox.put([say('a')])
    await clock.advance(60_000)
    expect([github.bodies(), outbox.depth(), outbox.lastSent('github', 'status:1')]).toEqual([['a'], 0, 'a'])
  })

  it('after a send, and the process ends before it does: it is sent again, marked', async () => {
    const { on, fail } = failing('SQLITE_FULL')
    await restart({ on })
    github.answers.push({ state: 'sent' })
    outbox.put([say('a')])
    github.otherwise = () => ({ state: 'sent' })
    const send = github.send
    const spoiled = { ...github, send: (...words: Parameters<typeof send>) => send(...words).finally(() => fail(1e9)) }
    await stop()
    outbox = createOutbox({ store: on, clock, random: () => 1, sinks: [spoiled] })
    ending = new AbortController()
    running = outbox.run(ending.signal)
    await clock.advance(60_000)
    await stop()
    fail(0)
    start()
    await clock.advance(0)
    expect(github.got.map(({ perhapsSent }) => perhapsSent)).toEqual([false, true])
  })
})

describe('drain', () => {
  it('ends when everything is sent that can be sent now', async () => {
    github.answers.push({ state: 'later', message: 'HTTP 503' })
    chat.otherwise = async () => {
      await clock.sleep(500)
      return { state: 'sent' }
    }
    outbox.put([say('a'), ...[1, 2, 3].map((n) => say(n, { sink: 'chat:ops', subject: `i${n}` }))])
    const drained = outbox.drain(10_000)
    await clock.advance(1500)
    expect([await drained, chat.got.length]).toEqual([1, 3])
  })

  it('ends at its deadline', async () => {
    chat.otherwise = async () => {
      await clock.sleep(60_000)
      return { state: 'sent' }
    }
    outbox.put([say('a', { sink: 'chat:ops' })])
    const drained = outbox.drain(10_000)
    await clock.advance(10_000)
    expect(await drained).toBe(1)
    await clock.advance(60_000)
  })

  it('does not wait where nothing runs', async () => {
    await stop()
    outbox.put([say('a')])
    expect(await outbox.drain(10_000)).toBe(1)
  })
})

describe('sweep', () => {
  it('forgets what was said last of a subject of which nothing was said for 90 days', async () => {
    outbox.put([say('old', { subject: 'old' }), say('a', { subject: 'young' })])
    await clock.advance(0)
    await clock.advance(80 * 24 * HOUR)
    outbox.put([say('b', { subject: 'young' })])
    await clock.advance(20 * 24 * HOUR)
    outbox.sweep()
    expect([outbox.lastSent('github', 'old'), outbox.lastSent('github', 'young')]).toEqual([undefined, 'b'])
  })

  it('gives up nothing of a sink that is there, however long it is down', async () => {
    github.otherwise = () => ({ ...down, waitMs: HOUR })
    outbox.put([say('a'), done('b', { subject: 'status:2' })])
    await clock.advance(10 * 24 * HOUR)
    outbox.sweep()
    expect([outbox.depth(), outbox.oldest()]).toEqual([2, '2026-01-01T00:00:00.000Z'])
  })

  it('gives up what waits for a sink that is gone since a week', async () => {
    await stop()
    const other = createRecordingSink('chat:gone')
    createOutbox({ store, clock, random: Math.random, sinks: [other] }).put([done('x', { sink: 'chat:gone' })])
    start()
    await clock.advance(6 * 24 * HOUR)
    outbox.sweep()
    expect(outbox.depth()).toBe(1)
    await clock.advance(2 * 24 * HOUR)
    outbox.sweep()
    expect([outbox.depth(), events]).toEqual([0, [{ type: 'message:dropped', sink: 'chat:gone', count: 1 }]])
  })
})

it('a row that is no message is passed over (SEC-22)', async () => {
  await stop()
  store.shelf('outbox').put('github status:1', { waiting: 'nonsense' }, '2026-01-01T00:00:00.000Z')
  store.shelf('outbox').put('github status:2', null, '2026-01-01T00:00:00.000Z')
  start()
  outbox.put([say('a')])
  await clock.advance(0)
  expect(github.bodies()).toEqual(['a'])
})

it('a listener that throws disturbs nothing', async () => {
  await stop()
  const emit = () => {
    throw new Error('log is full')
  }
  outbox = createOutbox({ store, clock, random: () => 1, sinks: [github], emit })
  ending = new AbortController()
  running = outbox.run(ending.signal)
  outbox.put([say('a')])
  await clock.advance(0)
  expect([github.bodies(), outbox.depth()]).toEqual([['a'], 0])
})
