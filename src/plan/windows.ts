import { type DenyWindow, parseDenyWindow } from '../lib/deny-window.ts'
import { addDays, civilDateAt, instantOf, weekdayOf } from '../lib/wall-clock.ts'
import type { Window } from '../model/desired.ts'

/**
 * The window that denies new revisions now. `until` is when none denies any more: where one ends as another begins, or
 * while it lasts, the end of both. Windows that leave no time at all say so only for the next eight days.
 *
 * A window goes by the clocks of its place. An hour that comes twice when summer time ends is denied twice; an end that is
 * skipped when summer time begins is the instant at which it is skipped. The texts were checked with the document.
 */
export function denyingWindow(
  windows: readonly Window[],
  now: Date,
): { readonly until: Date; readonly text: string } | undefined {
  const spans = windows.flatMap((window) => spansNear(window, now)).sort((a, b) => a.from - b.from)
  const denying = spans.find((span) => contains(span, now.getTime()))
  if (!denying) return undefined
  let until = denying.to
  for (const span of spans) if (contains(span, until)) until = span.to
  return { until: new Date(until), text: denying.text }
}

/** Milliseconds; the end is not in it. */
interface Span {
  readonly from: number
  readonly to: number
  readonly text: string
}

const contains = (span: Span, instant: number): boolean => span.from <= instant && instant < span.to

/** A window lasts a week at most: one that began eight days ago is over. */
const NEAR = 8

function spansNear({ deny, timezone }: Window, now: Date): readonly Span[] {
  const window = parseDenyWindow(deny)
  const today = civilDateAt(now, timezone)
  const dates = Array.from({ length: 2 * NEAR + 1 }, (_, index) => addDays(today, index - NEAR))
  const text = `${deny} (${timezone})`
  return dates
    .filter((date) => window.days.includes(weekdayOf(date)))
    .map((date) => ({ ...spanFrom(date, window, timezone), text }))
}

function spanFrom(date: ReturnType<typeof addDays>, { from, spans, to }: DenyWindow, timezone: string) {
  return {
    from: instantOf(date, from, { timezone, which: 'first' }),
    to: instantOf(addDays(date, spans), to, { timezone, which: 'last' }),
  }
}
