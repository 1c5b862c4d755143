import type { ResourceId } from '../model/id.ts'
import type { FieldDiff } from '../model/live.ts'
import type { AppPlan, FleetPlan } from '../model/outcome.ts'
import { type Change, changesOf, type HeldChange, onlyChanges } from '../model/plan.ts'
import { SPEC_FORMAT } from '../model/resource.ts'
import type { Snapshot } from '../model/source.ts'
import type { Store } from '../model/store.ts'
import type { CallOptions } from '../model/target.ts'
import { widenedBy } from '../plan/widened.ts'
import type { Collaborators } from '../reconcile/engine.ts'
import { type Look, ownersOf } from '../reconcile/look.ts'
import { planApps } from '../reconcile/plan-apps.ts'
import { lookAtPull } from '../reconcile/pull-look.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { View } from './view.ts'
import { fleetPlanOf } from './views.ts'

interface PullToPlan {
  /** The newest look of the tracked branch. */
  readonly view: View
  /** Of the merge of the head into the tip. */
  readonly snapshot: Snapshot
  readonly fork: boolean
}

export type PlanPull = (pull: PullToPlan, options: CallOptions) => Promise<FleetPlan>

/**
 * The plan of a pull request (architecture, section 4). `render` reveals nothing later: what it has read never comes
 * among the snapshots that secrets are taken from. For a fork two revisions are compared, and nothing else is asked.
 */
export function createPlanPull(engine: Collaborators, render: Collaborators['render']): PlanPull {
  return async ({ view, snapshot, fork }, { signal }) => {
    const known = fork ? { ...engine, store: declaredBy(view.look) } : engine
    const desired = await render(snapshot, ownersOf(engine))
    const ask = { signal, by: 'a pull request', readOnly: true, untrusted: true, offline: fork }
    const of = { base: view.look, revision: snapshot.revision, desired, fork }
    const { look, unobserved } = await lookAtPull(of, known, ask)
    const planned = await planApps(known, look, ask)
    const plan = fleetPlanOf({ ...view, store: known.store, look, planned })
    const due = fork ? NOTHING_DUE : dueAnyway(view)
    const foreign = foreignIn(look, known.store)
    const apps = plan.apps.map((app) => withoutForeign(withUnobserved(withoutDue(app, due), unobserved), foreign))
    const widened = widenedBy(view.look.desired, desired)
    return { ...plan, apps, ...(widened.length > 0 ? { widened } : {}) }
  }
}

/** As if everything that the base declares was applied just so. */
function declaredBy({ desired }: Look): Store {
  const store = createMemoryStore()
  const wanted = [...desired.apps.values()].flatMap((app) => app.wanted)
  store.putRecorded(
    wanted.map(({ id, kind, spec, digest, app, handling }) => {
      return { id, kind, spec, digest, app, handling, format: SPEC_FORMAT, state: 'owned' }
    }),
  )
  return store
}

/** What is there, and not ours: it may be compared, and nothing of it is shown. */
function foreignIn({ live }: Look, store: Store): ReadonlySet<ResourceId> {
  const ours = new Set(store.record().flatMap(({ id, state }) => (state === 'intended' ? [] : [id])))
  const seen = [...live.of].filter(([id, one]) => one.state === 'present' && one.owner.who !== 'us' && !ours.has(id))
  return new Set(seen.map(([id]) => id))
}

function withoutForeign(app: AppPlan, foreign: ReadonlySet<ResourceId>): AppPlan {
  if (foreign.size === 0) return app
  const shown = <T extends { readonly id: ResourceId; readonly diffs?: readonly FieldDiff[] }>(one: T): T =>
    one.diffs && foreign.has(one.id) ? { ...one, diffs: one.diffs.map(withoutLive) } : one
  const { plan } = app
  const stages = plan.stages.map((stage) => ({ ...stage, changes: stage.changes.map(shown) }))
  return { ...app, plan: { ...plan, stages, settled: plan.settled.map(shown), held: plan.held.map(shown) } }
}

const withoutLive = (diff: FieldDiff): FieldDiff =>
  diff.opaque || diff.from === undefined ? diff : { ...diff, from: '(not ours, not shown)' }

/** App, action, id and goal of a change: two with the same key are the same change. */
const keyOf = (app: string, change: Change): string =>
  [app, change.action, change.id, 'to' in change ? change.to.digest : ''].join(' ')

interface Due {
  readonly changes: ReadonlySet<string>
  /** App and id of what the tip is changing: a look from before the write beside the record of after it is no drift. */
  readonly written: ReadonlySet<string>
}

const NOTHING_DUE: Due = { changes: new Set(), written: new Set() }

/** What the tip brings by itself: it may be on its way in this moment, and is gone when somebody reads the plan. */
function dueAnyway({ planned }: View): Due {
  const all = planned.flatMap(({ app, plan }) => changesOf(plan).map((change) => ({ app, change })))
  return {
    changes: new Set(all.map(({ app, change }) => keyOf(app, change))),
    written: new Set(all.map(({ app, change }) => `${app} ${change.id}`)),
  }
}

function withoutDue(app: AppPlan, due: Due): AppPlan {
  const isDue = (change: Change): boolean => due.changes.has(keyOf(app.app, change))
  const isWritten = ({ id, why }: HeldChange): boolean => why === 'reported' && due.written.has(`${app.app} ${id}`)
  const changes = changesOf(app.plan).filter(isDue)
  const ids = [...changes, ...app.plan.held.filter(isWritten)].map(({ id }) => id)
  if (ids.length === 0) return app
  const plan = onlyChanges(app.plan, (change) => !isDue(change))
  return { ...app, plan: { ...plan, held: plan.held.filter((one) => !isWritten(one)) }, dueAnyway: ids }
}

function withUnobserved(app: AppPlan, unobserved: ReadonlySet<string>): AppPlan {
  const ids = app.plan.stages.flatMap(({ changes }) => changes.flatMap(({ id }) => (unobserved.has(id) ? [id] : [])))
  return ids.length === 0 ? app : { ...app, unobserved: ids }
}
