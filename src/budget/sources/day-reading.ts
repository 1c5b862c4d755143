import type { Micros } from '../../model/budget.ts'
import { beginsWithinDay, DAY_MS, type Days, dayOf, daysOf, sumDays } from '../days.ts'
import type { Asking, Part, Reading } from '../reading.ts'
import type { Window } from '../windows.ts'

/** What is kept of a source that counts in UTC days. */
export interface DayState {
  /** As told last, of the days that its window has a part of. */
  readonly days: Days
  /** When (ms). */
  readonly at: number
  /** The window (its start) whose first day had come to so much as it began. */
  readonly opening?: { readonly start: number; readonly parts: Readonly<Record<Part, Micros>> }
}

/** A look this short before a window began tells what its first day had come to. */
const SHORT_MS = 30 * 60_000

/** Figures of UTC days as those of a window. `days`: as told now, with what was told of earlier days before. */
export function dayReading(
  days: Days,
  asking: Asking<DayState>,
  { notes = [], timezone }: { readonly notes?: readonly string[]; readonly timezone: string },
): Reading<DayState> {
  const { window, now, before } = asking
  const opening = openingOf(asking)
  const spent = sumDays(days, { window, now, opening: opening?.parts })
  const kept = Object.fromEntries(daysOf(window, now).flatMap((day) => (days[day] ? [[day, days[day]]] : [])))
  const edges = beginsWithinDay(window)
    ? [`it counts in UTC days: where days of ${timezone} begin and end is an estimate`]
    : []
  return {
    spent,
    knows: Object.keys(spent),
    notes: [...edges, ...notes],
    state: { days: { ...lately(before?.days ?? {}, window), ...kept }, at: now, ...(opening ? { opening } : {}) },
  }
}

function openingOf({ window, before }: Asking<DayState>): DayState['opening'] {
  if (!before || before.opening?.start === window.start) return before?.opening
  const seen = before.days[dayOf(window.start)]
  const isFresh = before.at < window.start && window.start - before.at <= SHORT_MS
  return seen && isFresh && beginsWithinDay(window) ? { start: window.start, parts: seen } : undefined
}

/** Of the days before the window, one is kept: a window of another calendar may begin within it. */
const lately = (days: Days, { start }: Window): Days =>
  Object.fromEntries(Object.entries(days).filter(([day]) => day >= dayOf(start - DAY_MS)))
