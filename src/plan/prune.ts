import { groupBy } from '../lib/group-by.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Observed } from '../model/live.ts'
import type { Change, Goal, HeldChange } from '../model/plan.ts'
import type { Handling, Recorded } from '../model/resource.ts'
import { ownerBy } from './decide.ts'
import type { Names } from './names.ts'

export interface PruneInput {
  readonly app: string
  readonly goal: Goal
  readonly kinds: Kinds
  /** Oldest first. */
  readonly record: readonly Recorded[]
  readonly live: ReadonlyMap<ResourceId, Observed>
  /** Ids of this plan's goal, and those left alone. */
  readonly wanted: ReadonlySet<ResourceId>
  /** How the goal treats them: a document says itself how many of its generations are kept, from that revision on. */
  readonly handling: ReadonlyMap<ResourceId, Handling>
  /** Ids that any app desires, or of a rollback any other app: no app prunes them (rule 11). */
  readonly desired: ReadonlySet<ResourceId>
  /** Ids that the last good state may still need. */
  readonly lastGood: ReadonlySet<ResourceId>
  readonly names: Pick<Names, 'lost'>
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
    if (input.names.lost(from.id)) {
      forget.push(from.id)
    } else if (from.handling.prune === 'keep') {
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
  return { changes, held, forget: [...forget, ...gone(input)] }
}

/** Generations that would be kept, and are not there (a kill between the removal and its record). */
const gone = (input: PruneInput): readonly ResourceId[] =>
  input.record
    .filter(({ id, app }) => app === input.app && groupOf(id, input.kinds) !== undefined && !input.wanted.has(id))
    .filter(({ id }) => input.live.get(id)?.state === 'absent' && !input.desired.has(id))
    .map(({ id }) => id)

function candidates(input: PruneInput): readonly Recorded[] {
  const mine = input.record.filter((recorded) => recorded.app === input.app && !input.wanted.has(recorded.id))
  if (input.goal === 'last-good') {
    return mine.filter((recorded) => input.createdByAttempt.has(recorded.id) && !input.desired.has(recorded.id))
  }
  const kept = keptGenerations(mine, input)
  return mine.filter((recorded) => !input.desired.has(recorded.id) && !kept.has(recorded.id))
}

/**
 * Old generations of a Secret or Config that is still declared (rule 22): what last good needs, and the newest few, since a
 * rollback of Swarm itself may need them too (swarm.md 13). Those of a deleted document go as anything deleted does.
 */
function keptGenerations(record: readonly Recorded[], input: PruneInput): ReadonlySet<ResourceId> {
  const declared = new Map(
    [...input.wanted].flatMap((id) => {
      const group = groupOf(id, input.kinds)
      return group === undefined ? [] : [[group, input.handling.get(id)?.keep]]
    }),
  )
  const old = record.filter(({ id }) => declared.has(groupOf(id, input.kinds) ?? ''))
  const newest = [...groupBy(old, ({ id }) => groupOf(id, input.kinds))].flatMap(([name = '', group]) => {
    const keep = declared.get(name) ?? group.at(-1)?.handling.keep ?? 0
    return keep === 0 ? [] : group.slice(-keep)
  })
  const needed = old.filter(({ id }) => input.lastGood.has(id))
  return new Set([...newest, ...needed].map((recorded) => recorded.id))
}

/** The document that an id is a generation of: `prod/Secret/db-password`. */
function groupOf(id: ResourceId, kinds: Kinds): string | undefined {
  const { target, kind, name } = partsOf(id)
  const generationOf = kinds.get(kind)?.generationOf
  return generationOf && `${target}/${kind}/${generationOf(name)}`
}
