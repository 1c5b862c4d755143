import { makeId, partsOf, type ResourceId } from '../model/id.ts'
import type { DataPlace, Kinds } from '../model/kind.ts'
import type { LiveState } from '../model/live.ts'
import type { Change, Goal, HeldChange } from '../model/plan.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import { kindOf } from './decide.ts'

export interface DataMovesInput {
  readonly app: string
  readonly goal: Goal
  readonly wanted: readonly Wanted[]
  /** What every app desires, this one among them. */
  readonly everyone?: readonly Wanted[]
  /** Of all apps. */
  readonly record: readonly Recorded[]
  /** Ids that any app desires. */
  readonly desired: ReadonlySet<ResourceId>
  readonly live: LiveState
  readonly kinds: Kinds
  /** What a rollback may prune. */
  readonly createdByAttempt?: ReadonlySet<ResourceId>
}

/**
 * What a split, a merge or a rename would do to data (rule 12). Live names are identity: under another name comes another
 * resource, and the old one goes. Where both are the same program with the same path inside, the new one is likely meant
 * to have what the old one has, and another volume would be empty.
 */
export interface DataMoves {
  /** Why a new resource is not made now. */
  waits(id: ResourceId): HeldChange | undefined
  /** Why one that nobody desires any more stays: its data has no new home yet; or what stays needs it. */
  stays(id: ResourceId): HeldChange | undefined
  /** What keeps the data that a new resource takes over: gone before it comes, for two would write the same. */
  handsOver(id: ResourceId): readonly ResourceId[]
}

const NOTHING: DataMoves = { waits: () => undefined, stays: () => undefined, handsOver: () => [] }

export function dataMovesOf(input: DataMovesInput): DataMoves {
  const going = goingOf(input)
  if (going.length === 0) return NOTHING
  // The way there was let through: on the way back nothing waits, and still no two write the same data.
  const back = input.goal === 'last-good'
  const waits = new Map<ResourceId, HeldChange>()
  const stays = new Map<ResourceId, HeldChange>()
  const handsOver = new Map<ResourceId, readonly ResourceId[]>()
  for (const to of comingOf(input)) {
    const { left: behind, taken } = meetingsOf(to, going, input.kinds)
    const left = back ? [] : behind
    for (const { from } of left) for (const held of staying(from, to, input)) stays.set(held.id, held)
    const elsewhere = back ? undefined : taken.find((from) => from.app !== to.app && from.handling.prune !== 'keep')
    const [hazard] = left
    if (hazard) waits.set(to.id, { id: to.id, why: 'data', message: explain(hazard, left, input) })
    else if (elsewhere) waits.set(to.id, { id: to.id, why: 'dependency', message: comesAfter(elsewhere) })
    else
      handsOver.set(
        to.id,
        taken.filter((from) => from.app === to.app).map(({ id }) => id),
      )
  }
  return {
    waits: (id) => waits.get(id),
    stays: (id) => stays.get(id),
    handsOver: (id) => handsOver.get(id) ?? [],
  }
}

/** Ours and live with data, and in no app any more. */
function goingOf({
  goal,
  record,
  desired,
  wanted,
  live,
  kinds,
  createdByAttempt,
}: DataMovesInput): readonly Recorded[] {
  const own = new Set(wanted.map(({ id }) => id))
  return record.filter((from) => {
    if (from.state === 'intended' || desired.has(from.id) || own.has(from.id)) return false
    if (goal === 'last-good' && !createdByAttempt?.has(from.id)) return false
    const observed = live.of.get(from.id)
    return observed?.state === 'present' && observed.owner.who === 'us' && placesOf(from, kinds).length > 0
  })
}

/** New in this revision, and not declared to be something else's successor. */
function comingOf({ wanted, everyone = [], record, live, kinds }: DataMovesInput): readonly Wanted[] {
  const known = new Set(record.flatMap(({ id, state }) => (state === 'intended' ? [] : [id])))
  const all = new Map([...everyone, ...wanted].map((to) => [to.id, to]))
  return [...all.values()].filter(
    (to) =>
      !known.has(to.id) &&
      to.handling.movedFrom === undefined &&
      live.of.get(to.id)?.state === 'absent' &&
      placesOf(to, kinds).length > 0,
  )
}

