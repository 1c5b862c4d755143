import type { AppState, Attempt, HeldGroup } from '../model/app-state.ts'
import { canonicalJson, type Digest } from '../model/digest.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import { type Cause, type Change, changesOf } from '../model/plan.ts'
import type { Recorded } from '../model/resource.ts'
import type { Store } from '../model/store.ts'
import { heldGroups, withHeld } from '../plan/hold.ts'
import { type AppContext, revisionOf, stateOf } from './app-context.ts'
import { joined } from './late.ts'
import type { PlannedApp } from './plan-apps.ts'

/**
 * The attempt of an app, kept in its state:
 *
 *   (none) --first write--> applying --all proven--> baking --bake over, healthy--> (none), last good
 *   applying --all applied, the app is suspended--> resting --it runs again--> applying
 *   applying | baking --failed--> rolling-back --proven--> (none), held back
 *   applying | baking --failed, no way back--> (none), held back where it stands
 *
 * An attempt that was interrupted is found in its phase and goes on from there; a newer revision joins it, so that what
 * was healthy before, and what this attempt created, stay known until something is proven.
 */
export function beginAttempt(planned: PlannedApp, context: AppContext): Attempt {
  const { engine } = context
  const before = stateOf(context, planned.app)
  const state = joined(before, withHeld(before, planned.goal.still), context.look)
  const changes = changesOf(planned.plan)
  const known = state.attempt
  const freed = freedGroups(state, planned)
  const cause = causeOf(changes, known)
  const attempt: Attempt = {
    id: known?.id ?? engine.newId(),
    revision: known && cause !== 'revision' ? known.revision : revisionOf(context, planned.app),
    at: known?.at ?? engine.clock.now().toISOString(),
    cause: known?.cause === 'revision' ? 'revision' : cause,
    goal: 'desired',
    before: known?.before ?? stoodBefore(planned, context),
    phase: 'applying',
    changed: members([...(known?.changed ?? []), ...freed.flatMap((group) => group.members)], changes, planned),
    created: [...new Set([...(known?.created ?? []), ...freed.flatMap(madeBy), ...created(changes, context)])],
    ...(known?.wrote || isWritten(freed, changes) ? { wrote: true } : {}),
    wroteOn: [
      ...new Set([...(known?.wroteOn ?? []), ...freed.filter(({ keepAt }) => keepAt === 'stay').flatMap(targetsOf)]),
    ],
    ...(known?.noWayBack === undefined ? {} : { noWayBack: known.noWayBack }),
  }
  engine.store.transaction(() => {
    engine.store.putApp({ ...withCarried(unblocked(state, planned, context), planned), attempt })
    carryLastGood(planned, engine.store)
  })
  return attempt
}

/** Groups that are held back no longer: what stands of them is proven with what changes now, or held again. */
export function freedGroups(state: AppState, { goal }: PlannedApp): readonly HeldGroup[] {
  const still = new Set(goal.still.map((group) => canonicalJson(group)))
  return heldGroups(state).filter((group) => !still.has(canonicalJson(group)))
}

const targetsOf = ({ members }: HeldGroup): readonly string[] => members.map(({ id }) => partsOf(id).target)

const madeBy = (group: HeldGroup): readonly ResourceId[] => group.created ?? []

/** An earlier attempt wrote them: they stayed as they were, or nothing is left to write. */
const isWritten = (freed: readonly HeldGroup[], changes: readonly Change[]): boolean =>
  freed.some((group) => group.keepAt === 'stay' || changes.length === 0)

/** What was edited, or is tried again by a person, is forgotten when the new attempt begins; a stall is over as well. */
export function unblocked(state: AppState, planned: PlannedApp, { options }: AppContext): AppState {
  const { stalled, ...rest } = withHeld(state, planned.goal.still)
  if (!options.retry && !planned.goal.released) return stalled ? { ...rest, failures: 0 } : rest
  const { notBefore: _notBefore, ...fresh } = rest
  return { ...fresh, failures: 0 }
}

/** An app that is made of what was good in another one is not new. */
function withCarried(state: AppState, { input: { goodSince } }: PlannedApp): AppState {
  return goodSince.size === 0
    ? state
    : { ...state, olderGood: { ...state.olderGood, ...Object.fromEntries(goodSince) } }
}

/** What comes from another app brings its last good state along: that is what a rollback goes back to (rules 11, 16). */
function carryLastGood(planned: PlannedApp, store: Store): void {
  if (planned.input.goodSince.size > 0) store.setLastGood(planned.app, planned.input.lastGood)
}

