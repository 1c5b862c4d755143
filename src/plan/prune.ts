import type { ResourceId } from '../model/id.ts'
import { partsOf } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Observed } from '../model/live.ts'
import type { Change, Goal, HeldChange } from '../model/plan.ts'
import type { Recorded } from '../model/resource.ts'
import { ownerBy } from './decide.ts'

export interface PruneInput {
  readonly app: string
  readonly goal: Goal
  readonly kinds: Kinds
  /** Oldest first. */
  readonly record: readonly Recorded[]
  readonly live: ReadonlyMap<ResourceId, Observed>
  /** Ids of this plan's goal, and those left alone. */
  readonly wanted: ReadonlySet<ResourceId>
  /** Ids that any app desires, or of a rollback any other app: no app prunes them (rule 11). */
  readonly desired: ReadonlySet<ResourceId>
  /** Ids that the last good state may still need. */
  readonly lastGood: ReadonlySet<ResourceId>
  /** A rollback prunes only these (rule 16). */
  readonly createdByAttempt: ReadonlySet<ResourceId>
}

export interface Pruned {
  readonly changes: readonly Change[]
  readonly held: readonly HeldChange[]
  readonly forget: readonly ResourceId[]
}

/** Record minus desired, never live minus desired (rule 8). */
export function decidePrune(input: PruneInput): Pruned {
  const changes: Change[] = []
  const held: HeldChange[] = []
  const forget: ResourceId[] = []
  for (const from of candidates(input)) {
    const observed = input.live.get(from.id) ?? { state: 'unknown', reason: 'it was not observed' }
    if (from.handling.prune === 'keep') {
      held.push({ id: from.id, why: 'kept', message: '`prune: keep`: it stays and is no longer ours' })
      forget.push(from.id)
    } else if (observed.state === 'unknown') {
      held.push({ id: from.id, why: 'unknown', message: `it is to be pruned, but ${observed.reason}` })
    } else if (observed.state === 'absent') {
      forget.push(from.id)
    } else if (ownerBy(observed.owner, from, input.kinds).who === 'us') {
      const cause = input.goal === 'last-good' ? 'rollback' : 'revision'
      changes.push({ action: 'prune', id: from.id, cause, diffs: [], from })
    } else {
      held.push({ id: from.id, why: 'conflict', message: 'it is to be pruned, but no longer carries our stamp' })
      forget.push(from.id)
    }
  }
  return { changes, held, forget }
}

function candidates(input: PruneInput): readonly Recorded[] {
  const mine = input.record.filter((recorded) => recorded.app === input.app && !input.wanted.has(recorded.id))
  if (input.goal === 'last-good') {
    return mine.filter((recorded) => input.createdByAttempt.has(recorded.id) && !input.desired.has(recorded.id))
  }
  const kept = keptGenerations(mine, input.kinds)
  return mine.filter(
    (recorded) =>
      !input.desired.has(recorded.id) &&
      !kept.has(recorded.id) &&
      !(isGeneration(recorded, input.kinds) && input.lastGood.has(recorded.id)),
  )
}

const isGeneration = (recorded: Recorded, kinds: Kinds): boolean => kinds.get(recorded.kind)?.generationOf !== undefined

/** The newest old generations of each Secret and Config (rule 22): a rollback may need them, Swarm itself too (swarm.md 13). */
function keptGenerations(record: readonly Recorded[], kinds: Kinds): ReadonlySet<ResourceId> {
  const groups = new Map<string, Recorded[]>()
  for (const recorded of record) {
    const generationOf = kinds.get(recorded.kind)?.generationOf
    if (!generationOf) continue
    const { target, kind, name } = partsOf(recorded.id)
    const key = `${target}/${kind}/${generationOf(name)}`
    groups.set(key, [...(groups.get(key) ?? []), recorded])
  }
  const newest = [...groups.values()].flatMap((group) => {
    const keep = group.at(-1)?.handling.keep ?? 0
    return keep === 0 ? [] : group.slice(-keep)
  })
  return new Set(newest.map((recorded) => recorded.id))
}
