import type { AppState, Attempt, Good } from '../model/app-state.ts'
import { UNREAD_TARGETS } from '../model/desired.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Store } from '../model/store.ts'
import { heldGroups, shortOf } from '../plan/hold.ts'
import { changedOf } from './app-context.ts'
import { haltedIn } from './goal.ts'
import type { Look } from './look.ts'

/*
 * What an attempt began on targets that then were not to be seen neither keeps the others from becoming good, nor from
 * going back, nor newer revisions from them (rules 16, 17, 19). It is set aside, and taken up as an attempt of its own
 * when its target answers: proven there, or taken back there alone.
 *
 *   attempt --closed, or taken back, on all that answer--> (none), the rest of it late
 *   late --its target answers, and no attempt is under way--> attempt
 *   late, applying --its target answers--> part of the attempt that is under way
 *
 * The same with what rests for a budget: it is applied at rest, and proven, or taken back, when it runs again (rule 6).
 */

type Answers = Pick<Look, 'live' | 'targets'>

interface Parted {
  /** What of it is to be seen. */
  readonly seen: Attempt
  readonly late?: Attempt
}

/** Also where its document cannot be read, or is gone: nobody asks it. */
const isSilentTarget = (target: string, { live, targets }: Answers): boolean =>
  live.unreachable.has(target) || !targets.has(target)

const isSilent = (id: ResourceId, look: Answers): boolean => isSilentTarget(partsOf(id).target, look)

/** Nothing of it is to be seen: nothing is known of it, and nothing is closed. */
export const isAway = ({ changed, wrote }: Attempt, look: Answers): boolean =>
  wrote === true && changed.length > 0 && changed.every(({ id }) => isSilent(id, look))

/** An attempt without what is not to be seen; what was written there is late. What was not is planned again. */
export function parted(attempt: Attempt, look: Answers): Parted {
  if (isAway(attempt, look)) return { seen: attempt }
  const { wroteOn } = attempt
  const seen = partOf(attempt, (id) => !isSilent(id, look))
  const isLate = (id: ResourceId): boolean => isSilent(id, look) && (wroteOn?.includes(partsOf(id).target) ?? true)
  return { seen, ...lateOf(partOf(attempt, isLate)) }
}

/** What a rollback left: what it could not see, and what waits for that. */
export function leftBehind(attempt: Attempt, left: ReadonlySet<ResourceId>, silent: readonly string[]): Attempt {
  const isLeft = (id: ResourceId): boolean => left.has(id) || silent.includes(partsOf(id).target)
  return { ...partOf(attempt, isLeft), wroteOn: silent }
}

export function withLate(state: AppState, late: Attempt | undefined): AppState {
  return late ? { ...state, late: [...(state.late ?? []), late] } : state
}

/** Late things of an app are attempts again as soon as they are to be seen; what is to go back, first. */
export function takeUpLate(
  { store }: { readonly store: Store },
  look: Answers & Pick<Look, 'desired'>,
  busy: ReadonlySet<string>,
): void {
  for (const known of store.apps()) {
    if (!known.late || busy.has(known.app)) continue
    const state = withoutUndeclared(known, look)
    if (state !== known) store.putApp(state)
    if (!state.late || state.attempt) continue
    const answering = state.late.filter((late) => isReady(late, state, look) && !waitsForEdit(late, state))
    const next = answering.find(({ phase }) => phase === 'rolling-back') ?? answering[0]
    if (!next) continue
    const { now, later } = split(next, look)
    const rest = state.late.flatMap((late) => (late === next ? later : late))
    store.putApp({ ...withAll(state, rest), attempt: isStillHeld(now, state) ? now : forward(now) })
  }
}

/** What was late joins what is applied now, where it is to be seen; and what nobody can see of that is late. */
export function joined(state: AppState, held: Pick<AppState, 'held' | 'heldBefore'>, look: Answers): AppState {
  const { attempt, ...rest } = state
  const known = attempt && !isAway(attempt, look) ? attempt : undefined
  const aside = attempt && !known ? withLate(rest, forward({ ...attempt, wroteOn: targetsOf(attempt) })) : rest
  const joining = (aside.late ?? []).filter((late) => isReady(late, state, look) && !isStillHeld(late, held))
  if (joining.length === 0) return { ...aside, ...(known ? { attempt: known } : {}) }
  const parts = new Map(joining.map((late) => [late, split(late, look)]))
  const all = [...(known ? [known] : []), ...[...parts.values()].map(({ now }) => forward(now))]
  const later = (aside.late ?? []).flatMap((late) => parts.get(late)?.later ?? [late])
  return { ...withAll(aside, later), attempt: all.reduce(merged) }
}

/** A state that proved healthy, without what was not to be seen when it did: of that, what was good before is. */
export function goodWithout(good: Good, unseen: ReadonlySet<ResourceId>, state: AppState, store: Store): Good {
  if (unseen.size === 0) return good
  const before = new Map(store.lastGood(state.app).map((resource) => [resource.id, resource]))
  const older: Record<ResourceId, string> = { ...good.older }
  for (const { id } of good.resources) {
    if (!unseen.has(id)) continue
    older[id] ??= (before.has(id) ? (state.olderGood?.[id] ?? state.lastGood?.revision) : undefined) ?? ''
  }
  return { resources: good.resources.flatMap((one) => (unseen.has(one.id) ? (before.get(one.id) ?? []) : one)), older }
}

/** Ids that were begun and are not proven yet, for nobody could see them. */
export const lateIds = ({ late = [] }: AppState): ReadonlySet<ResourceId> =>
  new Set(late.flatMap((attempt) => [...changedOf(attempt)]))