function causeOf(changes: readonly Change[], known: Attempt | undefined): Cause {
  const causes = changes.map((change) => change.cause)
  return causes.find((cause) => cause === 'revision') ?? causes[0] ?? known?.cause ?? 'revision'
}

function stoodBefore(planned: PlannedApp, context: AppContext): Attempt['before'] {
  const { record, goodSince } = planned.input
  const isMine = (entry: Recorded): boolean => entry.app === planned.app || goodSince.has(entry.id)
  const mine = [...record.values()].filter((entry) => entry.state === 'owned' && isMine(entry))
  if (mine.length === 0) return 'new'
  const degraded = mine.some((entry) => {
    const observed = context.look.live.of.get(entry.id)
    return observed?.state === 'present' && observed.health.status === 'degraded'
  })
  return degraded ? 'degraded' : 'healthy'
}

type Members = Attempt['changed']

/** What the attempt changes, by the digests as they are written now: what is edited later is told by them. */
function members(known: Members, changes: readonly Change[], planned: PlannedApp): Members {
  const written = new Map<ResourceId, Digest>(
    (planned.input.desired?.wanted ?? []).map((wanted) => [wanted.id, wanted.digest]),
  )
  const changed = changes
    .filter((change) => change.cause === 'revision' && change.action !== 'adopt' && change.action !== 'move')
    .flatMap((change) => [change.id, ...(change.action === 'replace' ? change.frees : [])])
  // What was to come from another app, never did, and is not asked for any more, is still that app's.
  const isMine = ({ id }: { readonly id: ResourceId }): boolean =>
    written.has(id) || (planned.input.record.get(id)?.app ?? planned.app) === planned.app
  const ids = new Set([...known.filter(isMine).map((member) => member.id), ...changed])
  return [...ids].map((id) => ({ id, digest: written.get(id) ?? null }))
}

/** Made by this attempt: what was not there before it, also in place of another thing, for its port or name. */
const created = (changes: readonly Change[], { look }: AppContext): readonly ResourceId[] =>
  changes
    .filter((change) => change.action === 'create' || change.action === 'replace')
    .filter((change) => change.cause === 'revision' && look.live.of.get(change.id)?.state !== 'present')
    .map((change) => change.id)

/** Called before each write: there is something to take back now, and going back might do harm (rules 12, 17). */
export function noteBegun(change: Change, app: string, context: AppContext): void {
  const state = stateOf(context, app)
  if (!state.attempt) return
  const why = state.attempt.noWayBack ?? noWayBack(change, context)
  const { target } = partsOf(change.id)
  const wroteOn = state.attempt.wroteOn ?? []
  if (state.attempt.wrote && wroteOn.includes(target) && why === state.attempt.noWayBack) return
  const attempt: Attempt = {
    ...state.attempt,
    wrote: true,
    wroteOn: [...new Set([...wroteOn, target])],
    ...(why === undefined ? {} : { noWayBack: why }),
  }
  context.engine.store.putApp({ ...state, attempt })
}

/** Called for each that is proven: what comes back once more while it bakes has failed (rule 15). */
export function noteProven(id: ResourceId, restarts: number, { app, context }: Noted): void {
  const state = stateOf(context, app)
  if (!state.attempt || restarts === 0) return
  const attempt: Attempt = { ...state.attempt, restarts: { ...state.attempt.restarts, [id]: restarts } }
  context.engine.store.putApp({ ...state, attempt })
}

interface Noted {
  readonly app: string
  readonly context: AppContext
}

function noWayBack(change: Change, context: AppContext): string | undefined {
  if (!('to' in change) || change.cause === 'drift') return undefined
  const kind = context.engine.kinds.get(change.to.kind)
  if (kind?.irreversible?.(change.to.spec)) return `${change.id} is irreversible, and it ran`
  if (change.to.handling.rollback === 'hold') return `${change.id} says \`rollback: hold\``
  if (change.to.handling.rollback === 'app') return undefined
  const data = change.diffs.some((diff) => diff.data !== undefined)
  if (data) return `${change.id} has another volume: what it wrote there would be left behind`
  const image = change.diffs.some((diff) => diff.path.startsWith('/image'))
  return image && kind?.hasData?.(change.to.spec)
    ? `${change.id} has a new image and a writable volume: the old program may not read the new data`
    : undefined
}
