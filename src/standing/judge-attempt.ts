import type { CheckState, StandingCheck } from '../model/standing.ts'

/** One attempt, as it ended. */
export interface Attempted {
  readonly ok: boolean
  readonly message: string
  readonly latencyMs: number
  /** ISO time. */
  readonly at: string
}

/**
 * What is known after one more attempt:
 *
 *   unknown --one passes--> passing
 *   any --`failures` of the last `of` failed--> failing
 *   failing --fewer of them failed--> passing
 *
 * One that only failed so far, and not often enough, stays unknown: nobody has seen it pass.
 */
export function judgeAttempt(
  known: CheckState,
  attempted: Attempted,
  { failAfter: { failures, of } }: StandingCheck,
): CheckState {
  const { ok, message, latencyMs, at } = attempted
  const last = [...known.last, ok].slice(-of)
  const bad = last.filter((one) => !one).length
  const state = bad >= failures ? 'failing' : last.includes(true) || known.state === 'passing' ? 'passing' : 'unknown'
  // What made it fail stays said while it fails, though an attempt in between went well.
  const why = state === 'failing' && ok ? known.message : message
  const since = state === known.state ? known.since : at
  return { app: known.app, name: known.name, state, last, message: why, at, since, latencyMs }
}

/** Before the first attempt. */
export const neverMade = ({ app, name }: Pick<StandingCheck, 'app' | 'name'>, since: string): CheckState => ({
  app,
  name,
  state: 'unknown',
  last: [],
  message: 'not made yet',
  since,
})

const RESTS = 'not made: its app is suspended'

/** Nobody asks while its app rests; what was known is of before. */
export const notMade = (known: CheckState, at: string): CheckState =>
  known.state === 'unknown' && known.message === RESTS
    ? known
    : { app: known.app, name: known.name, state: 'unknown', last: [], message: RESTS, since: at }
