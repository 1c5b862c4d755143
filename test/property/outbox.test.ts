import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Delivery, Sent, Sink } from '../../src/model/message.ts'
import type { Store } from '../../src/model/store.ts'
import { createOutbox, type SendingOutbox } from '../../src/outbox/outbox.ts'
import { createSqliteStore } from '../../src/store/sqlite.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { CASES } from './cases.ts'

/** What the other side does with the next message. */
type Manner = 'takes it' | 'takes it slowly' | 'is busy' | 'takes it and does not say so' | 'never answers'

type Step =
  | {
      readonly do: 'put'
      readonly sink: number
      readonly subject: number
      readonly value: number
      readonly final: boolean
    }
  | { readonly do: 'next'; readonly sink: number; readonly manner: Manner }
  | { readonly do: 'wait'; readonly ms: number }
  /** `kill -9`, at once or before the so-manieth transaction from now. */
  | { readonly do: 'kill'; readonly after: number }
  | { readonly do: 'stop' }

const SINKS = ['github', 'chat:ops']
const MANNERS: readonly Manner[] = [
  'takes it',
  'takes it slowly',
  'is busy',
  'takes it and does not say so',
  'never answers',
]

const put = fc.record({
  do: fc.constant('put' as const),
  sink: fc.nat(1),
  subject: fc.nat(2),
  value: fc.nat(2),
  final: fc.boolean(),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: put, weight: 6 },
  {
    arbitrary: fc.record({ do: fc.constant('next' as const), sink: fc.nat(1), manner: fc.constantFrom(...MANNERS) }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 1000, 10_000, 600_000) }),
    weight: 5,
  },
  { arbitrary: fc.record({ do: fc.constant('kill' as const), after: fc.nat(4) }), weight: 2 },
  { arbitrary: fc.constant({ do: 'stop' as const }), weight: 1 },
)

interface Arrival {
  readonly subject: string
  readonly body: unknown
  readonly perhapsSent: boolean
}

/** The other side: it remembers everything, whatever becomes of who sent it. */
function createOtherSide(name: string, clock: ReturnType<typeof createFakeClock>) {
  const arrivals: Arrival[] = []
  const manners: Manner[] = []
  const send = async ({ subject, body, perhapsSent }: Delivery, signal: AbortSignal): Promise<Sent> => {
    const manner = manners.shift() ?? 'takes it'
    if (manner === 'is busy') return { state: 'later', message: 'busy' }
    arrivals.push({ subject, body, perhapsSent })
    if (manner === 'takes it slowly') await clock.sleep(5000, { signal }).catch(() => {})
    if (manner === 'never answers') await clock.sleep(10_000, { signal }).catch(() => {})
    if (signal.aborted || manner === 'never answers') return { state: 'later', message: 'no answer', perhaps: true }
    return manner === 'takes it and does not say so'
      ? { state: 'later', message: 'cut', perhaps: true }
      : { state: 'sent', ref: String(arrivals.length) }
  }
  const sink: Sink = { name, send: (delivery, { signal }) => send(delivery, signal) }
  return { sink, arrivals, manners }
}

/** A process that can be killed at any transaction: from then on it writes nothing. */
function mortal(store: Store) {
  let left = Number.POSITIVE_INFINITY
  const transaction: Store['transaction'] = (body) => {
    if (left-- <= 0) throw new Error('it is dead')
    return store.transaction(body)
  }
  return {
    store: { ...store, transaction },
    dieAfter: (transactions: number) => {
      left = Math.min(left, transactions)
    },
    isDead: () => left <= 0,
  }
}

let folder: string
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmkeeper-outbox-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface World {
  run(step: Step): Promise<void>
  /** How much is left when everything was taken for an hour. */
  end(): Promise<number>
  readonly sides: readonly ReturnType<typeof createOtherSide>[]
  /** What was put and kept, by `sink subject`, oldest first. */
  readonly kept: Map<string, { readonly body: unknown; readonly final: boolean }[]>
}

