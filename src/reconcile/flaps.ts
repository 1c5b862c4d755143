import type { ResourceId } from '../model/id.ts'
import { type Change, type HeldChange, onlyChanges, type Plan } from '../model/plan.ts'
import type { DriftSeen } from '../model/store.ts'

const HOUR_MS = 3_600_000
const MAX_HEALS = 3

/** The same drift healed three times within the hour: somebody else wants it otherwise (reliability.md 25). */
export function guardFlaps(plan: Plan, drift: Readonly<Record<string, DriftSeen>>, now: Date): Plan {
  const held: HeldChange[] = []
  const flaps = (change: Change): boolean => {
    if (change.cause !== 'drift') return false
    const recent = drift[change.id]?.healed.filter((at) => now.getTime() - Date.parse(at) < HOUR_MS) ?? []
    if (recent.length < MAX_HEALS) return false
    const message = `drift was healed ${recent.length} times within an hour: something else changes it back`
    held.push({ id: change.id, why: 'reported', message, diffs: change.diffs })
    return true
  }
  const calm = onlyChanges(plan, (change) => !flaps(change))
  return held.length === 0 ? plan : { ...calm, held: [...plan.held, ...held] }
}

export interface DriftBefore {
  readonly before: Readonly<Record<string, DriftSeen>>
  /** Not looked at now. */
  readonly unseen: ReadonlySet<ResourceId>
}

/**
 * Drift as it stands after a look: first and last seen, and the heals of the last hour (rule 21). What was not to be seen
 * is as it was: that a host was away for a minute does not make its drift a new one.
 */
export function driftSeen(
  plans: readonly Plan[],
  { before, unseen }: DriftBefore,
  now: Date,
): Readonly<Record<string, DriftSeen>> {
  const at = now.toISOString()
  const next: Record<string, DriftSeen> = {}
  const unknown = plans.flatMap(({ held }) => held.flatMap(({ id, why }) => (why === 'unknown' ? [id] : [])))
  const kept = new Set<string>([...unseen, ...unknown])
  for (const [id, seen] of Object.entries(before)) {
    const healed = seen.healed.some((heal) => now.getTime() - Date.parse(heal) < HOUR_MS)
    if (healed || kept.has(id)) next[id] = seen
  }
  for (const plan of plans) {
    const drifted = [
      ...plan.held.filter((held) => held.why === 'reported' || held.why === 'ignored').map((held) => held.id),
      ...plan.stages.flatMap((stage) => stage.changes.filter((change) => change.cause === 'drift').map((c) => c.id)),
    ]
    for (const id of drifted) {
      const seen = before[id]
      next[id] = { firstSeen: seen?.firstSeen ?? at, lastSeen: at, healed: seen?.healed ?? [] }
    }
  }
  return next
}
