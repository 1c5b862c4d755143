import { sameValue } from '../model/digest.ts'
import type { ResourceId } from '../model/id.ts'
import type { Kind, Kinds } from '../model/kind.ts'
import type { Observed } from '../model/live.ts'
import type { Change } from '../model/plan.ts'
import { type Recorded, SPEC_FORMAT, type Wanted } from '../model/resource.ts'
import { changeFor, isAtRest, kindOf, ownerBy } from './decide.ts'
import { atRest } from './overlay.ts'

export interface StopInput {
  /** What stands at rest for a budget now. */
  readonly halted: ReadonlySet<ResourceId>
  /** The goal, at rest where it is to be. */
  readonly wanted: readonly Wanted[]
  readonly record: ReadonlyMap<ResourceId, Recorded>
  readonly live: ReadonlyMap<ResourceId, Observed>
  readonly kinds: Kinds
}

/**
 * What has to be stopped for a budget, as it is recorded: nothing else of it changes, so that neither a new revision (its
 * image, its windows, what it waits for) nor a failure of one keeps it running. What a person started by hand is stopped
 * again, whatever its drift policy and `ignore` say.
 */
export function stopsOf(input: StopInput): readonly Change[] {
  return [...input.halted].sort().flatMap((id) => stopOf(id, input) ?? [])
}

function stopOf(id: ResourceId, { wanted, record, live, kinds }: StopInput): Change | undefined {
  const observed = live.get(id)
  const recorded = record.get(id)
  if (observed?.state !== 'present' || !recorded) return undefined
  const kind = kindOf(kinds, recorded.kind)
  if (ownerBy(observed.owner, recorded, kinds).who !== 'us' || isAtRest(kind, observed.live)) return undefined
  const goal = wanted.find((one) => one.id === id)
  const to = stopped(recorded, goal, kind)
  const diffs = to ? kind.compare(to.spec, observed.live) : []
  return to && diffs.length > 0 ? changeFor(to, { diffs, cause: 'budget', from: recorded }) : undefined
}

function stopped(recorded: Recorded, goal: Wanted | undefined, kind: Kind): Wanted | undefined {
  const { id, app, handling } = recorded
  // What was rebuilt from live has no spec of its own that could be written again.
  if (recorded.format !== SPEC_FORMAT && goal) return goal
  const spec = kind.suspend(recorded.spec)
  if (spec === undefined) return undefined
  const digest = sameValue(spec, recorded.spec) ? recorded.digest : atRest(recorded.digest)
  const { after = [], origin = { path: '', line: 1, column: 1 } } = goal ?? {}
  return { id, kind: recorded.kind, spec, digest, app, after, handling, origin }
}
