import type { HeldGroup } from '../model/app-state.ts'
import type { ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { HeldChange } from '../model/plan.ts'
import type { Wanted } from '../model/resource.ts'

export interface Held {
  readonly wanted: readonly Wanted[]
  /** Left exactly as they are: neither changed nor pruned. */
  readonly frozen: ReadonlyMap<ResourceId, HeldChange>
  /** A member was edited: the group is no longer held back. */
  readonly released: boolean
}

/**
 * Desired as it may be applied while the changes of a failed attempt are held back (glossary; rules 16 and 17): members
 * stand at last good, or stay as they are, until one of them is edited. The rest of the app moves on.
 */
export function applyHold(input: {
  readonly wanted: readonly Wanted[]
  readonly held: HeldGroup | undefined
  readonly lastGood: readonly Wanted[]
  readonly kinds: Kinds
}): Held {
  const { held, wanted } = input
  const byId = new Map(wanted.map((resource) => [resource.id, resource]))
  if (!held) return { wanted, frozen: new Map(), released: false }
  if (held.members.some((member) => (byId.get(member.id)?.digest ?? null) !== member.digest)) {
    return { wanted, frozen: new Map(), released: true }
  }
  const lastGood = new Map(input.lastGood.map((resource) => [resource.id, resource]))
  const frozen = new Map<ResourceId, HeldChange>()
  for (const { id } of held.members) {
    const good = held.keepAt === 'last-good' ? lastGood.get(id) : undefined
    // A job never runs backwards: its last good digest must not make it run again.
    if (good && !input.kinds.get(good.kind)?.job) byId.set(id, good)
    else {
      byId.delete(id)
      frozen.set(id, { id, why: 'held-back', message: held.message })
    }
  }
  return { wanted: [...byId.values()], frozen, released: false }
}
