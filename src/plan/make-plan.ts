import type { CheckSpec } from '../model/check.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { LiveState } from '../model/live.ts'
import type { Cause, Change, Goal, HeldChange, Plan } from '../model/plan.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import { type DataMoves, dataMovesOf, handOver } from './data-moves.ts'
import { type DecideInput, decide, kindOf } from './decide.ts'
import { type Names, namesIn } from './names.ts'
import { portsHeld } from './ports.ts'
import { decidePrune } from './prune.ts'
import { makeStages } from './stages.ts'
import { holdForSilentHosts } from './waves.ts'

export interface PlanInput {
  readonly app: string
  readonly goal: Goal
  readonly revision: string
  /** The goal's resources, after hold and overlays, with images pinned. */
  readonly wanted: readonly Wanted[]
  /** Left exactly as they are. */
  readonly frozen: ReadonlyMap<ResourceId, HeldChange>
  /** Of all apps, oldest first. */
  readonly record: readonly Recorded[]
  readonly live: LiveState
  readonly kinds: Kinds
  /** Ids that any app desires; of a rollback, that any other app desires. */
  readonly desired: ReadonlySet<ResourceId>
  /** What all apps desire: tells which data a resource of another app would take over. Absent: only this plan's. */
  readonly everyone?: readonly Wanted[]
  readonly lastGood: readonly Wanted[]
  /** Checks of the app, after its last change. */
  readonly gates: readonly CheckSpec[]
  readonly createdByAttempt?: ReadonlySet<ResourceId>
  readonly overlays?: ReadonlyMap<ResourceId, Cause>
  /** What is at rest for a budget. */
  readonly halted?: ReadonlySet<ResourceId>
  readonly adopt?: ReadonlySet<ResourceId>
  /** What was held back is tried again. */
  readonly again?: boolean
}

/** Stages of changes towards the goal. Pure and total: the same input gives the same plan, in any order of documents. */
export function makePlan(input: PlanInput): Plan {
  const wanted = input.wanted.map((resource) => resource.id)
  const names = namesIn({ ...input, asked: new Set([...input.desired, ...wanted, ...input.frozen.keys()]) })
  const moves = dataMovesOf(input)
  const decided = decideAll(input, names, moves)
  const pruned = decidePrune({
    ...input,
    names,
    live: input.live.of,
    wanted: new Set([...wanted, ...input.frozen.keys(), ...decided.freed]),
    handling: new Map(input.wanted.map((resource) => [resource.id, resource.handling])),
    lastGood: new Set(input.lastGood.map((resource) => resource.id)),
    createdByAttempt: input.createdByAttempt ?? new Set(),
  })
  const staying = pruned.changes.flatMap((change) => moves.stays(change.id) ?? [])
  const leaving = pruned.changes.filter((change) => !moves.stays(change.id))
  const freed = freePorts(decided.changes, leaving, input)
  const { changes, prunes } = handOver(freed.changes, freed.prunes, moves)
  return {
    app: input.app,
    goal: input.goal,
    revision: input.revision,
    stages: makeStages({ ...input, changes, prunes, live: input.live.of }),
    settled: decided.settled,
    held: [...input.frozen.values(), ...decided.held, ...pruned.held, ...staying],
    forget: pruned.forget,
  }
}

interface Decided {
  readonly changes: readonly Change[]
  readonly settled: readonly Change[]
  readonly held: readonly HeldChange[]
  /** Old names that a rename removes itself. */
  readonly freed: readonly ResourceId[]
}

function decideAll(input: PlanInput, names: Names, moves: DataMoves): Decided {
  const context: DecideInput = {
    app: input.app,
    goal: input.goal,
    kinds: input.kinds,
    record: new Map(input.record.map((recorded) => [recorded.id, recorded])),
    live: input.live.of,
    overlays: input.overlays ?? new Map(),
    halted: input.halted ?? new Set(),
    adopt: input.adopt ?? new Set(),
    again: input.again ?? false,
  }
  const changes: Change[] = []
  const settled: Change[] = []
  const held: HeldChange[] = []
  for (const wanted of [...input.wanted].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const taken = names.taken(wanted.id)
    if (taken !== undefined) {
      held.push({ id: wanted.id, why: 'conflict', message: taken })
      continue
    }
    const decision = decide(wanted, context)
    const waits = 'change' in decision && decision.change.action === 'create' ? moves.waits(wanted.id) : undefined
    if (waits) held.push(waits)
    else if ('change' in decision) changes.push(decision.change)
    else if ('settled' in decision) settled.push(decision.settled)
    else held.push(decision.held)
  }
  const rolled = holdForSilentHosts(changes, input.goal === 'last-good' ? [] : input.wanted, input.live.of)
  held.push(...rolled.held)
  const seen = holdUnshown(rolled.changes, input)
  held.push(...seen.held)
  const ready = holdDependents(seen.changes, [...held, ...input.frozen.values()], input)
  const freed = ready.changes.flatMap((change) => (change.action === 'replace' ? change.frees : []))
  const whose = new Set([...held, ...input.frozen.values()].map(({ id }) => id))
  const ours = settled.filter((change) => !isReflection(change, input) || !comesAfter(change, whose))
  return { changes: ready.changes, settled: ours, held: [...held, ...ready.held], freed }
}

