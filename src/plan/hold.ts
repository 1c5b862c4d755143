import type { AppState, HeldGroup } from '../model/app-state.ts'
import type { ResourceId } from '../model/id.ts'
import { type Kinds, runsOnce } from '../model/kind.ts'
import type { HeldChange } from '../model/plan.ts'
import type { Wanted } from '../model/resource.ts'

export interface Held {
  readonly wanted: readonly Wanted[]
  /** Left exactly as they are: neither changed nor pruned. */
  readonly frozen: ReadonlyMap<ResourceId, HeldChange>
  /** Groups that stay held back. */
  readonly still: readonly HeldGroup[]
  /** A member of a group was edited: that group is no longer held back. */
  readonly released: boolean
}

/** All groups that are held back, oldest first. */
export function heldGroups(state: Pick<AppState, 'held' | 'heldBefore'>): readonly HeldGroup[] {
  return [...(state.heldBefore ?? []), ...(state.held ? [state.held] : [])]
}

/** The state with just these groups held back. */
export function withHeld(state: AppState, groups: readonly HeldGroup[]): AppState {
  const { held: _held, heldBefore: _before, ...rest } = state
  const newest = groups.at(-1)
  const before = groups.slice(0, -1)
  return { ...rest, ...(newest ? { held: newest } : {}), ...(before.length > 0 ? { heldBefore: before } : {}) }
}

/**
 * Desired as it may be applied while the changes of failed attempts are held back (glossary; rules 16 and 17): the
 * members of a group stand at last good, or stay as they are, until one of them is edited. Each group is one attempt's:
 * mending one does not ship another again. The rest of the app moves on.
 */
export function applyHold(input: {
  readonly wanted: readonly Wanted[]
  readonly held: readonly HeldGroup[]
  readonly lastGood: readonly Wanted[]
  readonly kinds: Kinds
  /** Ids that another app desires now: they are that app's to judge (rule 11). */
  readonly elsewhere: ReadonlySet<ResourceId>
}): Held {
  const byId = new Map(input.wanted.map((resource) => [resource.id, resource]))
  const edited = (group: HeldGroup): boolean =>
    group.members.some(
      (member) => (byId.get(member.id)?.digest ?? null) !== member.digest && !leftAlone(member.id, group, byId),
    )
  const still = input.held.filter((group) => !edited(group))
  const lastGood = new Map(input.lastGood.map((resource) => [resource.id, resource]))
  const frozen = new Map<ResourceId, HeldChange>()
  for (const group of still) {
    for (const { id } of group.members.filter((member) => !input.elsewhere.has(member.id))) {
      const good = group.keepAt === 'last-good' ? lastGood.get(id) : undefined
      // A job never runs backwards: its last good digest must not make it run again.
      if (good && !runsOnce(input.kinds.get(good.kind), good.spec)) byId.set(id, good)
      else {
        byId.delete(id)
        frozen.set(id, { id, why: 'held-back', message: group.message })
      }
    }
    for (const id of newcomers(group, byId, lastGood)) {
      byId.delete(id)
      frozen.set(id, { id, why: 'held-back', message: group.message })
    }
  }
  return { wanted: [...byId.values()], frozen, still, released: still.length < input.held.length }
}

/** `/Unit/web.service`: what it is called on whichever target. */
export const shortOf = (id: ResourceId): string => id.slice(id.indexOf('/'))

/** A host left the document, which stands on others as it was: that mends nothing. */
const leftAlone = (gone: ResourceId, { members }: HeldGroup, wanted: ReadonlyMap<ResourceId, Wanted>): boolean =>
  !wanted.has(gone) &&
  members.some(({ id, digest }) => shortOf(id) === shortOf(gone) && wanted.get(id)?.digest === digest)

/**
 * The same documents on hosts that joined since, or are back: what failed elsewhere is not tried there. Where it proved
 * good, before it failed on a host that came late, nothing is held.
 */
function newcomers(
  { members }: HeldGroup,
  wanted: ReadonlyMap<ResourceId, Wanted>,
  lastGood: ReadonlyMap<ResourceId, Wanted>,
): readonly ResourceId[] {
  const known = new Set(members.map(({ id }) => id))
  const documents = new Set(members.filter(({ digest }) => digest !== null).map(({ id }) => shortOf(id)))
  const isGood = ({ id, digest }: Wanted): boolean => lastGood.get(id)?.digest === digest
  return [...wanted.values()]
    .filter((one) => documents.has(shortOf(one.id)) && !known.has(one.id) && !isGood(one))
    .map(({ id }) => id)
}
