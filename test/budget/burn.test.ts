import { describe, expect, it } from 'vitest'
import { type Burned, burn, burnedIn, type Increase } from '../../src/budget/burn.ts'
import { dollars } from './budget-world.ts'

const MINUTE = 60_000
const IN = 10 * MINUTE
const at = (now: number) => ({ inMs: IN, now })
const add = (increases: readonly Increase[], now: number, before?: Burned) => burn(before, increases, at(now))

describe('what burns', () => {
  it('is what was spent in the time that is looked at', () => {
    const burned = add([{ from: 100 * MINUTE, to: 100 * MINUTE, micros: dollars(3) }], 100 * MINUTE)
    const more = add([{ from: 105 * MINUTE, to: 105 * MINUTE, micros: dollars(1) }], 105 * MINUTE, burned)
    expect(burnedIn(more, at(105 * MINUTE))).toBe(dollars(4))
    expect(burnedIn(more, at(112 * MINUTE))).toBe(dollars(1))
    expect(burnedIn(more, at(120 * MINUTE))).toBe(0)
  })

  it('is spread over the time in which it was spent: a source that was away for hours tells of no burst', () => {
    const burned = add([{ from: 0, to: 300 * MINUTE, micros: dollars(300) }], 300 * MINUTE)
    expect(burnedIn(burned, at(300 * MINUTE)) / dollars(1)).toBeCloseTo(10, 0)
  })

  it('is all there where the time is short enough, to the last micro', () => {
    const burned = add([{ from: 297 * MINUTE, to: 300 * MINUTE, micros: 1_000_001 }], 300 * MINUTE)
    expect(burnedIn(burned, at(300 * MINUTE))).toBe(1_000_001)
  })

  it('loses nothing to the shares of its slices, wherever it begins', () => {
    const lost = Array.from({ length: 2_000 }, (_, at) => {
      const increase = { from: 600_000 + at * 7, to: 618_000 + at * 11, micros: 2_990_001 + at }
      return (
        increase.micros -
        burnedIn(burn(undefined, [increase], { inMs: 600_000, now: 650_000 }), { inMs: 600_000, now: 650_000 })
      )
    })
    expect(lost.filter((micros) => micros !== 0)).toEqual([])
  })

  it('stays bounded, however often is looked', () => {
    let burned: Burned | undefined
    for (let second = 0; second < 7_200; second += 1) {
      burned = add([{ from: second * 1_000, to: second * 1_000, micros: 1 }], second * 1_000, burned)
    }
    expect(Object.keys(burned?.slices ?? {}).length).toBeLessThanOrEqual(62)
    expect(burnedIn(burned, at(7_199_000))).toBeGreaterThanOrEqual(600)
    expect(burnedIn(burned, at(7_199_000))).toBeLessThanOrEqual(611)
  })

  it('is kept when the time that is looked at is changed', () => {
    const burned = add([{ from: 0, to: 0, micros: dollars(2) }], 0)
    expect(burnedIn(burn(burned, [], { inMs: 60 * MINUTE, now: 0 }), { inMs: 60 * MINUTE, now: 0 })).toBe(dollars(2))
  })
})