/**
 * A file of a revision waits while nobody can see what its Prometheus makes of it: what that refused would stay, and keep it
 * from starting. What drifted is put right all the same, and the way back is open; so it is for a person who says `retry`: what
 * keeps it from starting may be the very file that the revision mends.
 */
function holdUnshown(
  changes: readonly Change[],
  { app, goal, wanted, live, kinds, again }: PlanInput,
): { readonly changes: readonly Change[]; readonly held: readonly HeldChange[] } {
  const unseen = wanted.filter(({ id, kind }) => kinds.get(kind)?.reflects && live.of.get(id)?.state === 'unknown')
  const shownBy = new Map(unseen.flatMap(({ id, after }) => after.map((file) => [file, id] as const)))
  const waits = (change: Change): boolean =>
    'to' in change &&
    change.cause === 'revision' &&
    kindOf(kinds, change.to.kind).inert === true &&
    shownBy.has(change.id)
  if (shownBy.size === 0 || goal === 'last-good' || again) return { changes, held: [] }
  const held = changes.filter(waits).map(({ id, diffs }): HeldChange => {
    const seen = `it waits until ${shownBy.get(id)} can be seen, and with it whether it is taken`
    const message = `${seen}; where it mends what keeps that from starting: swarmkeeper retry ${app}`
    return { id, why: 'dependency', message, diffs }
  })
  return { changes: changes.filter((change) => !waits(change)), held }
}

/** What must come after something that is not there and will not be made now, waits for it. */
function holdDependents(
  changes: readonly Change[],
  held: readonly HeldChange[],
  input: PlanInput,
): { readonly changes: readonly Change[]; readonly held: readonly HeldChange[] } {
  const isAbsent = (id: ResourceId): boolean => input.live.of.get(id)?.state !== 'present'
  const missing = new Set(held.filter((entry) => notReady(entry, input)).map((entry) => entry.id))
  const stuck = new Set(held.map(({ id }) => id))
  const waiting: HeldChange[] = []
  let rest = changes
  for (let before = -1; before !== waiting.length; ) {
    before = waiting.length
    rest = rest.filter((change) => {
      const waitsFor = isReflection(change, input) ? stuck : missing
      const lacks = 'to' in change ? change.to.after.find((id) => waitsFor.has(id)) : undefined
      if (lacks === undefined) return true
      waiting.push({ id: change.id, why: 'dependency', message: `it waits for ${lacks}`, diffs: change.diffs })
      if (isAbsent(change.id)) missing.add(change.id)
      return false
    })
  }
  return { changes: rest, held: waiting }
}

/** It can only be what the other one is: there as it was before, that one is as good as missing. */
const isReflection = (change: Change, { kinds }: PlanInput): boolean =>
  'to' in change && kinds.get(change.to.kind)?.reflects === true

const comesAfter = (change: Change, ids: ReadonlySet<ResourceId>): boolean =>
  'to' in change && change.to.after.some((id) => ids.has(id))

function notReady({ id, why }: HeldChange, { live, kinds, goal }: PlanInput): boolean {
  const observed = live.of.get(id)
  const job = why === 'held-back' && kinds.get(partsOf(id).kind)?.job
  // On the way back no job runs, and none is waited for.
  if (job && goal === 'last-good') return false
  return observed?.state !== 'present' || (job === true && observed.health.status === 'degraded')
}

/** What needs a port which a prune of the same plan frees is one `replace` with it (rule 13). */
function freePorts(
  changes: readonly Change[],
  prunes: readonly Change[],
  { kinds, live }: PlanInput,
): { readonly changes: readonly Change[]; readonly prunes: readonly Change[] } {
  const holders = new Map<string, ResourceId>()
  for (const prune of prunes) {
    if (prune.action !== 'prune') continue
    const holder = { id: prune.id, kind: prune.from.kind, from: prune.from }
    for (const port of portsHeld(holder, { kinds, live: live.of })) holders.set(port, prune.id)
  }
  const taken = new Set<ResourceId>()
  const replaced = changes.map((change): Change => {
    if (change.action !== 'create' && change.action !== 'update' && change.action !== 'replace') return change
    const ports = kindOf(kinds, change.to.kind).ports?.(change.to.spec) ?? []
    const frees = [...new Set(ports.flatMap((port) => holders.get(port) ?? []))].filter((id) => !taken.has(id))
    if (frees.length === 0) return change
    for (const id of frees) taken.add(id)
    if (change.action === 'replace') return { ...change, frees: [...change.frees, ...frees] }
    return { ...change, action: 'replace', from: change.action === 'update' ? change.from : undefined, frees }
  })
  return { changes: replaced, prunes: prunes.filter((prune) => !taken.has(prune.id)) }
}
