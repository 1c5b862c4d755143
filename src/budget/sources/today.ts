import type { Micros } from '../../model/budget.ts'
import { type Days, dayOf, daysOf, startOf } from '../days.ts'
import type { Asking, Part, Reading } from '../reading.ts'
import { SourceFault } from './ask-json.ts'
import { type DayState, dayReading } from './day-reading.ts'

/** What a source tells that knows of today only. */
export interface Today {
  readonly parts: Readonly<Record<Part, Micros>>
  readonly othersAtMost?: Micros
  readonly notes: readonly string[]
}

/** Clocks differ: just after midnight a figure may still be of the day before. */
const MIDNIGHT_MS = 60_000

/** Is it too soon after midnight (UTC) to tell which day a figure is of? */
export const tooSoon = (now: number): boolean => now - startOf(dayOf(now)) < MIDNIGHT_MS

/** Figures of today, put beside those of earlier days that were told as these were today. */
export async function todayReading(
  ask: () => Promise<Today>,
  asking: Asking<DayState>,
  timezone: string,
): Promise<Reading<DayState>> {
  const { parts, othersAtMost, notes } = await ask()
  const today = dayOf(asking.now)
  const known = asking.before?.days ?? {}
  const highest = new Map(Object.entries(known[today] ?? {}))
  for (const [part, micros] of Object.entries(parts)) highest.set(part, Math.max(micros, highest.get(part) ?? 0))
  const reading = dayReading({ ...known, [today]: Object.fromEntries(highest) }, asking, {
    timezone,
    notes: [...notes, ...untold(asking, known)],
  })
  const knows = [...new Set([...reading.knows, ...Object.keys(parts)])]
  return { ...reading, knows, ...(othersAtMost === undefined ? {} : { othersAtMost }) }
}

function untold({ window, now }: Asking<DayState>, known: Days): readonly string[] {
  const missing = daysOf(window, now)
    .slice(0, -1)
    .filter((day) => !known[day])
  return missing.length === 0
    ? []
    : [`it tells of today only: what was spent on ${missing.length} earlier days of this window is not known`]
}

/** What a supervisor tells is in micro-dollars already. */
export async function askSupervisor(
  cost: () => Promise<{ readonly micros: Micros } | { readonly unknown: string }>,
): Promise<Today> {
  const told = await cost()
  if ('unknown' in told) throw new SourceFault(told.unknown)
  return { parts: { '': told.micros }, notes: [] }
}
