import { groupBy } from '../lib/group-by.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Recorded } from '../model/resource.ts'

export interface NamesInput {
  readonly kinds: Kinds
  readonly record: readonly Pick<Recorded, 'id' | 'app'>[]
  /** Ids that this plan, or any app, asks for. */
  readonly asked: ReadonlySet<ResourceId>
}

/**
 * Kinds may share their live names, and then two ids mean one live thing: what looks like ours under the one id is ours
 * under the other, and making, replacing or pruning it would destroy that. So a name belongs to the id that the record
 * knows, and while it is not plain which one that is, neither is touched.
 */
export interface Names {
  /** Why this id may not have its live name now. */
  taken(id: ResourceId): string | undefined
  /** A recorded id whose live name is now another one's: only the record forgets it. */
  lost(id: ResourceId): boolean
}

export function namesIn(input: NamesInput): Names {
  const recorded = new Map(input.record.map((entry) => [entry.id, entry.app]))
  const shared = groupBy([...new Set([...input.asked, ...recorded.keys()])], (id) => keyOf(id, input.kinds))
  const rivalsOf = (id: ResourceId): readonly ResourceId[] => {
    const key = keyOf(id, input.kinds)
    return key === undefined ? [] : (shared.get(key) ?? []).filter((other) => other !== id)
  }
  return {
    taken: (id) => {
      const rivals = rivalsOf(id)
      const asked = rivals.find((other) => input.asked.has(other) && (recorded.has(other) || !recorded.has(id)))
      if (asked !== undefined) return `${named(asked, recorded)} has the same live name: give one of them another`
      const leaves = recorded.has(id) ? undefined : rivals.find((other) => recorded.has(other))
      return leaves && `${named(leaves, recorded)} has this live name, and is removed first: this one comes after it`
    },
    lost: (id) => rivalsOf(id).some((other) => input.asked.has(other) && recorded.has(other)),
  }
}

const named = (id: ResourceId, recorded: ReadonlyMap<ResourceId, string>): string => {
  const app = recorded.get(id)
  return app === undefined ? id : `${id} of ${app}`
}

/** Undefined where nothing else can have the same live name. */
function keyOf(id: ResourceId, kinds: Kinds): string | undefined {
  const { target, kind, name } = partsOf(id)
  const names = kinds.get(kind)?.names
  return names === undefined ? undefined : `${target}/${names}/${name}`
}
