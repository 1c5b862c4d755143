import { addDays, type CivilDate, civilDateAt, instantOf, weekdayOf } from '../lib/wall-clock.ts'
import type { Budget } from '../model/budget.ts'

/** From `start` until before `end`: milliseconds since 1970. */
export interface Window {
  readonly start: number
  readonly end: number
}

export type Calendar = Pick<Budget, 'window' | 'timezone'>

/**
 * The calendar day, week (from Monday) or month that holds an instant. Windows follow each other without a gap: a day begins
 * when its zone shows midnight for the first time, or, where that is skipped, as the clocks jump over it; and a date that a
 * zone never had (Samoa, 30 December 2011) has no window.
 */
export function windowAt(calendar: Calendar, instant: number): Window {
  const window = windowOf(calendar, civilDateAt(new Date(instant), calendar.timezone))
  // A zone may show midnight, and a minute later the evening before once more (St John's, until 2011).
  return instant < window.end ? window : windowAt(calendar, window.end)
}

export const windowAfter = (calendar: Calendar, { end }: Window): Window => windowAt(calendar, end)

function windowOf({ window, timezone }: Calendar, date: CivilDate): Window {
  const first = firstOf(window, date)
  const at = { timezone, which: 'first' as const }
  return { start: instantOf(first, 0, at), end: instantOf(afterOf(window, first), 0, at) }
}

function firstOf(window: Calendar['window'], date: CivilDate): CivilDate {
  if (window === 'day') return date
  if (window === 'month') return { ...date, day: 1 }
  return addDays(date, -((weekdayOf(date) + 6) % 7))
}

function afterOf(window: Calendar['window'], first: CivilDate): CivilDate {
  if (window !== 'month') return addDays(first, window === 'day' ? 1 : 7)
  const { year, month } = first
  return month === 12 ? { year: year + 1, month: 1, day: 1 } : { year, month: month + 1, day: 1 }
}