const placesOf = ({ kind, spec }: Pick<Recorded, 'kind' | 'spec'>, kinds: Kinds): readonly DataPlace[] =>
  kinds.get(kind)?.dataOf?.(spec) ?? []

interface Left {
  readonly from: Recorded
  readonly old: DataPlace
  readonly now: DataPlace
}

interface Meetings {
  /** Data that would be left behind. */
  readonly left: readonly Left[]
  /** Whose data the new one has, in the same place. */
  readonly taken: readonly Recorded[]
}

function meetingsOf(to: Wanted, going: readonly Recorded[], kinds: Kinds): Meetings {
  const left: Left[] = []
  const taken = new Set<Recorded>()
  const there = going.filter((from) => partsOf(from.id).target === partsOf(to.id).target)
  for (const now of placesOf(to, kinds)) {
    const same = there.flatMap((from) =>
      placesOf(from, kinds).flatMap((old) => (old.role === now.role ? [{ from, old, now }] : [])),
    )
    const kept = same.filter(({ old }) => old.place === now.place)
    for (const { from } of kept) taken.add(from)
    if (kept.length === 0) left.push(...same)
  }
  return { left, taken: [...taken] }
}

/** It, and what it cannot be without. */
function staying(from: Recorded, to: Wanted, { kinds }: DataMovesInput): readonly HeldChange[] {
  const { target } = partsOf(from.id)
  const needs = kindOf(kinds, from.kind).needs?.(from.spec) ?? []
  return [
    { id: from.id, why: 'data', message: `it stays, with its data, until it is said what ${to.id} is to it` },
    ...needs.map(({ kind, name }): HeldChange => {
      return { id: makeId({ target, kind, name }), why: 'data', message: `${from.id} stays, and needs it` }
    }),
  ]
}

/** What is so, and what a person can write. */
function explain({ from, old, now }: Left, all: readonly Left[], { live }: DataMovesInput): string {
  const places = all.map((one) => {
    const observed = live.of.get(one.from.id)
    const nodes = one.old.local && observed?.state === 'present' ? (observed.on ?? []) : []
    return nodes.length > 0 ? `${one.old.place} on ${nodes.join(', ')}` : one.old.place
  })
  const where = [...new Set(places)].join(' and ')
  return `${now.who} would start EMPTY; its data stays in ${where}. ${wayOut(old, now, partsOf(from.id).name)}`
}

function wayOut(old: DataPlace, now: DataPlace, oldName: string): string {
  if (now.stack === undefined) {
    return `Mount ${old.place} in it, or \`keeper: {moved: {from: ${oldName}}}\` says that it begins anew`
  }
  const before = old.stack === undefined ? oldName : `${old.stack}/${old.who}`
  const moved = `keeper: {moved: {services: {${now.who}: ${before}}}}`
  return `\`${moved}\` on the Stack ${now.stack} keeps it running as it is; \`name: ${old.place}\` on the volume takes it over`
}

const comesAfter = (from: Recorded): string =>
  `${from.id} of ${from.app} writes the same data, and is removed first: this one comes after it`

/** What takes data over is one `replace` with what had it, as with ports (rule 13). */
export function handOver(
  changes: readonly Change[],
  prunes: readonly Change[],
  moves: DataMoves,
): { readonly changes: readonly Change[]; readonly prunes: readonly Change[] } {
  const pruned = new Set(prunes.map(({ id }) => id))
  const taken = new Set<ResourceId>()
  const replaced = changes.map((change): Change => {
    if (change.action !== 'create' && change.action !== 'replace') return change
    const frees = moves.handsOver(change.id).filter((id) => pruned.has(id) && !taken.has(id))
    if (frees.length === 0) return change
    for (const id of frees) taken.add(id)
    const before = change.action === 'replace' ? change.frees : []
    const from = change.action === 'replace' ? change.from : undefined
    return { ...change, action: 'replace', from, frees: [...before, ...frees] }
  })
  return { changes: replaced, prunes: prunes.filter(({ id }) => !taken.has(id)) }
}
