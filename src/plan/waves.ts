import { groupBy } from '../lib/group-by.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Observed } from '../model/live.ts'
import type { Change, HeldChange } from '../model/plan.ts'
import type { Rollout, Wanted } from '../model/resource.ts'

/**
 * How changes go over the hosts of a document (`rollout`): first the canaries, then batch after batch, each proven before
 * the next one begins. What else the app has on such a host goes with the first of them there: no file is written
 * everywhere while the unit that it is for is still being proven on the first host.
 */
export interface Waves {
  /** From 0; also that of whatever it comes after is not later. */
  waveOf(change: Change): number
  /** Between the wave of this change and the next one. */
  pauseOf(change: Change): number
}

interface Group {
  readonly rollout: Rollout
  /** Targets that answer, in order. */
  readonly hosts: readonly string[]
  readonly silent: readonly string[]
}

type Live = ReadonlyMap<ResourceId, Observed>

export function wavesOf(wanted: readonly Wanted[], live: Live = new Map()): Waves {
  const groups = groupsOf(wanted, live)
  if (groups.size === 0) return { waveOf: () => 0, pauseOf: () => 0 }
  const byId = new Map(wanted.map((resource) => [resource.id, resource]))
  const waves = new Map<ResourceId, number>()
  const visit = (id: ResourceId, path: ReadonlySet<ResourceId>): number => {
    const known = waves.get(id)
    if (known !== undefined) return known
    const inner = new Set(path).add(id)
    const before = (byId.get(id)?.after ?? []).filter((other) => byId.has(other) && !inner.has(other))
    const group = groups.get(id)
    const own = group ? waveIn(group, partsOf(id).target) : 0
    const wave = Math.max(own, ...before.map((other) => visit(other, inner)))
    waves.set(id, wave)
    return wave
  }
  return {
    waveOf: ({ id }) => visit(id, new Set()),
    pauseOf: ({ id }) => groups.get(id)?.rollout.pauseMs ?? 0,
  }
}

/** What waits because a host of its document does not answer, and the document says `unreachable: wait`. */
export function holdForSilentHosts(
  changes: readonly Change[],
  wanted: readonly Wanted[],
  live: Live,
): { readonly changes: readonly Change[]; readonly held: readonly HeldChange[] } {
  const groups = groupsOf(wanted, live)
  const silentOf = ({ id }: Change): readonly string[] => {
    const group = groups.get(id)
    return group?.rollout.unreachable === 'wait' ? group.silent : []
  }
  const held = changes.flatMap((change): readonly HeldChange[] => {
    const silent = silentOf(change)
    if (silent.length === 0 || change.cause !== 'revision') return []
    const message = `it waits for ${silent.join(', ')}: its rollout says \`unreachable: wait\``
    return [{ id: change.id, why: 'dependency', message, diffs: change.diffs }]
  })
  const waiting = new Set(held.map(({ id }) => id))
  return { changes: changes.filter(({ id }) => !waiting.has(id)), held }
}

function waveIn({ hosts, rollout: { canary, batch } }: Group, host: string): number {
  const at = hosts.indexOf(host)
  if (at < canary) return 0
  return (canary > 0 ? 1 : 0) + (batch === undefined ? 0 : Math.floor((at - canary) / batch))
}

/** By resource: the rollout of its own document, or the first one that its host is in. */
function groupsOf(wanted: readonly Wanted[], live: Live): ReadonlyMap<ResourceId, Group> {
  const declaring = wanted.filter(({ handling }) => handling.rollout !== undefined)
  if (declaring.length === 0) return new Map()
  const own = new Map<ResourceId, Group>()
  const first = new Map<string, Group>()
  for (const members of groupBy(declaring, documentOf).values()) {
    const group = groupOf(members, live)
    for (const { id } of members) {
      own.set(id, group)
      const { target } = partsOf(id)
      const known = first.get(target)
      if (!known || waveIn(group, target) < waveIn(known, target)) first.set(target, group)
    }
  }
  return new Map(
    wanted.flatMap(({ id }): (readonly [ResourceId, Group])[] => {
      const group = own.get(id) ?? first.get(partsOf(id).target)
      return group ? [[id, group]] : []
    }),
  )
}

const documentOf = ({ id }: Wanted): string => {
  const { kind, name } = partsOf(id)
  return `${kind}/${name}`
}

function groupOf(members: readonly Wanted[], live: Live): Group {
  const isSilent = ({ id }: Wanted): boolean => live.get(id)?.state === 'unknown'
  const targetsOf = (some: readonly Wanted[]) => some.map(({ id }) => partsOf(id).target).sort()
  const [first] = members
  return {
    rollout: first?.handling.rollout ?? { canary: 0, pauseMs: 0, unreachable: 'skip' },
    hosts: targetsOf(members.filter((member) => !isSilent(member))),
    silent: targetsOf(members.filter(isSilent)),
  }
}
