import { describe, expect, it } from 'vitest'
import { countSamples, type SeriesState } from '../../src/budget/samples.ts'
import { dollars } from './budget-world.ts'

const points = (...samples: readonly (readonly [number, number])[]) => samples.map(([at, value]) => ({ at, value }))
const series = (labels: Record<string, string>, ...samples: readonly (readonly [number, number])[]) => ({
  labels: { __name__: 'cost_usd', ...labels },
  points: points(...samples),
})
const count = (found: Parameters<typeof countSamples>[0], before: SeriesState = {}, from = 0, by?: string) =>
  countSamples(found, { before, from, by })
const total = (counted: ReturnType<typeof countSamples>) =>
  counted.increases.reduce((sum, { micros }) => sum + micros, 0)

describe('counters are differenced from their raw samples', () => {
  it('adds what came between neighbours', () => {
    const before = count([series({}, [10, 5])]).series
    expect(total(count([series({}, [10, 5], [20, 5.5], [30, 7.25])], before))).toBe(dollars(2.25))
  })

  it('counts the first sample of a new series in full: it began at zero', () => {
    expect(total(count([series({}, [10, 3])]))).toBe(dollars(3))
  })

  it('counts the whole of a value that fell: the counter began anew', () => {
    expect(total(count([series({}, [10, 8], [20, 2], [30, 3])], {}, 0))).toBe(dollars(8 + 2 + 1))
  })

  it('counts a sample once, however often it is told', () => {
    const first = count([series({}, [10, 1], [20, 2])])
    const again = count([series({}, [10, 1], [20, 2], [30, 2.5])], first.series)
    expect([total(first), total(again)]).toEqual([dollars(2), dollars(0.5)])
  })

  it('puts an increase where its later sample is, and leaves out what is of another window', () => {
    const { increases } = count([series({}, [90, 4], [110, 5], [120, 7])], {}, 100_000)
    expect(increases).toEqual([
      { part: '', from: 90_000, to: 110_000, micros: dollars(1) },
      { part: '', from: 110_000, to: 120_000, micros: dollars(2) },
    ])
  })

  it('loses nothing to rounding, however small the steps', () => {
    const steps = Array.from({ length: 1_001 }, (_, index) => [index, index * 0.0000004] as const)
    expect(total(count([series({}, ...steps)]))).toBe(400)
  })

  it('tells series apart by all of their labels, and parts by one', () => {
    const found = [
      series({ agent: 'a', node: '1' }, [10, 1]),
      series({ agent: 'a', node: '2' }, [10, 2]),
      series({ agent: 'b' }, [10, 4]),
    ]
    const { increases, problems } = count(found, {}, 0, 'agent')
    expect(increases.map(({ part, micros }) => [part, micros])).toEqual([
      ['a', dollars(1)],
      ['a', dollars(2)],
      ['b', dollars(4)],
    ])
    expect(problems).toEqual([])
  })

  it('says what it does not count', () => {
    const found = [series({}, [10, 1], [20, Number.NaN], [30, -4], [40, Number.POSITIVE_INFINITY], [50, 2])]
    const counted = count(found)
    expect(total(counted)).toBe(dollars(2))
    expect(counted.problems).toHaveLength(3)
    expect(counted.problems[0]).toContain('cost_usd{} has a sample that is NaN')
    expect(count([series({ node: '1' }, [10, 1])], {}, 0, 'agent').problems[0]).toContain('no label agent')
  })
})
