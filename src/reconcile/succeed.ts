import type { RunResult } from '../apply/run-plan.ts'
import type { AppState, Attempt } from '../model/app-state.ts'
import type { AppOutcome } from '../model/outcome.ts'
import { type AppContext, changedOf, outcomeOf, remember, stateOf } from './app-context.ts'
import type { PlannedApp } from './plan-apps.ts'

/** All of the plan is applied and proven: now it bakes, unless nothing of it can fail later. */
export function succeed(planned: PlannedApp, attempt: Attempt, result: RunResult, context: AppContext): AppOutcome {
  const { engine, look } = context
  const { store, clock } = engine
  const bakeMs = attempt.cause === 'revision' && !planned.goal.suspended ? bakeOf(planned, attempt, context) : 0
  const at = clock.now().toISOString()
  const { attempt: _attempt, notBefore: _notBefore, ...state } = stateOf(context, planned.app)
  const applied: AppState = {
    ...state,
    failures: 0,
    ...(attempt.cause === 'revision' ? { lastApplied: { revision: look.revision, at } } : {}),
  }
  if (attempt.cause === 'revision') store.putFleet({ ...store.fleet(), lastApplied: look.revision })
  if (bakeMs > 0) {
    const bakeUntil = new Date(clock.now().getTime() + bakeMs).toISOString()
    store.putApp({ ...applied, attempt: { ...attempt, phase: 'baking', bakeUntil } })
    remember(context, { app: planned.app, what: 'applied', message: `baking until ${bakeUntil}` })
    return outcomeOf(planned, context, {
      outcome: 'applied',
      steps: result.steps,
      message: `baking until ${bakeUntil}`,
    })
  }
  store.putApp(applied)
  if (attempt.cause !== 'revision') return settled(planned, attempt, result, context)
  if (planned.goal.suspended) {
    remember(context, { app: planned.app, what: 'applied', message: 'applied unproven: the app is suspended' })
    return outcomeOf(planned, context, { outcome: 'suspended', steps: result.steps, message: 'applied unproven' })
  }
  return proven(planned, context, { steps: result.steps })
}

function bakeOf(planned: PlannedApp, attempt: Attempt, context: AppContext): number {
  const changed = changedOf(attempt)
  const running = planned.goal.wanted.filter(
    (wanted) => changed.has(wanted.id) && !context.engine.kinds.get(wanted.kind)?.inert,
  )
  return Math.max(0, ...running.map((wanted) => wanted.handling.bakeMs))
}

function settled(planned: PlannedApp, attempt: Attempt, result: RunResult, context: AppContext): AppOutcome {
  const what = attempt.cause === 'drift' ? 'healed' : 'applied'
  const ids = result.steps.map((step) => step.id).join(', ')
  remember(context, { app: planned.app, what, message: `${attempt.cause}: ${ids}` })
  if (attempt.cause === 'drift') noteHeals(result, context)
  return outcomeOf(planned, context, { outcome: 'applied', steps: result.steps, message: what })
}

function noteHeals(result: RunResult, { engine }: AppContext): void {
  const fleet = engine.store.fleet()
  const at = engine.clock.now().toISOString()
  const drift = { ...fleet.drift }
  for (const { id } of result.steps) {
    const seen = drift[id] ?? { firstSeen: at, lastSeen: at, healed: [] }
    drift[id] = { ...seen, lastSeen: at, healed: [...seen.healed, at].slice(-10) }
  }
  engine.store.putFleet({ ...fleet, drift })
}

/** Healthy through its gates and its bake: this is what a rollback goes back to from now on. */
export function proven(
  planned: PlannedApp,
  context: AppContext,
  rest: { readonly steps: AppOutcome['steps'] },
): AppOutcome {
  const { engine, look } = context
  const { attempt, ...state } = stateOf(context, planned.app)
  const at = engine.clock.now().toISOString()
  const revision = attempt?.revision ?? look.revision
  engine.store.transaction(() => {
    engine.store.setLastGood(planned.app, planned.goal.base)
    engine.store.putApp({ ...state, failures: 0, lastGood: { revision, at } })
    remember(context, { app: planned.app, what: 'proven', message: 'last good from now on' })
  })
  return outcomeOf(planned, context, { outcome: 'proven', ...rest })
}
