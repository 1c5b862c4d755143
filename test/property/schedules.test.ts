import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addDays, civilDateAt } from '../../src/lib/wall-clock.ts'
import { createTimetable, dueBetween } from '../../src/runs/due.ts'
import { CASES } from './cases.ts'

const ZONES = [
  ...['UTC', 'Europe/Amsterdam', 'America/New_York', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
  ...['Africa/Cairo', 'America/Santiago', 'Pacific/Auckland', 'Asia/Beirut', 'Atlantic/Azores', 'Pacific/Chatham'],
]
const DAY = 86_400_000

it('what is due at a time of the day is due once on each date, whatever the clocks do', () => {
  const zone = fc.constantFrom(...ZONES)
  const minutes = fc.integer({ min: 0, max: 1_439 })
  const days = fc.integer({ min: 0, max: 365 * 6 })
  fc.assert(
    fc.property(zone, minutes, days, (timezone, minute, start) => {
      const timetable = createTimetable({ cron: `${minute % 60} ${Math.floor(minute / 60)} * * *`, timezone })
      const from = Date.UTC(2022, 0, 1) + start * DAY
      const found = [...dueBetween(timetable, from, from + 40 * DAY, 1_000)].reverse()
      const dates = found.map((at) => civilDateAt(new Date(at), timezone))
      expect(dates.length).toBeGreaterThanOrEqual(39)
      for (const [at, date] of dates.slice(1).entries()) expect(date).toEqual(addDays(dates[at] ?? date, 1))
    }),
    { numRuns: Math.min(CASES, 60) },
  )
})

it('two that look one after the other see each time once', () => {
  const looks = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom('*/7 * * * *', '30 2 * * *', '15 */3 * * 1-5'),
      looks,
      (timezone, cron, gaps) => {
        const timetable = createTimetable({ cron, timezone })
        const from = Date.UTC(2026, 9, 22)
        const times = gaps.map((_, at) => from + gaps.slice(0, at + 1).reduce((sum, gap) => sum + gap * 60_000, 0))
        const until = times.at(-1) ?? from
        const parts = times.flatMap((to, at) => dueBetween(timetable, times[at - 1] ?? from, to, 100_000))
        expect(parts.sort((a, b) => b - a)).toEqual(dueBetween(timetable, from, until, 100_000))
      },
    ),
    { numRuns: Math.min(CASES, 40) },
  )
})
