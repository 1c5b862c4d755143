import { groupBy } from '../lib/group-by.ts'
import type { CheckSpec } from '../model/check.ts'
import { sameValue } from '../model/digest.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Observed } from '../model/live.ts'
import type { Change, Goal, Stage } from '../model/plan.ts'
import type { Wanted } from '../model/resource.ts'
import { kindOf } from './decide.ts'
import { portsHeld } from './ports.ts'
import { type Waves, wavesOf } from './waves.ts'

/**
 * Orders changes into stages: a resource comes after everything that it is declared to come after, also through
 * resources that do not change. What one change frees (a port), another that takes it waits for. Prunes come last,
 * users before what they use. Over hosts it goes in waves (./waves.ts): all stages of one, then all of the next.
 */
export function makeStages(input: {
  readonly changes: readonly Change[]
  readonly prunes: readonly Change[]
  readonly wanted: readonly Wanted[]
  readonly kinds: Kinds
  /** What holds which ports now, where the record does not tell. */
  readonly live?: ReadonlyMap<ResourceId, Observed>
  readonly gates: readonly CheckSpec[]
  readonly goal?: Goal
}): readonly Stage[] {
  const asWritten = [...input.wanted].sort((a, b) => (a.id < b.id ? -1 : 1))
  const ports = portEdges(input.changes, input)
  const back = input.goal === 'last-good'
  const wanted = back ? yielding(ports, asWritten) : asWritten
  const levels = levelsOf(wanted, back ? ports : agreeing(ports, wanted), input.kinds)
  // What goes back goes back everywhere at once.
  const waves = wavesOf(back ? [] : asWritten, input.live)
  const shown = back ? reflectionsIn([...input.changes, ...input.prunes], input.kinds) : []
  const byWave = groupBy(sorted(input.changes.filter((change) => !shown.includes(change))), waves.waveOf)
  const doing = [...byWave.entries()]
    .sort(([a], [b]) => a - b)
    .flatMap(([, changes], at) => waveStages(changes, { levels, waves, last: at === byWave.size - 1 }))
  const pruned = pruneStages(
    input.prunes.filter((change) => !shown.includes(change)),
    input.kinds,
  )
  const pruning = shown.length === 0 ? pruned : [...pruned, { ...stageOf(sorted(shown)), gates: [] }]
  if (doing.length === 0) return gated(pruning, input.gates)
  return [...gated(doing, input.gates), ...pruning]
}

/**
 * On the way back, what only shows what others brought comes last of all: a Prometheus refuses every reload until the file
 * that it refused is gone.
 */
const reflectionsIn = (changes: readonly Change[], kinds: Kinds): readonly Change[] =>
  changes.filter((change) => kindOf(kinds, 'to' in change ? change.to.kind : change.from.kind).reflects === true)

/** The app's own checks come after its last change: before anything is pruned, or, of prunes alone, after them. */
function gated(stages: readonly Stage[], gates: readonly CheckSpec[]): readonly Stage[] {
  const last = stages.at(-1)
  if (!last || gates.length === 0) return stages
  return [...stages.slice(0, -1), { ...last, gates: [...last.gates, ...gates] }]
}

const sorted = (changes: readonly Change[]): readonly Change[] =>
  [...changes].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))

function waveStages(
  changes: readonly Change[],
  of: { readonly levels: ReadonlyMap<ResourceId, number>; readonly waves: Waves; readonly last: boolean },
): readonly Stage[] {
  const byLevel = groupBy(changes, (change) => of.levels.get(change.id) ?? 0)
  const stages = [...byLevel.entries()].sort(([a], [b]) => a - b).map(([, some]) => stageOf(some))
  const pauseMs = of.last ? 0 : Math.max(0, ...changes.map(of.waves.pauseOf))
  return stages.map((stage, at) => (at === stages.length - 1 ? { ...stage, pauseMs } : stage))
}

const stageOf = (changes: readonly Change[]): Stage => ({
  changes,
  gates: once(changes.flatMap((change) => ('to' in change ? change.to.handling.checks : []))),
  pauseMs: 0,
})

/** The services of a stack share its checks: one answer is enough. */
const once = (checks: readonly CheckSpec[]): readonly CheckSpec[] =>
  checks.filter((check, index) => checks.findIndex((other) => sameValue(other, check)) === index)

function pruneStages(prunes: readonly Change[], kinds: Kinds): readonly Stage[] {
  const rankOf = (change: Change): number =>
    'from' in change && change.from ? kindOf(kinds, change.from.kind).rank : 0
  const byRank = groupBy(sorted(prunes), rankOf)
  return [...byRank.entries()].sort(([a], [b]) => b - a).map(([, changes]) => ({ changes, gates: [], pauseMs: 0 }))
}

