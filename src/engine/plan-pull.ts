import type { AppPlan, FleetPlan } from '../model/outcome.ts'
import { type Change, changesOf, onlyChanges } from '../model/plan.ts'
import type { Snapshot } from '../model/source.ts'
import type { CallOptions } from '../model/target.ts'
import type { Collaborators } from '../reconcile/engine.ts'
import { ownersOf } from '../reconcile/look.ts'
import { planApps } from '../reconcile/plan-apps.ts'
import { lookAtPull } from '../reconcile/pull-look.ts'
import type { View } from './view.ts'
import { fleetPlanOf } from './views.ts'

export interface PullToPlan {
  /** The newest look of the tracked branch. */
  readonly view: View
  /** Of the merge of the head into the tip. */
  readonly snapshot: Snapshot
  readonly fork: boolean
}

export type PlanPull = (pull: PullToPlan, options: CallOptions) => Promise<FleetPlan>

/**
 * The plan of a pull request (architecture, section 4). `render` reveals nothing later: what it has read never comes
 * among the snapshots that secrets are taken from.
 */
export function createPlanPull(engine: Collaborators, render: Collaborators['render']): PlanPull {
  return async ({ view, snapshot, fork }, { signal }) => {
    const desired = await render(snapshot, ownersOf(engine))
    const ask = { signal, by: 'a pull request', readOnly: true, untrusted: true, offline: fork }
    const of = { base: view.look, revision: snapshot.revision, desired, fork }
    const { look, unobserved } = await lookAtPull(of, engine, ask)
    const planned = await planApps(engine, look, ask)
    const plan = fleetPlanOf({ ...view, look, planned })
    const due = dueAnyway(view)
    return { ...plan, apps: plan.apps.map((app) => withUnobserved(withoutDue(app, due), unobserved)) }
  }
}

/** App, action, id and goal of a change: two with the same key are the same change. */
const keyOf = (app: string, change: Change): string =>
  [app, change.action, change.id, 'to' in change ? change.to.digest : ''].join(' ')

/** What the tip brings by itself: it may be on its way in this moment, and is gone when somebody reads the plan. */
const dueAnyway = ({ planned }: View): ReadonlySet<string> =>
  new Set(planned.flatMap(({ app, plan }) => changesOf(plan).map((change) => keyOf(app, change))))

function withoutDue(app: AppPlan, due: ReadonlySet<string>): AppPlan {
  const isDue = (change: Change): boolean => due.has(keyOf(app.app, change))
  const ids = changesOf(app.plan).flatMap((change) => (isDue(change) ? [change.id] : []))
  if (ids.length === 0) return app
  return { ...app, plan: onlyChanges(app.plan, (change) => !isDue(change)), dueAnyway: ids }
}

function withUnobserved(app: AppPlan, unobserved: ReadonlySet<string>): AppPlan {
  const ids = app.plan.stages.flatMap(({ changes }) => changes.flatMap(({ id }) => (unobserved.has(id) ? [id] : [])))
  return ids.length === 0 ? app : { ...app, unobserved: ids }
}