async function createWorld({ unique }: { readonly unique: boolean }): Promise<World> {
  const clock = createFakeClock()
  const path = join(folder, `${files++}.db`)
  const sides = SINKS.map((name) => createOtherSide(name, clock))
  const kept: World['kept'] = new Map()
  let count = 0
  let process = await start()

  async function start() {
    const store = await createSqliteStore({ path, clock, lockWaitMs: 0 })
    const life = mortal(store)
    const outbox: SendingOutbox = createOutbox({
      ...{ store: life.store, clock, random: () => 0.5, sinks: sides.map(({ sink }) => sink) },
    })
    const ending = new AbortController()
    const running = outbox.run(ending.signal)
    const end = async () => {
      ending.abort()
      await running
      store.close()
    }
    return { outbox, life, end }
  }
  const restart = async () => {
    await process.end()
    process = await start()
  }
  const keep = ({ sink, subject, value, final }: Extract<Step, { do: 'put' }>) => {
    const body = { n: unique ? count++ : value }
    const name = SINKS[sink] ?? ''
    process.outbox.put([{ sink: name, subject: `s${subject}`, body, final }])
    const key = `${name} s${subject}`
    kept.set(key, [...(kept.get(key) ?? []), { body, final }])
  }
  return {
    sides,
    kept,
    run: async (step) => {
      if (process.life.isDead()) await restart()
      if (step.do === 'put') {
        try {
          keep(step)
        } catch {
          // It died before it was kept: nobody was promised that it will be said.
        }
      } else if (step.do === 'next') sides[step.sink]?.manners.push(step.manner)
      else if (step.do === 'wait') await clock.advance(step.ms)
      else if (step.do === 'kill') process.life.dieAfter(step.after)
      else await restart()
    },
    end: async () => {
      await restart()
      for (const { manners } of sides) manners.length = 0
      await clock.advance(3_600_000)
      const left = process.outbox.depth()
      await process.end()
      for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(`${path}${suffix}`, { force: true })
      return left
    },
  }
}

const steps = fc.array(step, { minLength: 1, maxLength: 40 })

async function endOf(story: readonly Step[], options: { readonly unique: boolean }): Promise<World> {
  const world = await createWorld(options)
  for (const one of story) await world.run(one)
  expect(await world.end()).toBe(0)
  return world
}

function eachSubject(
  { sides, kept }: World,
  check: (kept: readonly { readonly body: unknown; readonly final: boolean }[], arrivals: readonly Arrival[]) => void,
): void {
  for (const { sink, arrivals } of sides) {
    for (const subject of ['s0', 's1', 's2']) {
      check(
        kept.get(`${sink.name} ${subject}`) ?? [],
        arrivals.filter((one) => one.subject === subject),
      )
    }
  }
}

const numberOf = (body: unknown): number => (body as { readonly n: number }).n
/** A case opens a database twice or more. */
const RUNS = { numRuns: Math.ceil(CASES / 10), interruptAfterTimeLimit: 250_000 }

it('in the end the other side shows what was said last, and nothing is said twice without a mark', () =>
  fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const world = await endOf(story, { unique: false })
      eachSubject(world, (kept, arrivals) => {
        expect(arrivals.at(-1)?.body).toEqual(kept.at(-1)?.body)
        arrivals.forEach((one, index) => {
          const same = index > 0 && numberOf(arrivals[index - 1]?.body) === numberOf(one.body)
          if (same) expect(one.perhapsSent).toBe(true)
        })
      })
    }),
    RUNS,
  ))

it('the last final message of each subject is said at least once, and all of it in the order in which it was put', () =>
  fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const world = await endOf(story, { unique: true })
      eachSubject(world, (kept, arrivals) => {
        const said = arrivals.map(({ body }) => numberOf(body))
        const final = kept.findLast((one) => one.final)
        if (final) expect(said).toContain(numberOf(final.body))
        expect(said).toEqual([...said].sort((a, b) => a - b))
      })
    }),
    RUNS,
  ))

it('where nothing is killed on its way and every answer comes, everything is said exactly once', () =>
  fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const calm = story.filter(
        (one) =>
          one.do === 'put' ||
          one.do === 'wait' ||
          (one.do === 'next' && ['is busy', 'takes it slowly'].includes(one.manner)),
      )
      const world = await endOf([...calm, { do: 'wait', ms: 3_600_000 }], { unique: true })
      eachSubject(world, (_, arrivals) => {
        const said = arrivals.map(({ body }) => numberOf(body))
        expect(new Set(said).size).toBe(said.length)
        expect(arrivals.some(({ perhapsSent }) => perhapsSent)).toBe(false)
      })
    }),
    RUNS,
  ))
