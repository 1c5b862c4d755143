import { respondToFailure } from '../apply/failure.ts'
import type { Attempt } from '../model/app-state.ts'
import type { AppOutcome } from '../model/outcome.ts'
import type { Plan } from '../model/plan.ts'
import { type AppContext, observeAgain, outcomeOf, remember, resourcesOf, run, stateOf } from './app-context.ts'
import { type FailureReport, failedIn, heldGroup, stall, told, withoutStall } from './fail.ts'
import { rollbackGoal } from './goal.ts'
import { type PlannedApp, planFor } from './plan-apps.ts'

/**
 * Back to last good: observe again, plan towards it, apply in normal stage order (rule 16). It is marked in the state
 * before it begins, so that a kill, or a newer revision, finds it and goes on with it.
 */
export async function rollBack(
  planned: PlannedApp,
  attempt: Attempt,
  report: FailureReport,
  context: AppContext,
): Promise<AppOutcome> {
  const { engine } = context
  const { reason, message } = report.failure
  const rolling: Attempt = { ...attempt, phase: 'rolling-back', failure: { reason, message } }
  engine.store.putApp({ ...stateOf(context, planned.app), attempt: rolling })
  engine.emit({ type: 'app:rolling-back', app: planned.app, reason, message })
  const plan = await planBack(planned, rolling, context)
  const result = await run(plan, context, { id: rolling.id })
  const steps = [...report.steps, ...result.steps]
  if (!result.failure) return rolledBack(planned, rolling, { ...report, steps }, context)
  const response = respondToFailure({
    cause: 'rollback',
    goal: 'last-good',
    wrote: result.wrote,
    before: rolling.before,
    hasLastGood: true,
    noWayBack: undefined,
    onFirstFailure: 'stay',
    failures: 0,
    unknown: result.failure.unknown,
  })
  const failed = { ...report, failure: result.failure, steps }
  if (response.act === 'wait')
    return told(planned, context, failed, 'rolling-back', 'a step is unknown: it is tried again')
  keepHeld(planned, rolling, context)
  return stall(planned, failed, context)
}

async function planBack(planned: PlannedApp, attempt: Attempt, context: AppContext): Promise<Plan> {
  const input = { ...planned.input, state: stateOf(context, planned.app), lastGood: lastGoodOf(planned, context) }
  const changed = attempt.changed.map((member) => member.id)
  const goal = rollbackGoal(planned.goal, input, changed)
  const live = await observeAgain(resourcesOf(planned), context)
  const look = { ...context.look, live: { ...context.look.live, of: new Map([...context.look.live.of, ...live.of]) } }
  const of = { app: planned.app, goal: 'last-good' as const, createdByAttempt: new Set(attempt.created) }
  const plan = planFor(goal, { ...context, look }, of)
  // A rollback touches what the attempt changed, and nothing else that may have drifted meanwhile.
  const mine = new Set([...changed, ...attempt.created])
  const stages = plan.stages
    .map((stage) => ({ ...stage, changes: stage.changes.filter((change) => mine.has(change.id)) }))
    .filter((stage) => stage.changes.length > 0)
  return { ...plan, stages }
}

const lastGoodOf = (planned: PlannedApp, { engine }: AppContext) => engine.store.lastGood(planned.app)

function rolledBack(planned: PlannedApp, attempt: Attempt, report: FailureReport, context: AppContext): AppOutcome {
  const { engine } = context
  keepHeld(planned, attempt, context)
  const { attempt: _attempt, ...state } = stateOf(context, planned.app)
  engine.store.putApp(withoutStall(state))
  const { reason, message } = attempt.failure ?? report.failure
  const good = state.lastGood?.revision.slice(0, 12)
  const now = good === undefined ? 'what it created was removed' : `running ${good} again`
  remember(context, { app: planned.app, what: 'rolled-back', message: `${reason}: ${message}; ${now}` })
  return outcomeOf(planned, context, {
    outcome: 'rolled-back',
    reason,
    message,
    todo: `${now}; ${attempt.revision.slice(0, 12)} is held back until it is edited, or: retry ${planned.app}`,
    steps: report.steps,
    diagnosis: report.diagnosis,
  })
}

function keepHeld(planned: PlannedApp, attempt: Attempt, context: AppContext): void {
  const state = stateOf(context, planned.app)
  const failure = attempt.failure ?? { reason: 'HealthCheckFailed', message: 'it did not prove healthy' }
  context.engine.store.putApp({ ...state, held: heldGroup(attempt, failure, 'last-good', context) })
  failedIn(attempt.revision, planned.app, context)
}
