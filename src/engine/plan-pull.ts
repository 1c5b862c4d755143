import type { FleetPlan } from '../model/outcome.ts'
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
    return { ...plan, apps: plan.apps.map((app) => withUnobserved(app, unobserved)) }
  }
}

function withUnobserved(app: FleetPlan['apps'][number], unobserved: ReadonlySet<string>): FleetPlan['apps'][number] {
  const ids = app.plan.stages.flatMap(({ changes }) => changes.flatMap(({ id }) => (unobserved.has(id) ? [id] : [])))
  return ids.length === 0 ? app : { ...app, unobserved: ids }
}
