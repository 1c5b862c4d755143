import fc from 'fast-check'
import { expect, it } from 'vitest'
import { windowAt } from '../../src/budget/windows.ts'
import type { Budget } from '../../src/model/budget.ts'
import { budget, budgetWorld, dollars, START } from '../budget/budget-world.ts'

const ORIGIN = Date.parse(START)

/** A scrape of one of three series: what it rose by, or what it began anew with. */
const scrape = fc.record({
  series: fc.constantFrom('1', '2', '3'),
  after: fc.integer({ min: 1, max: 4_000 }),
  cents: fc.integer({ min: 0, max: 500 }),
  resets: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
})
/** How long nobody looks, and whether it is another process that looks then. */
const look = fc.record({
  after: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 120, max: 40_000 })),
  restarts: fc.boolean(),
})

interface Sampled {
  readonly second: number
  readonly series: string
  readonly value: number
  /** In cents. */
  readonly rose: number
}

/** The counters as Prometheus has them, and what each sample says that was spent. */
function sampled(
  scrapes: readonly { series: string; after: number; cents: number; resets: boolean }[],
): readonly Sampled[] {
  const values = new Map<string, number>()
  let second = 0
  return scrapes.map(({ series, after, cents, resets }) => {
    second += after
    const before = values.get(series) ?? 0
    // A counter that began anew and has come beyond where it was cannot be told from one that did not.
    const value = resets ? Math.min(cents, Math.max(0, before - 1)) : before + cents
    const rose = resets && before > 0 ? value : value - before
    values.set(series, value)
    return { second, series, value, rose }
  })
}

it('counts each cent of a counter once, in its window, whenever it is looked at and by whom', async () => {
  const calendars = fc.constantFrom<Pick<Budget, 'window' | 'timezone'>>(
    { window: 'day', timezone: 'UTC' },
    { window: 'day', timezone: 'Asia/Kathmandu' },
    { window: 'week', timezone: 'America/New_York' },
    { window: 'month', timezone: 'UTC' },
  )
  const scrapes = fc.array(scrape, { minLength: 1, maxLength: 150 })
  const looks = fc.array(look, { minLength: 1, maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(calendars, scrapes, looks, async (calendar, written, looked) => {
      const declared = budget({ ...calendar, limit: dollars(1_000_000) })
      const world = budgetWorld()
      const samples = sampled(written)
      for (const { second, series, value } of samples) world.prometheus.sample([[second, value / 100]], { series })
      let second = 0
      for (const { after, restarts } of looked) {
        second += after
        await world.clock.advance(after * 1_000)
        if (restarts) world.restart()
        // A source is asked at most every 30 seconds.
        if (after < 30) continue
        const { states } = await world.evaluate([declared])
        const { start } = windowAt(calendar, ORIGIN + second * 1_000)
        const mine = samples.filter((one) => one.second <= second && ORIGIN + one.second * 1_000 >= start)
        const cents = mine.reduce((sum, { rose }) => sum + rose, 0)
        expect(states[0]?.spent).toBe(cents * 10_000)
      }
    }),
    { numRuns: 400 },
  )
})
