import type { RunResult } from '../apply/run-plan.ts'
import type { Attempt, Good } from '../model/app-state.ts'
import { runsOnce } from '../model/kind.ts'
import type { AppOutcome } from '../model/outcome.ts'
import { type AppContext, changedOf, outcomeOf, remember, revisionOf, stateOf } from './app-context.ts'
import type { Collaborators } from './engine.ts'
import { goodOf } from './good.ts'
import { restAttempt } from './halts.ts'
import { parted, withLate } from './late.ts'
import type { PlannedApp } from './plan-apps.ts'

/**
 * All of the plan is applied and proven: now it bakes, unless nothing of it can fail later. What is remembered of it is
 * written at once, so that a kill finds the attempt either still open or proven.
 */
export function succeed(planned: PlannedApp, attempt: Attempt, result: RunResult, context: AppContext): AppOutcome {
  return context.engine.store.transaction(() => {
    const { steps } = result
    if (attempt.cause !== 'revision') return settled(planned, attempt, result, context)
    noteApplied(planned, attempt, context)
    restAttempt(planned, context)
    const applied = stateOf(context, planned.app).attempt ?? attempt
    if (applied.phase === 'resting') return resting(planned, steps, context)
    const left = leftovers(steps)
    const bakeMs = planned.goal.suspended ? 0 : bakeOf(planned, applied, context)
    if (bakeMs > 0) return baking(planned, { attempt, bakeMs, steps }, context)
    if (!planned.goal.suspended) return proven(planned, context, { steps, ...(left ? { message: left } : {}) })
    rest(planned, context)
    remember(context, { app: planned.app, what: 'applied', message: 'applied unproven: the app is suspended' })
    return outcomeOf(planned, context, { outcome: 'suspended', steps, message: 'applied unproven' })
  })
}

/** All that changed rests for a budget. */
function resting(planned: PlannedApp, steps: AppOutcome['steps'], context: AppContext): AppOutcome {
  remember(context, { app: planned.app, what: 'applied', message: 'applied unproven: it rests for its budget' })
  const message = 'applied unproven: what changed rests for its budget'
  return outcomeOf(planned, context, { outcome: 'suspended', steps, message })
}

function noteApplied(planned: PlannedApp, attempt: Attempt, context: AppContext): void {
  const { store, clock } = context.engine
  const at = clock.now().toISOString()
  const { notBefore: _notBefore, leftovers: _leftovers, ...state } = stateOf(context, planned.app)
  // What was noted while it ran (that something was written, that there is no way back) stays with it.
  const noted = { ...attempt, ...state.attempt }
  const { seen, late } = parted(noted, context.look)
  store.putApp({
    ...withLate(state, late),
    attempt: seen,
    failures: 0,
    lastApplied: { revision: attempt.revision, at },
  })
  store.putFleet({ ...store.fleet(), lastApplied: context.look.revision })
}

function closeAttempt(planned: PlannedApp, context: AppContext): void {
  const { attempt: _attempt, notBefore: _notBefore, ...state } = stateOf(context, planned.app)
  context.engine.store.putApp({ ...state, failures: 0 })
}

/** What was not seen running is proven when it runs again, by the same table as any other attempt (rules 6, 17). */
function rest(planned: PlannedApp, { engine }: AppContext): void {
  const { attempt, ...state } = engine.store.app(planned.app)
  engine.store.putApp({ ...state, ...(attempt ? { attempt: { ...attempt, phase: 'resting' } } : {}) })
}

function baking(
  planned: PlannedApp,
  of: { readonly attempt: Attempt; readonly bakeMs: number; readonly steps: AppOutcome['steps'] },
  context: AppContext,
): AppOutcome {
  const { engine } = context
  const bakeUntil = new Date(engine.clock.now().getTime() + of.bakeMs).toISOString()
  const good = goodOf(planned, context)
  const message = [`baking until ${bakeUntil}`, leftovers(of.steps) ?? []].flat().join('; ')
  engine.store.putApp({
    ...stateOf(context, planned.app),
    attempt: { ...of.attempt, ...stateOf(context, planned.app).attempt, phase: 'baking', bakeUntil, good },
  })
  remember(context, { app: planned.app, what: 'applied', message: `baking until ${bakeUntil}` })
  return outcomeOf(planned, context, { outcome: 'applied', steps: of.steps, message })
}

/** What could not be removed stays `retiring`, and is tried again (rule 13). */
export function leftovers(steps: AppOutcome['steps']): string | undefined {
  const left = steps.filter((step) => step.action === 'prune' && step.step !== 'applied')
  return left.length === 0
    ? undefined
    : `not removed yet: ${left.map((step) => `${step.id} (${step.message ?? 'no answer'})`).join(', ')}`
}

/** What does not run, and what has run to its end, cannot fail later: only what keeps running is watched. */
function bakeOf(planned: PlannedApp, attempt: Attempt, { engine: { kinds } }: AppContext): number {
  const changed = changedOf(attempt)
  const running = planned.goal.wanted.filter(({ id, kind: name, spec }) => {
    const kind = kinds.get(name)
    return changed.has(id) && !kind?.inert && !runsOnce(kind, spec)
  })
  return Math.max(0, ...running.map((wanted) => wanted.handling.bakeMs))
}

function settled(planned: PlannedApp, attempt: Attempt, result: RunResult, context: AppContext): AppOutcome {
  closeAttempt(planned, context)
  const what = attempt.cause === 'drift' ? 'healed' : 'done'
  const ids = result.steps.map((step) => step.id).join(', ')
  remember(context, { app: planned.app, what, message: `${attempt.cause}: ${ids}` })
  if (attempt.cause === 'drift') noteHeals(result, context)
  return outcomeOf(planned, context, { outcome: what, steps: result.steps })
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
  rest: { readonly steps: AppOutcome['steps']; readonly message?: string },
): AppOutcome {
  const { engine, look, options } = context
  const { attempt } = stateOf(context, planned.app)
  const revision = attempt?.revision ?? revisionOf(context, planned.app)
  const late = attempt && parted(attempt, look).late
  markProven({ app: planned.app, revision, good: goodOf(planned, context), late, by: options.by }, engine)
  // All of it is gone, and nothing declares it: there is no such app any more.
  const { store } = engine
  const gone = !look.apps.has(planned.app) && !store.record().some((entry) => entry.app === planned.app)
  if (gone) store.dropApp(planned.app)
  return outcomeOf(planned, context, { outcome: 'proven', ...rest })
}

export function markProven(
  of: {
    readonly app: string
    readonly revision: string
    readonly good: Good
    readonly late: Attempt | undefined
    readonly by: string
  },
  { store, clock }: Pick<Collaborators, 'store' | 'clock'>,
): void {
  const { app, revision, good, late, by } = of
  const { attempt: _attempt, olderGood: _older, ...state } = withLate(store.app(app), late)
  const at = clock.now().toISOString()
  store.transaction(() => {
    store.setLastGood(app, good.resources)
    const olderGood = Object.keys(good.older).length > 0 ? { olderGood: good.older } : {}
    store.putApp({ ...state, failures: 0, lastGood: { revision, at }, ...olderGood })
    store.addHistory({ at, app, revision, what: 'proven', message: 'last good from now on', by })
  })
}
