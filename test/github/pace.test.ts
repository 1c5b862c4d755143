import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPace } from '../../src/github/pace.ts'
import { createFakeClock } from '../support/fake-clock.ts'

describe('the pace', () => {
  it('lets through what a span has room for, and says when there will be room', async () => {
    const clock = createFakeClock()
    const pace = createPace(clock, [{ ms: 60_000, most: 10 }])
    pace.spend(4)
    await clock.advance(20_000)
    pace.spend(5)
    expect(pace.waitMs(1)).toBe(0)
    expect(pace.waitMs(2)).toBe(40_000)
    expect(pace.waitMs(6)).toBe(60_000)
    await clock.advance(40_000)
    expect(pace.waitMs(5)).toBe(0)
  })

  it('never has more in any span than it may, whoever asks when', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(30_000), fc.integer({ min: 1, max: 5 })), { maxLength: 60 }),
        async (asks) => {
          const clock = createFakeClock()
          const spans = [
            { ms: 5_000, most: 6 },
            { ms: 60_000, most: 20 },
          ]
          const pace = createPace(clock, spans)
          const spent: { at: number; cost: number }[] = []
          for (const [pause, cost] of asks) {
            await clock.advance(pause)
            await clock.advance(pace.waitMs(cost))
            pace.spend(cost)
            spent.push({ at: clock.monotonic(), cost })
          }
          for (const { ms, most } of spans) {
            for (const { at } of spent) {
              const within = spent.filter((one) => one.at > at - ms && one.at <= at)
              expect(within.reduce((sum, one) => sum + one.cost, 0)).toBeLessThanOrEqual(most)
            }
          }
        },
      ),
      { numRuns: 50 },
    ))
})
