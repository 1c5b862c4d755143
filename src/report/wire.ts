import type { DriftReport, Explanation } from '../model/engine.ts'
import type { EngineEvent } from '../model/events.ts'
import type { FieldDiff } from '../model/live.ts'
import type { AppPlan, FleetOutcome, FleetPlan, FleetStatus } from '../model/outcome.ts'
import type { Change, HeldChange, Plan } from '../model/plan.ts'
import type { HistoryEntry } from '../model/store.ts'
import { isUndeclared } from './describe-change.ts'
import { JSON_FORMAT, outcomeJson } from './json.ts'

/**
 * What the daemon answers beside the JSON of `--format json`, and how the command line reads both: its reports are made
 * of the same nouns as those of an engine of its own. Values that may not be shown do not travel (rule 22, trust).
 */

/** Accept header of the command line: plans and explanations with their specs. It changes with any release. */
export const WHOLE_TYPE = 'application/vnd.swarmkeeper.whole+json'

/** Moves with the nouns: another one is refused instead of being misread. */
export const WHOLE_FORMAT = 1

const NOT_SHOWN = '(set by hand, not shown)'

/** Without what only the engine works with: whole resources of attempts and pins. */
export function statusJson(status: FleetStatus): { readonly format: number } & FleetStatus {
  const apps = status.apps.map((app) => ({ ...app, state: withoutResources(app.state) }))
  return { format: JSON_FORMAT, ...status, apps }
}

function withoutResources({
  attempt,
  late: _late,
  pin,
  ...state
}: FleetStatus['apps'][number]['state']): FleetStatus['apps'][number]['state'] {
  const { good: _good, ...tried } = attempt ?? {}
  const { app: _app, ...pinned } = pin ?? {}
  return {
    ...state,
    ...(attempt && { attempt: tried as typeof attempt }),
    ...(pin && { pin: pinned as typeof pin }),
  }
}

export const historyJson = (entries: readonly HistoryEntry[]): unknown => ({
  format: JSON_FORMAT,
  entries: entries.map(({ seq, at, app, revision, what, message, by }) => ({
    seq,
    at,
    app,
    revision,
    what,
    message,
    ...(by === undefined ? {} : { by }),
  })),
})

export const wholePlan = (fleet: FleetPlan): FleetPlan => ({ ...fleet, apps: fleet.apps.map(wholeApp) })

const wholeApp = (app: AppPlan): AppPlan => ({ ...app, plan: shownPlan(app.plan) })

const shownPlan = (plan: Plan): Plan => ({
  ...plan,
  stages: plan.stages.map((stage) => ({ ...stage, changes: stage.changes.map(shownChange) })),
  settled: plan.settled.map(shownChange),
  held: plan.held.map(shownHeld),
})

/** What stays as it is needs no spec: of a large fleet that is nearly everything. */
function shownChange(change: Change): Change {
  if (change.action === 'unchanged') return { ...change, to: { ...change.to, spec: {} } }
  return { ...change, diffs: change.diffs.map((diff) => shownDiff(diff, change)) }
}

const shownHeld = ({ diffs, ...held }: HeldChange): HeldChange => ({
  ...held,
  ...(diffs && { diffs: diffs.map((diff) => shownDiff(diff, { cause: 'drift' })) }),
})

function shownDiff(
  diff: FieldDiff,
  of: { readonly cause: Change['cause']; readonly action?: Change['action'] },
): FieldDiff {
  const { from: _from, to: _to, ...bare } = diff
  if (diff.opaque || of.action === 'adopt') return bare
  return of.cause === 'drift' && isUndeclared(diff) ? { ...bare, from: NOT_SHOWN } : diff
}

/** As `statusJson`. */
export const slimExplanation = (explanation: Explanation): Explanation => ({
  ...explanation,
  state: withoutResources(explanation.state),
})

export const wholeExplanation = ({ change, held, instead, followers, ...rest }: Explanation): Explanation => ({
  ...slimExplanation(rest),
  ...(change && { change: shownChange(change) }),
  ...(held && { held: shownHeld(held) }),
  ...(instead && { instead: shownChange(instead) }),
  ...(followers && { followers: followers.map(shownChange) }),
})

type WireDiff = FieldDiff & { readonly undeclared?: true }

const readDiff = ({ undeclared, ...diff }: WireDiff): FieldDiff => (undeclared ? { ...diff, from: NOT_SHOWN } : diff)

/** Of `driftJson`. */
export const readDrift = (json: DriftReport): DriftReport => ({
  ...json,
  items: json.items.map((item) => ({ ...item, diffs: item.diffs.map(readDiff) })),
})

type WireOutcome = Omit<FleetOutcome, 'apps'> & {
  readonly apps: readonly (Omit<FleetOutcome['apps'][number], 'plan'> & { readonly held: Plan['held'] })[]
}

/** Of `outcomeJson`: what was planned is told by the steps; what was held is all that reports need of the plan. */
export const readOutcome = ({ revision, stale, problems, apps }: WireOutcome): FleetOutcome => ({
  revision,
  stale,
  problems,
  apps: apps.map(({ held, ...app }) => ({
    ...app,
    plan: {
      app: app.app,
      goal: 'desired',
      revision: app.revision,
      stages: [],
      settled: [],
      held: held.map(({ diffs, ...one }) => ({ ...one, ...(diffs && { diffs: diffs.map(readDiff) }) })),
      forget: [],
    },
  })),
})

/** An event as it is told outside: a plan by its size, an outcome as `--format json` tells it. */
export function eventJson(event: EngineEvent): Readonly<Record<string, unknown>> & { readonly type: string } {
  switch (event.type) {
    case 'app:planned': {
      const { plan, ...rest } = event
      return { ...rest, changes: plan.stages.reduce((sum, stage) => sum + stage.changes.length, 0) }
    }
    case 'app:done': {
      const { outcome, ...rest } = event
      const told = outcomeJson({ revision: outcome.revision, stale: false, apps: [outcome], problems: [] })
      return { ...rest, outcome: (told as { readonly apps: readonly unknown[] }).apps[0] }
    }
    default:
      return event
  }
}
