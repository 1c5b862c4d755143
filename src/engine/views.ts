import { groupBy } from '../lib/group-by.ts'
import type { DriftItem, DriftReport, ResourceView } from '../model/engine.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Observed } from '../model/live.ts'
import type { AppPlan, AppStatus, Departure, FleetPlan, FleetStatus, ResourceStatus } from '../model/outcome.ts'
import { type Change, changesOf } from '../model/plan.ts'
import type { Recorded } from '../model/resource.ts'
import { departuresOf } from '../reconcile/departures.ts'
import type { PlannedApp } from '../reconcile/plan-apps.ts'
import { agentStates, betweenRuns, waitingAgents } from './agent-states.ts'
import { attentionOf, fleetAttention, pendingGuards } from './attention.ts'
import { budgetStates } from './budget-states.ts'
import { appOf, departuresFor, wantedOf } from './explanation.ts'
import { orphanedTargets, orphansOf, renamedTo } from './orphans.ts'
import { standingStates } from './standing-states.ts'
import { supervisorStates } from './supervisor-states.ts'
import { targetStates, targetTodosOf } from './target-states.ts'
import { isUnread, type View } from './view.ts'

export function fleetPlanOf(view: View): FleetPlan {
  const { look, planned } = view
  return {
    revision: look.revision,
    stale: look.stale,
    apps: planned.map((app) => appPlanOf(app, view)),
    problems: look.desired.problems,
    ...targetTodosOf(view),
    ...orphansIn(view),
  }
}

function appPlanOf(planned: PlannedApp, view: View): AppPlan {
  const { store, look } = view
  const { app, plan, unfit, blocked } = planned
  const departures = departuresOf(planned, { engine: { store }, look })
  const rest = { app, ...(blocked ? { blocked } : {}), ...(departures.length > 0 ? { departures } : {}) }
  if (!isUnread(planned)) return { plan, guards: pendingGuards(planned, view), unfit, ...rest }
  return { plan: { ...plan, stages: [], settled: [], held: [], forget: [] }, guards: [], unfit: [], ...rest }
}

const orphansIn = ({ store, look, install }: View): Pick<FleetPlan, 'orphans' | 'orphanedTargets'> => {
  const orphans = orphansOf(store, look)
  return {
    orphans: orphans.map(({ id }) => id),
    orphanedTargets: orphanedTargets(orphans, { install, isNow: (target) => renamedTo(target, store, look) }),
  }
}

export function statusOf(view: View): FleetStatus {
  const { store, look, planned } = view
  const { frozen, lastResolved } = store.fleet()
  const attention = fleetAttention(view)
  const seen = seenIn(view)
  return {
    at: look.live.at.toISOString(),
    revision: look.revision,
    stale: look.stale,
    ...(look.stale && lastResolved ? { knownSince: lastResolved.at } : {}),
    ...(frozen ? { frozen: `${frozen.by}: ${frozen.reason}` } : {}),
    ...(attention.length > 0 ? { attention } : {}),
    apps: planned.map((app) => appStatus(app, seen)),
    targets: targetStates(view),
    ...agentStates(view),
    ...budgetStates(view),
    ...supervisorStates(view),
    ...standingStates(view),
    ...orphansIn(view),
  }
}

interface Seen extends View {
  readonly drifted: ReadonlySet<ResourceId>
  /** Ids of the record by app, and those that are there: it is gone through once. */
  readonly recorded: ReadonlyMap<string, readonly Recorded[]>
  readonly owned: ReadonlySet<ResourceId>
}

function seenIn(view: View): Seen {
  const record = view.store.record()
  const owned = record.flatMap(({ id, state }) => (state === 'intended' ? [] : [id]))
  return {
    ...view,
    drifted: driftedIn(view),
    recorded: groupBy(record, ({ app }) => app),
    owned: new Set(owned),
  }
}

function appStatus(planned: PlannedApp, view: Seen): AppStatus {
  // Orphans are listed apart, and say nothing of how the app is.
  const orphans = new Set(orphansOf(view.store, view.look).map(({ id }) => id))
  const recorded = view.store.record().filter((entry) => entry.app === planned.app && !orphans.has(entry.id))
  const ids = new Set([...planned.goal.wanted, ...recorded].map(({ id }) => id))
  const resting = restingIn(planned, view)
  const waiting = waitingIn(resting, view)
  const resources = [...ids]
    .sort()
    .map((id) => betweenRuns(atRest(resourceStatus(id, planned.app, view), resting), waiting))
  const attention = attentionOf(planned, view)
  const health = healthOf(resources.filter((resource) => !resource.foreign))
  return { state: view.store.app(planned.app), ...(attention.length > 0 ? { attention } : {}), health, resources }
}

const RESTS: ReadonlySet<Departure['why']> = new Set(['suspended', 'budget'])