/** What becomes of it, for whoever waits. */
export function lateWords({ phase, revision, wroteOn = [] }: Attempt): string {
  if (phase === 'resting') return `what changed of ${revision.slice(0, 12)} while it rests is proven when it runs again`
  const where = `${wroteOn.join(', ')} cannot be seen`
  return phase === 'rolling-back'
    ? `${where}: what failed of ${revision.slice(0, 12)} is taken back there when it answers`
    : `${where}: what was begun there of ${revision.slice(0, 12)} is proven when it answers`
}

/** What failed of the document meanwhile is not tried there either: it is left as it is, until an edit (rule 16). */
function waitsForEdit({ phase, changed }: Attempt, state: AppState): boolean {
  const documents = new Set(heldGroups(state).flatMap(({ members }) => members.map(({ id }) => shortOf(id))))
  return phase !== 'rolling-back' && changed.some(({ id }) => documents.has(shortOf(id)))
}

/** The targets of `wroteOn` are those that a late one waits for. */
export const isWaiting = ({ wroteOn = [] }: Attempt, look: Answers): boolean =>
  wroteOn.every((target) => isSilentTarget(target, look))

const isReady = (late: Attempt, state: AppState, look: Answers): boolean =>
  !isWaiting(late, look) && !isResting(late, haltedIn(state))

/** Some of it rests for a budget. */
const isResting = ({ phase, changed }: Attempt, halted: ReadonlySet<ResourceId>): boolean =>
  phase === 'resting' && changed.some(({ id }) => halted.has(id))

/** The state with these ids of its attempt set aside: they rest, and nothing is known of them until they run. */
export function setAside(state: AppState, resting: ReadonlySet<ResourceId>): AppState {
  const { attempt, late = [] } = state
  if (!attempt?.changed.some(({ id }) => resting.has(id))) return state
  const aside = partOf(attempt, (id) => resting.has(id))
  const others = late.map((one) => (one.phase === 'resting' ? partOf(one, (id) => !resting.has(id)) : one))
  const kept = others.filter(({ changed }) => changed.length > 0)
  const now: Attempt = { ...forward({ ...aside, wroteOn: targetsOf(aside) }), phase: 'resting' }
  return { ...withAll(state, [...kept, now]), attempt: partOf(attempt, (id) => !resting.has(id)) }
}

function split(late: Attempt, look: Answers): { readonly now: Attempt; readonly later: readonly Attempt[] } {
  const silent = (late.wroteOn ?? []).filter((target) => isSilentTarget(target, look))
  const isLater = (id: ResourceId): boolean => silent.includes(partsOf(id).target)
  const later = { ...partOf(late, isLater), wroteOn: silent }
  const now = partOf(late, (id) => !isLater(id))
  return { now, later: silent.length > 0 ? [later] : [] }
}

function partOf(attempt: Attempt, isIn: (id: ResourceId) => boolean): Attempt {
  const changed = attempt.changed.filter(({ id }) => isIn(id))
  return { ...attempt, changed, created: attempt.created.filter(isIn) }
}

const lateOf = (part: Attempt): Pick<Parted, 'late'> =>
  part.changed.length === 0 ? {} : { late: forward({ ...part, wroteOn: targetsOf(part) }) }

const targetsOf = ({ changed }: Attempt): readonly string[] => [...new Set(changed.map(({ id }) => partsOf(id).target))]

/** To be proven where it stands, or where a newer revision takes it. */
function forward(attempt: Attempt): Attempt {
  const { good: _good, bakeUntil: _until, failure: _failure, restarts: _restarts, ...rest } = attempt
  return { ...rest, phase: 'applying' }
}

/** It failed, and no revision has edited it since. */
const isStillHeld = (late: Attempt, state: Pick<AppState, 'held' | 'heldBefore'>): boolean =>
  late.phase === 'rolling-back' && heldGroups(state).some((group) => holdsAll(group.members, late.changed))

const holdsAll = (members: Attempt['changed'], changed: Attempt['changed']): boolean =>
  changed.every(({ id, digest }) => members.some((member) => member.id === id && member.digest === digest))

/** A rollback that is gone on with elsewhere: its group is held back already. */
export const isHeldAlready = ({ revision, changed, failure }: Attempt, state: AppState): boolean =>
  failure !== undefined &&
  heldGroups(state).some(
    (group) => group.revision === revision && group.keepAt === 'last-good' && holdsAll(group.members, changed),
  )

function merged(one: Attempt, other: Attempt): Attempt {
  const members = new Map([...one.changed, ...other.changed].map((member) => [member.id, member]))
  const noWayBack = one.noWayBack ?? other.noWayBack
  return {
    ...one,
    changed: [...members.values()],
    created: [...new Set([...one.created, ...other.created])],
    wrote: true,
    wroteOn: [...new Set([...(one.wroteOn ?? []), ...(other.wroteOn ?? [])])],
    ...(noWayBack === undefined ? {} : { noWayBack }),
  }
}

function withAll(state: AppState, late: readonly Attempt[]): AppState {
  const { late: _late, ...rest } = state
  return late.length > 0 ? { ...rest, late } : rest
}

/** A target that is not declared any more keeps what is on it: nothing of it is waited for. */
function withoutUndeclared(state: AppState, { targets, desired }: Pick<Look, 'targets' | 'desired'>): AppState {
  const { late = [] } = state
  const declared = new Set([...targets.keys(), ...desired.brokenTargets])
  if (declared.has(UNREAD_TARGETS)) return state
  const kept = late.filter(({ wroteOn = [] }) => wroteOn.some((target) => declared.has(target)))
  return kept.length === late.length ? state : withAll(state, kept)
}
