import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Calendar, windowAfter, windowAt } from '../../src/budget/windows.ts'
import { addDays, type CivilDate, civilDateAt, weekdayOf } from '../../src/lib/wall-clock.ts'

const HOUR = 3_600_000
const ZONES = Intl.supportedValuesOf('timeZone')
const [FROM, TO] = [Date.UTC(2000, 0, 1), Date.UTC(2041, 0, 1)]

/** Zones whose midnights are skipped or come twice, and one that skipped a whole day. */
const ODD = [
  ...['America/Sao_Paulo', 'America/Havana', 'America/Asuncion', 'Asia/Beirut', 'Africa/Cairo', 'Atlantic/Azores'],
  ...['America/St_Johns', 'America/Santiago', 'Pacific/Apia', 'Pacific/Fakaofo', 'Asia/Amman', 'Asia/Tehran'],
  ...['Australia/Lord_Howe', 'Asia/Pyongyang', 'America/Caracas', 'Asia/Gaza', 'America/Scoresbysund'],
]

/** Walked through day by day. */
const ODDEST = [
  ...['America/Sao_Paulo', 'America/Havana', 'Atlantic/Azores', 'America/St_Johns', 'Pacific/Apia'],
  ...['America/Scoresbysund', 'Asia/Gaza'],
]

const zone = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ZONES) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
)
const calendar: fc.Arbitrary<Calendar> = fc.record({
  window: fc.constantFrom('day', 'week', 'month' as const),
  timezone: zone,
})
const instant = fc.integer({ min: FROM, max: TO })

const shown = (at: number, timezone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: timezone }).format(at)
const dateOf = (at: number, timezone: string): CivilDate => civilDateAt(new Date(at), timezone)
const numberOf = ({ year, month, day }: CivilDate): number => Date.UTC(year, month - 1, day)

describe('windows of budgets, over all time zones', () => {
  it('hold the instant that they are asked for, and follow each other without gap or overlap', () => {
    fc.assert(
      fc.property(calendar, instant, (of, at) => {
        const window = windowAt(of, at)
        expect(window.start).toBeLessThanOrEqual(at)
        expect(at).toBeLessThan(window.end)
        const after = windowAfter(of, window)
        expect(after.start).toBe(window.end)
        expect(windowAt(of, window.end - 1)).toEqual(window)
        expect(windowAt(of, window.start)).toEqual(window)
        expect(windowAt(of, window.start - 1).end).toBe(window.start)
      }),
      { numRuns: 1_500 },
    )
  })

  it('begin at the midnight of their zone, or as its clocks jump over it', () => {
    fc.assert(
      fc.property(calendar, instant, (of, at) => {
        const { start } = windowAt(of, at)
        const began = dateOf(start, of.timezone)
        if (shown(start, of.timezone) !== '00:00:00') {
          const before = dateOf(start - 1, of.timezone)
          expect(numberOf(before)).toBeLessThan(numberOf(began))
        }
        // Where a whole day is skipped, the week or month begins the day after.
        const skips = numberOf(began) - numberOf(dateOf(start - 1, of.timezone)) > 24 * HOUR
        if (of.window === 'week' && !skips) expect(weekdayOf(began)).toBe(1)
        if (of.window === 'month' && !skips) expect(began.day).toBe(1)
      }),
      { numRuns: 1_500 },
    )
  })

  it('are as long as a day, a week or a month, but for what clocks are turned', () => {
    fc.assert(
      fc.property(calendar, instant, (of, at) => {
        const { start, end } = windowAt(of, at)
        const [least, most] = { day: [1, 1], week: [7, 7], month: [28, 31] }[of.window] as [number, number]
        // Samoa went without a day; elsewhere clocks are turned by an hour at most, once in a day, and zones move by two.
        const skipped = of.timezone === 'Pacific/Apia' || of.timezone === 'Pacific/Fakaofo' ? 24 : 0
        expect((end - start) / HOUR).toBeGreaterThanOrEqual(least * 24 - 3 - skipped)
        expect((end - start) / HOUR).toBeLessThanOrEqual(most * 24 + 3)
      }),
      { numRuns: 1_500 },
    )
  })

  it('are the same for every instant that they hold', () => {
    fc.assert(
      fc.property(calendar, instant, fc.double({ min: 0, max: 1, noNaN: true }), (of, at, part) => {
        const window = windowAt(of, at)
        const other = window.start + Math.floor(part * (window.end - window.start - 1))
        expect(windowAt(of, other)).toEqual(window)
      }),
      { numRuns: 1_500 },
    )
  })

  it.each(ODDEST)(
    'days of %s, one after the other from 2000 to 2040, last 23 to 25 hours and miss no date',
    (timezone) => {
      const of = { window: 'day', timezone } as const
      let window = windowAt(of, FROM)
      let days = 0
      for (; window.start < TO; window = windowAfter(of, window)) {
        const date = dateOf(window.start, timezone)
        const next = dateOf(window.end, timezone)
        const missed = (numberOf(next) - numberOf(addDays(date, 1))) / (24 * HOUR)
        // Only the two that crossed the date line; the next day then follows at once.
        expect(missed === 0 || (missed === 1 && timezone.startsWith('Pacific/'))).toBe(true)
        const hours = (window.end - window.start) / HOUR
        expect(hours >= 23 && hours <= 25).toBe(true)
        days += 1
      }
      expect(days).toBeGreaterThanOrEqual(14_975)
    },
  )
})
