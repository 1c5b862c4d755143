import type { Micros } from '../model/budget.ts'

/** Something was spent between two instants (milliseconds); where both are the same, then. */
export interface Increase {
  readonly from: number
  readonly to: number
  readonly micros: Micros
}

/** What was spent in each slice of time that may still count: bounded, however often is looked. */
export interface Burned {
  readonly sliceMs: number
  /** Number of the slice since 1970 -> micros. */
  readonly slices: Readonly<Record<string, Micros>>
}

/** So many slices in the time that is looked at: the oldest counts whole, so at most that much of the time too many. */
const SLICES = 60

const sliceOf = (inMs: number): number => Math.max(1_000, Math.ceil(inMs / SLICES))

/**
 * Adds what was spent, and forgets what is too old to count. An increase over a time is spread over it: what a source tells
 * after it was away for hours was no fast burn, as far as anyone can tell.
 */
export function burn(before: Burned | undefined, increases: readonly Increase[], of: BurnOf): Burned {
  const sliceMs = sliceOf(of.inMs)
  const first = Math.floor((of.now - of.inMs) / sliceMs)
  const slices = new Map<number, Micros>()
  const add = (slice: number, micros: Micros): void => {
    if (slice >= first && micros > 0) slices.set(slice, (slices.get(slice) ?? 0) + micros)
  }
  for (const [slice, micros] of Object.entries(before?.slices ?? {})) {
    const at = Number(slice) * (before?.sliceMs ?? sliceMs)
    add(Math.floor(at / sliceMs), micros)
  }
  for (const increase of increases) spread(increase, { sliceMs, first, add })
  return { sliceMs, slices: Object.fromEntries(slices) }
}

interface BurnOf {
  /** The time that is looked at. */
  readonly inMs: number
  readonly now: number
}

interface Spreading {
  readonly sliceMs: number
  readonly first: number
  add(slice: number, micros: Micros): void
}

function spread({ from, to, micros }: Increase, { sliceMs, first, add }: Spreading): void {
  const last = Math.floor(to / sliceMs)
  if (to - from <= sliceMs) {
    add(last, micros)
    return
  }
  const start = Math.max(from, first * sliceMs)
  let given = 0
  for (let slice = Math.floor(start / sliceMs); slice <= last; slice += 1) {
    const upTo = Math.min(to, (slice + 1) * sliceMs)
    // All until there, less what was given: shares that are rounded one by one would lose a micro.
    const share = Math.round((micros * (upTo - start)) / (to - from)) - given
    add(slice, share)
    given += share
  }
}

/** What was spent in the time that is looked at. */
export function burnedIn(burned: Burned | undefined, { inMs, now }: BurnOf): Micros {
  if (!burned) return 0
  const first = Math.floor((now - inMs) / burned.sliceMs)
  return Object.entries(burned.slices).reduce(
    (sum, [slice, micros]) => (Number(slice) >= first ? sum + micros : sum),
    0,
  )
}