type Edges = ReadonlyMap<ResourceId, readonly ResourceId[]>

/** Length of the longest path that leads to each resource. Cycles were refused when desired was read. */
function levelsOf(wanted: readonly Wanted[], extra: Edges, kinds: Kinds): ReadonlyMap<ResourceId, number> {
  const byId = new Map(wanted.map((resource) => [resource.id, resource]))
  const levels = new Map<ResourceId, number>()
  const visit = (resource: Wanted, path: ReadonlySet<ResourceId>): number => {
    const known = levels.get(resource.id)
    if (known !== undefined) return known
    const before = [...resource.after, ...(extra.get(resource.id) ?? [])]
    const inner = new Set(path).add(resource.id)
    const depths = before.flatMap((id) => {
      const other = byId.get(id)
      return other && !inner.has(id) ? [visit(other, inner) + (sharesStage(other, resource, kinds) ? 0 : 1)] : []
    })
    const level = Math.max(0, ...depths)
    levels.set(resource.id, level)
    return level
  }
  for (const resource of wanted) visit(resource, new Set())
  return levels
}

/** Nothing runs of it that would have to be proven, and its target keeps the order: all files of a host are one stage. */
function sharesStage(before: Wanted, after: Wanted, kinds: Kinds): boolean {
  const [first, second] = [kindOf(kinds, before.kind), kindOf(kinds, after.kind)]
  if (!first.inOrder || before.handling.checks.length > 0) return false
  if (partsOf(before.id).target !== partsOf(after.id).target) return false
  return first.rank < second.rank || (first.rank === second.rank && before.id < after.id)
}

/** Where the documents ask for the other order, that one counts: the taker is refused, and says so. */
function agreeing(ports: Edges, wanted: readonly Wanted[]): Edges {
  const leadsTo = pathsOf(wanted)
  return new Map([...ports].map(([taker, givers]) => [taker, givers.filter((id) => !leadsTo(id, taker))]))
}

/**
 * On the way back the ports count: what was handed on in the order of the documents comes back against it, and a refused
 * step would end the rollback (rule 17). All of them are there already, so that none waits for another to be made.
 */
function yielding(ports: Edges, wanted: readonly Wanted[]): readonly Wanted[] {
  const leadsTo = pathsOf(wanted)
  const takers = new Map<ResourceId, ResourceId[]>()
  for (const [taker, givers] of ports) {
    for (const giver of givers) takers.set(giver, [...(takers.get(giver) ?? []), taker])
  }
  return wanted.map((resource) => {
    const waiting = takers.get(resource.id)
    if (!waiting) return resource
    return { ...resource, after: resource.after.filter((id) => !waiting.some((taker) => leadsTo(id, taker))) }
  })
}

/** Does one come after another, if only through others? */
function pathsOf(wanted: readonly Wanted[]): (from: ResourceId, to: ResourceId) => boolean {
  const before = new Map(wanted.map((resource) => [resource.id, resource.after]))
  const leadsTo = (from: ResourceId, to: ResourceId, seen: Set<ResourceId>): boolean => {
    if (from === to) return true
    if (seen.has(from)) return false
    seen.add(from)
    return (before.get(from) ?? []).some((id) => leadsTo(id, to, seen))
  }
  return (from, to) => leadsTo(from, to, new Set())
}

/** Who takes a port after whom: the taker waits for the one that gives it up. */
function portEdges(
  changes: readonly Change[],
  { kinds, live = new Map() }: { readonly kinds: Kinds; readonly live?: ReadonlyMap<ResourceId, Observed> },
): Edges {
  const givenUp = new Map<string, ResourceId>()
  for (const change of changes) {
    if (!('from' in change) || !('to' in change)) continue
    const kept = new Set(kindOf(kinds, change.to.kind).ports?.(change.to.spec))
    const holder = { id: change.id, kind: change.to.kind, from: change.from }
    for (const port of portsHeld(holder, { kinds, live })) if (!kept.has(port)) givenUp.set(port, change.id)
  }
  if (givenUp.size === 0) return new Map()
  return new Map(
    changes.map((change) => {
      const taken = 'to' in change ? (kindOf(kinds, change.to.kind).ports?.(change.to.spec) ?? []) : []
      const from = taken.flatMap((port) => givenUp.get(port) ?? []).filter((id) => id !== change.id)
      return [change.id, from]
    }),
  )
}
