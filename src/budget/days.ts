import { ownValue } from '../lib/own-value.ts'
import type { Micros } from '../model/budget.ts'
import type { Part } from './reading.ts'
import type { Window } from './windows.ts'

/** UTC date (`2026-11-21`) -> part -> what a vendor says that was spent on it. */
export type Days = Readonly<Record<string, Readonly<Record<Part, Micros>>>>

export const DAY_MS = 86_400_000

export const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10)
export const startOf = (day: string): number => Date.parse(`${day}T00:00:00.000Z`)

/** The UTC days that a window has a part of, until now. */
export function daysOf({ start, end }: Window, now: number): readonly string[] {
  const days: string[] = []
  const last = Math.min(now, end - 1)
  for (let at = startOf(dayOf(start)); at <= last; at += DAY_MS) days.push(dayOf(at))
  return days
}

/** Vendors count in UTC days: a window that begins within one begins with an estimate. */
export const beginsWithinDay = ({ start }: Window): boolean => start !== startOf(dayOf(start))

export interface DaySum {
  readonly window: Window
  readonly now: number
  /** What the day in which the window begins had come to as it began, where that was seen. */
  readonly opening: Readonly<Record<Part, Micros>> | undefined
}

/**
 * What was spent in a window, of whole UTC days. Of the day in which it begins counts what came after what was seen as it
 * began; where nobody looked then, the window's share of that day by time.
 */
export function sumDays(days: Days, { window, now, opening }: DaySum): Readonly<Record<Part, Micros>> {
  const sum = new Map<Part, Micros>()
  const first = dayOf(window.start)
  for (const day of daysOf(window, now)) {
    for (const [part, micros] of Object.entries(days[day] ?? {})) {
      const before = day === first ? beforeWindow(micros, { window, now, seen: opening && ownValue(opening, part) }) : 0
      sum.set(part, (sum.get(part) ?? 0) + Math.max(0, micros - before))
    }
  }
  return Object.fromEntries(sum)
}

function beforeWindow(
  micros: Micros,
  { window, now, seen }: { readonly window: Window; readonly now: number; readonly seen: Micros | undefined },
): Micros {
  const day = startOf(dayOf(window.start))
  if (seen !== undefined || window.start === day) return seen ?? 0
  const told = Math.max(window.start, Math.min(now, day + DAY_MS)) - day
  return Math.floor((micros * (window.start - day)) / told)
}
