import type { Kinds } from '../model/kind.ts'
import { type Change, changesOf } from '../model/plan.ts'
import { portsHeld } from '../plan/ports.ts'
import type { Look } from './look.ts'
import type { PlannedApp } from './plan-apps.ts'

export interface HandoverInput {
  readonly planned: readonly PlannedApp[]
  readonly kinds: Kinds
  readonly look: Look
  /** An app, and all that it waits for: what it depends on, and the canary. */
  waitsFor(app: string): ReadonlySet<string>
}

/**
 * Apps that give up, in this very run, a port that this one cannot have before: it comes after them. Only those that can
 * go ahead themselves, and wait for nothing that waits for a port, so that no two ever wait for each other.
 */
export function givesWayTo(app: PlannedApp, input: HandoverInput): readonly string[] {
  const needed = neededPorts(app, input)
  if (needed.size === 0) return []
  const stuck = new Set(input.planned.flatMap((other) => (other.unfit.length > 0 ? [other.app] : [])))
  return input.planned.flatMap((other) => {
    if (other.app === app.app || other.blocked) return []
    if ([...input.waitsFor(other.app)].some((name) => stuck.has(name))) return []
    const freed = changesOf(other.plan).flatMap((change) => givenUp(change, input))
    return freed.some((port) => needed.has(port)) ? [other.app] : []
  })
}

function neededPorts({ plan, unfit }: PlannedApp, { kinds }: HandoverInput): ReadonlySet<string> {
  const ids = new Set(unfit.map(({ id }) => id))
  return new Set(changesOf(plan).flatMap((change) => (ids.has(change.id) ? portsAfter(change, kinds) : [])))
}

const portsAfter = (change: Change, kinds: Kinds): readonly string[] =>
  'to' in change ? (kinds.get(change.to.kind)?.ports?.(change.to.spec) ?? []) : []

function givenUp(change: Change, { kinds, look }: HandoverInput): readonly string[] {
  if (change.action !== 'prune' && change.action !== 'update' && change.action !== 'replace') return []
  const { id, from } = change
  const kind = change.action === 'prune' ? change.from.kind : change.to.kind
  const after = new Set(portsAfter(change, kinds))
  return [...portsHeld({ id, kind, from }, { kinds, live: look.live.of })].filter((port) => !after.has(port))
}
