import type { Shelf } from '../model/shelf.ts'
import type { CheckState, StandingCheck } from '../model/standing.ts'
import { neverMade } from './judge-attempt.ts'

/** Names may hold slashes. */
export const checkKey = ({ app, name }: Pick<StandingCheck, 'app' | 'name'>): string =>
  `${encodeURIComponent(app)}/${encodeURIComponent(name)}`

/** So much later than it was due, nobody makes it any more: the daemon stands, or is none. */
const LATE_INTERVALS = 3
const LATE_LEAST_MS = 60_000

/** What is known of each declared check, as long as it is known: what was not made for a while is unknown. */
export function knownStates(
  declared: readonly StandingCheck[],
  { shelf, now }: { readonly shelf: Pick<Shelf<CheckState>, 'get'>; readonly now: Date },
): readonly CheckState[] {
  return declared.map((check) => {
    const known = shelf.get(checkKey(check)) ?? neverMade(check, now.toISOString())
    return isLate(known, check, now)
      ? { ...known, state: 'unknown', message: `not made since; ${known.message}` }
      : known
  })
}

function isLate({ at, state }: CheckState, { intervalMs, spec }: StandingCheck, now: Date): boolean {
  if (at === undefined || state === 'unknown') return false
  const late = Math.max(LATE_INTERVALS * (intervalMs + spec.timeoutMs), LATE_LEAST_MS)
  return now.getTime() - Date.parse(at) > late
}