/** What is stopped as it is to be: a target judges it by what its document says, and calls it degraded. */
export function restingIn(planned: PlannedApp, { store, look }: Pick<View, 'store' | 'look'>): ReadonlySet<ResourceId> {
  const suspended = departuresOf(planned, { engine: { store }, look }).filter(({ why }) => RESTS.has(why))
  const ids = new Set(suspended.flatMap((departure) => departure.ids))
  const isToRest = (change: Change): boolean => ids.has(change.id) || ('to' in change && change.to.handling.suspend)
  return new Set(planned.plan.settled.filter(isToRest).map(({ id }) => id))
}

/** What a person or a budget suspended waits for no run. */
const waitingIn = (resting: ReadonlySet<ResourceId>, view: View): ReadonlySet<ResourceId> =>
  new Set([...waitingAgents(view)].filter((id) => !resting.has(id)))

const atRest = (status: ResourceStatus, resting: ReadonlySet<ResourceId>): ResourceStatus =>
  status.health === 'degraded' && resting.has(status.id) ? { ...status, health: 'suspended' } : status

function healthOf(resources: readonly ResourceStatus[]): AppStatus['health'] {
  if (resources.some((resource) => resource.state === 'unknown')) return 'unknown'
  const order = ['degraded', 'progressing', 'suspended'] as const
  const worst = order.find((health) => resources.some((resource) => resource.health === health))
  if (worst) return worst
  return resources.some((resource) => resource.state === 'present') ? 'healthy' : 'absent'
}

function resourceStatus(id: ResourceId, app: string, view: Seen): ResourceStatus {
  const { store, look } = view
  const unseen = look.targets.has(partsOf(id).target) ? 'it was not observed' : 'its target is declared with errors'
  const observed: Observed = look.live.of.get(id) ?? { state: 'unknown', reason: unseen }
  const at = look.live.at.toISOString()
  // Only an apply remembers since when: before one, it is seen for the first time now.
  const drift = view.drifted.has(id)
    ? (store.fleet().drift[id] ?? { firstSeen: at, lastSeen: at, healed: [] })
    : undefined
  const common = { id, app, state: observed.state, ...(drift ? { drift } : {}) }
  if (observed.state === 'unknown') return { ...common, message: observed.reason }
  if (observed.state === 'absent') return common
  const { status, message } = observed.health
  if (observed.owner.who !== 'us' && !view.owned.has(id))
    return { ...common, foreign: true, message: 'it exists, and is not ours' }
  return { ...common, health: status, ...(message === undefined ? {} : { message }) }
}

/** By this look: what was healed is remembered for a while as well. Drift that is to be ignored is told by `drift` alone. */
function driftedIn({ planned }: View): ReadonlySet<ResourceId> {
  const ids = planned.flatMap(({ plan }) => [
    ...changesOf(plan).flatMap(({ id, cause }) => (cause === 'drift' ? [id] : [])),
    ...plan.held.flatMap(({ id, why }) => (why === 'reported' ? [id] : [])),
  ])
  return new Set(ids)
}

export function driftOf({ store, look, planned }: View): DriftReport {
  const seen = store.fleet().drift
  const wantedBy = new Map(planned.flatMap((app) => app.goal.wanted.map((wanted) => [wanted.id, wanted])))
  const itemOf = (app: string, of: Omit<DriftItem, 'app' | 'policy' | 'seen'>): DriftItem => {
    const known = seen[of.id]
    const wanted = wantedBy.get(of.id)
    const origin = wanted ? { origin: wanted.origin } : {}
    return { ...of, app, policy: wanted?.handling.drift ?? 'safe', ...origin, ...(known ? { seen: known } : {}) }
  }
  const items = planned.flatMap(({ app, plan }) => [
    ...changesOf(plan)
      .filter((change) => change.cause === 'drift')
      .map((change) => itemOf(app, { id: change.id, next: 'heal', diffs: change.diffs, ...whatOf(change) })),
    ...plan.held
      .filter((held) => held.why === 'reported' || held.why === 'ignored')
      .map((held) => itemOf(app, { id: held.id, next: held.why, message: held.message, diffs: held.diffs ?? [] })),
  ])
  const unknown = planned.flatMap(({ app, plan }) =>
    plan.held.filter((held) => held.why === 'unknown').map(({ id, message }) => ({ id, app, message })),
  )
  return { revision: look.revision, at: look.live.at.toISOString(), items, unknown }
}

const whatOf = (change: Change): { readonly message?: string } =>
  change.action === 'create' ? { message: 'it was removed by hand' } : {}

export function viewOf(id: ResourceId, view: View): ResourceView {
  const planned = appOf(id, view)
  const recorded = view.store.record().find((entry): entry is Recorded => entry.id === id)
  const wanted = wantedOf(id, planned)
  const observed = view.look.live.of.get(id)
  const app = planned?.app ?? recorded?.app ?? ''
  const departures = departuresFor(id, planned, view)
  const resting = planned ? restingIn(planned, view) : new Set<ResourceId>()
  return {
    id,
    app,
    status: betweenRuns(resourceStatus(id, app, seenIn(view)), waitingIn(resting, view)),
    ...(wanted ? { wanted } : {}),
    ...(recorded ? { recorded } : {}),
    ...(observed ? { observed } : {}),
    ...(departures.length > 0 ? { departures } : {}),
  }
}
