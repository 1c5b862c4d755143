import { recordOf } from '../apply/journal.ts'
import { prove } from '../apply/prove.ts'
import { proofContext, type RunResult } from '../apply/run-plan.ts'
import type { Attempt } from '../model/app-state.ts'
import { sameValue } from '../model/digest.ts'
import type { AppOutcome } from '../model/outcome.ts'
import { type Change, changesOf } from '../model/plan.ts'
import {
  type AppContext,
  changedOf,
  observeAgain,
  outcomeOf,
  resourcesOf,
  run,
  runContext,
  stateOf,
} from './app-context.ts'
import { beginAttempt, noteWayBack } from './attempt.ts'
import { watchBake } from './bake.ts'
import { fail } from './fail.ts'
import { type PlannedApp, planApp } from './plan-apps.ts'
import { rollBack } from './roll-back.ts'
import { succeed } from './succeed.ts'

const MAX_CONFLICTS = 3

/** One reconcile of one app: the story of architecture, section 2, from the plan on. */
export async function reconcileApp(planned: PlannedApp, context: AppContext): Promise<AppOutcome> {
  const state = stateOf(context, planned.app)
  if (planned.blocked) return blockedOutcome(planned, context)
  if (state.attempt?.phase === 'rolling-back') return resumeRollback(planned, state.attempt, context)
  settle(planned, context)
  const changes = changesOf(planned.plan)
  if (changes.length === 0 && !state.attempt) return nothingToDo(planned, context)
  if (changes.length === 0 && state.attempt?.phase === 'baking') return watchBake(planned, state.attempt, context)
  const [unfit] = planned.unfit
  if (unfit) return refuse(planned, unfit, context)
  const attempt = beginAttempt(planned, context)
  const result = await attemptAll(planned, { attempt, resumed: state.attempt?.phase === 'applying' }, context)
  if (result.failure?.reason === 'VersionConflict') return planAgain(planned, attempt, result, context)
  return result.failure
    ? fail(planned, attempt, { ...result, failure: result.failure }, context)
    : succeed(planned, attempt, result, context)
}

function blockedOutcome(planned: PlannedApp, context: AppContext): AppOutcome {
  const { reason, message } = planned.blocked ?? { reason: 'GuardHeld', message: '' }
  const outcome = reason === 'Stalled' ? 'stalled' : reason === 'ImageUnresolved' ? 'failed' : 'waiting'
  return outcomeOf(planned, context, { outcome, reason, message })
}

/** What is as it should be needs only the record to say so; what is gone is forgotten. */
function settle(planned: PlannedApp, { engine, options }: AppContext): void {
  if (options.readOnly) return
  const changed = planned.plan.settled.flatMap((change) => {
    if (!('to' in change)) return []
    const next = recordOf(change.to, 'owned')
    return sameValue(next, planned.input.record.get(change.id)) ? [] : [next]
  })
  if (changed.length === 0 && planned.plan.forget.length === 0) return
  engine.store.transaction(() => {
    engine.store.putRecorded(changed)
    engine.store.forget(planned.plan.forget)
  })
}

function nothingToDo(planned: PlannedApp, context: AppContext): AppOutcome {
  const { store } = context.engine
  const state = stateOf(context, planned.app)
  if (state.held && planned.goal.released) {
    const { held: _held, ...rest } = state
    store.putApp(rest)
  }
  const declared = context.look.apps.has(planned.app)
  if (!declared && !store.record().some((entry) => entry.app === planned.app)) store.dropApp(planned.app)
  return outcomeOf(planned, context, wordFor(planned, context))
}

