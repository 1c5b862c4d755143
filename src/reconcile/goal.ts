import type { AppState, HeldGroup } from '../model/app-state.ts'
import type { Halt } from '../model/budget.ts'
import type { CheckSpec } from '../model/check.ts'
import type { DesiredApp } from '../model/desired.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import { type Kinds, runsOnce } from '../model/kind.ts'
import type { Cause, HeldChange } from '../model/plan.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import { applyHold, heldGroups, withHeld } from '../plan/hold.ts'
import { applyOverlays } from '../plan/overlay.ts'

/** What an app is to be brought to, and why it is not simply what the revision says. */
export interface AppGoal {
  /** As written, with what is held back put at last good. */
  readonly base: readonly Wanted[]
  /** With overlays: what the plan is made for. */
  readonly wanted: readonly Wanted[]
  readonly frozen: ReadonlyMap<ResourceId, HeldChange>
  readonly overlays: ReadonlyMap<ResourceId, Cause>
  /** What stands at rest for a budget, in this app. */
  readonly halted: ReadonlySet<ResourceId>
  readonly gates: readonly CheckSpec[]
  /** Groups that stay held back. */
  readonly still: readonly HeldGroup[]
  /** A member of a held group was edited. */
  readonly released: boolean
  readonly suspended: boolean
}

export interface GoalInput {
  readonly state: AppState
  /** Undefined where no revision declares the app any more. */
  readonly desired: DesiredApp | undefined
  readonly lastGood: readonly Wanted[]
  /** Of what comes from another app in this revision: the revision that its last good state is of. */
  readonly goodSince: ReadonlyMap<ResourceId, string>
  /** Ids that other apps desire. */
  readonly elsewhere: ReadonlySet<ResourceId>
  readonly record: ReadonlyMap<ResourceId, Recorded>
  /** Of all apps: what rests keeps resting when a revision moves it to another app. */
  readonly halts: readonly Halt[]
  readonly kinds: Kinds
  readonly now: Date
}

export function goalOf(input: GoalInput): AppGoal {
  const { state, kinds, record } = input
  const { lastGood, elsewhere } = input
  const held = applyHold({ wanted: input.desired?.wanted ?? [], held: heldGroups(state), lastGood, kinds, elsewhere })
  const overlaid = overlay(held.wanted, input)
  return {
    base: held.wanted,
    wanted: overlaid.wanted,
    overlays: overlaid.overlays,
    frozen: held.frozen,
    halted: haltedHere(input),
    gates: input.desired?.gates ?? [],
    still: held.still,
    released: held.released,
    suspended: isSuspended(state, input.now),
  }
  function overlay(wanted: readonly Wanted[], from: GoalInput) {
    return applyOverlays({
      wanted,
      suspended: suspendedIn({ ...state, halts: from.halts }, wanted, from.now),
      lifted: liftedIn(from),
      restarts: state.restarts,
      record,
      kinds,
    })
  }
}

/** The goal of a rollback: last good for what the attempt changed, everything else as it is to be (rule 16). */
export function rollbackGoal(goal: AppGoal, input: GoalInput, changed: readonly ResourceId[]): AppGoal {
  const lastGood = new Map(input.lastGood.map((resource) => [resource.id, resource]))
  const byId = new Map(goal.base.map((resource) => [resource.id, resource]))
  const frozen = new Map(goal.frozen)
  for (const id of changed) {
    if (input.elsewhere.has(id)) continue
    // Held back already, where the way back was gone elsewhere: what was made here goes all the same.
    frozen.delete(id)
    const good = lastGood.get(id)
    const once = isOnce(good ?? byId.get(id), input.kinds)
    byId.delete(id)
    if (good && !once) byId.set(id, good)
    // Jobs never run backwards, and one that ran stays: without it, the mended revision would run it a second time.
    else if (good || (input.lastGood.length > 0 && (once || isJob(id, input.kinds)))) {
      frozen.set(id, { id, why: 'held-back', message: 'a job does not run backwards' })
    }
  }
  const desired = { ...emptyApp(input), wanted: [...byId.values()] }
  const again = goalOf({ ...input, desired, state: withHeld(input.state, []) })
  return { ...again, frozen, gates: [] }
}

const isOnce = (resource: Wanted | undefined, kinds: Kinds): boolean =>
  resource !== undefined && runsOnce(kinds.get(resource.kind), resource.spec)

const isJob = (id: ResourceId, kinds: Kinds): boolean => kinds.get(partsOf(id).kind)?.job ?? false

const emptyApp = (input: GoalInput): DesiredApp =>
  input.desired ?? {
    app: input.state.app,
    wanted: [],
    gates: [],
    broken: false,
    dependsOnApps: [],
    digest: '' as DesiredApp['digest'],
  }

/** What stands at rest now, and why: a person's suspension of the whole app, the budgets of some of it. */
export function suspendedIn(
  state: AppState,
  wanted: readonly Wanted[],
  now: Date,
): ReadonlyMap<ResourceId, 'operator' | 'budget'> {
  const all = isSuspended(state, now) ? wanted.map(({ id }) => [id, 'operator'] as const) : []
  return new Map([...all, ...[...haltedIn(state)].map((id) => [id, 'budget'] as const)])
}

function haltedHere(input: GoalInput): ReadonlySet<ResourceId> {
  const { desired, record, state } = input
  const wanted = new Set(desired?.wanted.map(({ id }) => id))
  const isHere = (id: ResourceId): boolean => wanted.has(id) || record.get(id)?.app === state.app
  return new Set([...haltedIn(input)].filter(isHere))
}

/** Ids that stand at rest for a budget. */
export const haltedIn = ({ halts = [] }: Pick<AppState, 'halts'>): ReadonlySet<ResourceId> =>
  new Set(halts.flatMap(({ lifted, ids }) => (lifted ? [] : ids)))

/** Ids that a budget put to rest, and lets run again. */
function liftedIn(state: Pick<AppState, 'halts'>): ReadonlySet<ResourceId> {
  const halted = haltedIn(state)
  const lifted = (state.halts ?? []).flatMap(({ lifted, ids }) => (lifted ? ids : []))
  return new Set(lifted.filter((id) => !halted.has(id)))
}

function isSuspended(state: AppState, now: Date): boolean {
  return state.suspension !== undefined && Date.parse(state.suspension.until) > now.getTime()
}
