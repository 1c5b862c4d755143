import type { Desired } from '../model/desired.ts'
import type { Digest } from '../model/digest.ts'
import type { Problem } from '../model/problem.ts'

/** App -> digest of everything rendered of it. */
export type AppDigests = Readonly<Record<string, Digest>>

/**
 * By which a later revision is told to touch an app or not (rule 7). What could not be read may hide any app: of those
 * that are not seen then, the digest of before stands.
 */
export function digestsOf(desired: Desired, before: AppDigests): AppDigests {
  const seen = Object.fromEntries([...desired.apps.values()].map(({ app, digest }) => [app, digest]))
  return unreadOf(desired).length > 0 ? { ...before, ...seen } : seen
}

/** Errors of no single app. */
export const unreadOf = ({ problems }: Desired): readonly Problem[] =>
  problems.filter(({ severity, app }) => severity === 'error' && app === undefined)

/** Changed, appeared or vanished; by name. */
export function touchedApps(before: AppDigests, after: AppDigests): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((app) => before[app] !== after[app]).sort()
}