function wordFor(planned: PlannedApp, context: AppContext): Pick<AppOutcome, 'outcome'> & Partial<AppOutcome> {
  const state = stateOf(context, planned.app)
  if (planned.goal.suspended) return { outcome: 'suspended', message: `until ${state.suspension?.until}` }
  if (state.held) return { outcome: 'held-back', reason: state.held.reason, message: state.held.message }
  const held = planned.plan.held
  const unknown = held.find((entry) => entry.why === 'unknown')
  if (unknown) return { outcome: 'unknown', message: `${unknown.id}: ${unknown.message}` }
  const waits = held.find((entry) => ['conflict', 'data', 'guard', 'dependency'].includes(entry.why))
  if (waits)
    return {
      outcome: 'waiting',
      reason: waits.why === 'data' ? 'DataChange' : 'Conflict',
      message: `${waits.id}: ${waits.message}`,
    }
  return { outcome: 'unchanged' }
}

function refuse(
  planned: PlannedApp,
  unfit: { readonly id: Change['id']; readonly message: string },
  context: AppContext,
): Promise<AppOutcome> {
  const failure = { ...unfit, reason: 'Unschedulable', unknown: false } as const
  const steps = changesOf(planned.plan).map(({ id, action, cause }) => ({
    id,
    action,
    cause,
    step: 'not-run' as const,
  }))
  const attempt: Attempt = {
    id: 'preflight',
    revision: context.look.revision,
    at: context.engine.clock.now().toISOString(),
    cause: 'revision',
    goal: 'desired',
    before: 'healthy',
    phase: 'applying',
    changed: [],
    created: [],
  }
  return fail(planned, attempt, { failure, steps, wrote: false }, context)
}

/** An interrupted attempt is proven as far as it had come before it goes on (rule 14). */
async function attemptAll(
  planned: PlannedApp,
  of: { readonly attempt: Attempt; readonly resumed: boolean },
  context: AppContext,
): Promise<RunResult> {
  if (of.resumed) {
    const changed = changedOf(of.attempt)
    const done = planned.plan.settled.flatMap((change) => ('to' in change && changed.has(change.id) ? [change.to] : []))
    const gates = changesOf(planned.plan).length === 0 ? planned.goal.gates : []
    const checks = [...done.flatMap((wanted) => wanted.handling.checks), ...gates]
    const failure = await prove({
      ...proofContext(planned.app, runContext(context, of.attempt.id)),
      wanted: done,
      gates: checks,
    })
    if (failure) return { steps: [], failure, wrote: true }
  }
  const began = (change: Change): void => noteWayBack(change, planned, context)
  return run(planned.plan, context, { id: of.attempt.id, began })
}

/** Somebody changed an object meanwhile: look again, plan again, never send the old body again (swarm.md 8). */
async function planAgain(
  planned: PlannedApp,
  attempt: Attempt,
  result: RunResult,
  context: AppContext,
  conflicts = 1,
): Promise<AppOutcome> {
  const live = await observeAgain(resourcesOf(planned), context)
  const look = { ...context.look, live: { ...context.look.live, of: new Map([...context.look.live.of, ...live.of]) } }
  const next = await planApp(planned.app, { ...context, look })
  const again = await run(next.plan, context, { id: attempt.id, began: (change) => noteWayBack(change, next, context) })
  const merged = {
    steps: [...result.steps.filter((step) => step.step === 'applied'), ...again.steps],
    wrote: result.wrote || again.wrote,
  }
  if (!again.failure) return succeed(next, attempt, merged, context)
  if (again.failure.reason === 'VersionConflict' && conflicts < MAX_CONFLICTS) {
    return planAgain(next, attempt, { ...again, ...merged }, context, conflicts + 1)
  }
  return fail(next, attempt, { ...merged, failure: again.failure }, context)
}

function resumeRollback(planned: PlannedApp, attempt: Attempt, context: AppContext): Promise<AppOutcome> {
  const { reason, message } = attempt.failure ?? { reason: 'Aborted', message: 'interrupted' }
  const failure = { reason: reason as 'HealthCheckFailed', message, unknown: false }
  return rollBack(planned, attempt, { failure, steps: [], wrote: true, diagnosis: [] }, context)
}
