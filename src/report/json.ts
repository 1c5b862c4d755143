import type { DriftReport, Explanation, ResourceView } from '../model/engine.ts'
import type { FieldDiff } from '../model/live.ts'
import type { AppOutcome, AppPlan, FleetOutcome, FleetPlan } from '../model/outcome.ts'
import type { Change, HeldChange } from '../model/plan.ts'
import { verdictOf, visibleChanges } from './count-changes.ts'
import { aside, describeDetails, disturbance, isUndeclared } from './describe-change.ts'
import { jobRun } from './describe-job.ts'
import { shownLive } from './shown-live.ts'

/** Version of the JSON forms: a field may be added, none changes its meaning. */
export const JSON_FORMAT = 1

/**
 * A plan for programs. Of the fleet: `revision`, `stale` (the source was not read), `verdict` (`nothing`, `changes`,
 * `unknown`, `error`: what the exit code says), `problems`, `orphans`, `orphanedTargets` (with the commands that take away
 * what is left there), and `apps`, each with
 *
 * - `stages`: changes in their order, with the checks after them; `settled`: changes that only our record notices
 * - `held`: what of the plan is left out and why; `guards`, `unfit`
 * - `departures`: where it stands elsewhere than the revision says although nothing changes: `why` (`held-back`,
 *   `pinned`, `suspended`, `budget`), `ids` that differ by it, `revision` (that failed, or that was chosen), `keptAt`,
 *   `by`, `budget` (whose agents rest: `app/name`), `at`, `until`, `message`, `todo`
 * - `blocked`: why nothing of it is applied now; with `InvalidDesired` nothing is planned, and all lists are empty
 *
 * A change has `action`, `id`, `cause`, `effect` on what runs, `diffs`, and `says`: lines for people, of creates and jobs.
 */
export function planJson(fleet: FleetPlan): unknown {
  return {
    format: JSON_FORMAT,
    revision: fleet.revision,
    stale: fleet.stale,
    verdict: verdictOf(fleet),
    apps: fleet.apps.map(appPlanJson),
    problems: fleet.problems,
    orphans: fleet.orphans,
    orphanedTargets: fleet.orphanedTargets,
  }
}

function appPlanJson(app: AppPlan): unknown {
  const { plan, guards, unfit, blocked } = app
  return {
    app: app.app,
    goal: plan.goal,
    ...(blocked && { blocked }),
    stages: plan.stages.map((stage) => ({
      changes: stage.changes.map(changeJson),
      checks: stage.gates.map((gate) => gate.name),
    })),
    settled: visibleChanges(plan)
      .filter((change) => plan.settled.includes(change))
      .map(changeJson),
    held: plan.held.map(heldJson),
    guards,
    unfit,
    departures: app.departures ?? [],
  }
}

function changeJson(change: Change): unknown {
  const effect = disturbance(change)
  return {
    action: change.action,
    id: change.id,
    cause: change.cause,
    ...(effect && { effect }),
    ...saidOf(change),
    ...(change.action === 'move' && { fromApp: change.fromApp }),
    ...(change.action === 'replace' && { frees: change.frees }),
    diffs: change.diffs.map(diffForm(change)),
  }
}

/** Live values of what is only to be adopted are not ours to show. */
const diffForm = ({ action, cause }: Change): ((diff: FieldDiff) => unknown) =>
  action === 'adopt' ? ({ path, effect }) => ({ path, effect }) : cause === 'drift' ? driftDiffJson : diffJson

/** For people, of what has no differences to show: what a create makes, why a job runs. */
function saidOf(change: Change): { readonly says?: readonly string[] } {
  if (change.action !== 'create' && !jobRun(change)) return {}
  const says = [aside(change) ?? [], describeDetails(change)].flat()
  return says.length === 0 ? {} : { says }
}

const heldJson = ({ diffs, ...held }: HeldChange): unknown => ({
  ...held,
  ...(diffs && { diffs: diffs.map(driftDiffJson) }),
})

/** A secret says that it differs, and nothing else. */
const diffJson = (diff: FieldDiff): unknown =>
  diff.opaque ? { path: diff.path, opaque: true, effect: diff.effect } : diff

export function outcomeJson(fleet: FleetOutcome): unknown {
  return {
    format: JSON_FORMAT,
    revision: fleet.revision,
    stale: fleet.stale,
    apps: fleet.apps.map(appOutcomeJson),
    problems: fleet.problems,
  }
}

function appOutcomeJson({ plan, ...outcome }: AppOutcome): unknown {
  return { ...outcome, held: (plan?.held ?? []).map(heldJson) }
}

/** A value that somebody set where we declare none may be a secret. */
const driftDiffJson = (diff: FieldDiff): unknown =>
  isUndeclared(diff) ? { path: diff.path, undeclared: true, effect: diff.effect } : diffJson(diff)

export function driftJson(report: DriftReport): unknown {
  const items = report.items.map((item) => ({ ...item, diffs: item.diffs.map(driftDiffJson) }))
  return { format: JSON_FORMAT, ...report, items }
}

export function resourceJson({ observed, ...view }: ResourceView): unknown {
  const live = shownLive({ ...view, ...(observed && { observed }) })
  return {
    format: JSON_FORMAT,
    ...view,
    ...(observed && { observed: { ...observed, ...(live !== undefined && { live }) } }),
  }
}

export function explanationJson({ change, held, instead, followers, ...explanation }: Explanation): unknown {
  return {
    format: JSON_FORMAT,
    ...explanation,
    ...(change && { change: changeJson(change) }),
    ...(held && { held: heldJson(held) }),
    ...(instead && { instead: changeJson(instead) }),
    ...(followers && { followers: followers.map(changeJson) }),
  }
}
