import type { RunResult } from '../apply/run-plan.ts'
import type { AgentRun } from '../model/agent.ts'
import type { AppState, Attempt } from '../model/app-state.ts'
import type { BudgetState, Halt } from '../model/budget.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { AppOutcome, StepResult } from '../model/outcome.ts'
import { type Change, changesOf, onlyChanges, type Plan } from '../model/plan.ts'
import type { Store } from '../model/store.ts'
import { isAtRest } from '../plan/decide.ts'
import { stopsOf } from '../plan/halts.ts'
import { type AppContext, changedOf, outcomeOf, remember, run, stateOf } from './app-context.ts'
import { backoffUntil } from './backoff.ts'
import { named } from './fail.ts'
import { goodWithout, setAside } from './late.ts'
import type { PlannedApp } from './plan-apps.ts'

/*
 * Budgets in the reconcile of an app (rule 6): what is to rest is stopped before anything else, as it is recorded, and
 * apart from attempts, so that nothing an attempt waits for keeps it running, and its failure takes nothing back (rule 17):
 *
 *   halted, runs --stopped, and at rest--> halted --lifted--> lifted, rests --runs again, proven--> (forgotten)
 *   halted, runs --refused--> tried again with backoff; after the third time the app is stalled, and it is still tried
 */

/** Only these keep a halt from being carried out: nobody writes, or nobody knows what is ours. */
const NOBODY_WRITES: ReadonlySet<string> = new Set(['RecordDisagrees', 'Usage'])

/** What runs although its budget says that it rests. */
export function pendingStops(planned: PlannedApp, context: AppContext): readonly Change[] {
  const { halted, wanted } = planned.goal
  const { engine, look, options } = context
  if (halted.size === 0 || options.readOnly || engine.store.fleet().frozen) return []
  if (look.observeOnly || NOBODY_WRITES.has(planned.blocked?.reason ?? '')) return []
  return stopsOf({ halted, wanted, record: planned.input.record, live: look.live.of, kinds: engine.kinds })
}

export type Stopped = { readonly steps: readonly StepResult[] } | { readonly outcome: AppOutcome }

/** Stops them. What is not known afterwards is seen again at the next look. */
export async function stopHalted(planned: PlannedApp, stops: readonly Change[], context: AppContext): Promise<Stopped> {
  const { engine, options } = context
  const { halting } = stateOf(context, planned.app)
  if (halting && options.patient && Date.parse(halting.notBefore) > engine.clock.now().getTime()) {
    const message = `what its budget stops is tried again at ${halting.notBefore}`
    return { outcome: outcomeOf(planned, context, { outcome: 'waiting', reason: 'Backoff', message }) }
  }
  const result = await run(planOf(planned.plan, stops), context, { id: engine.newId() })
  if (result.failure) return { outcome: notStopped(planned, result, context) }
  const { halting: _halting, ...state } = stateOf(context, planned.app)
  engine.store.putApp(state)
  return { steps: result.steps }
}

const planOf = (plan: Plan, changes: readonly Change[]): Plan => ({
  ...plan,
  stages: [{ changes, gates: [], pauseMs: 0 }],
})

const MAX_FAILURES = 3

/** No rollback: backoff, and stalled after the third time; also then it is tried again, for it spends (rule 17). */
function notStopped(planned: PlannedApp, { failure, steps }: RunResult, context: AppContext): AppOutcome {
  if (!failure) throw new Error('it did not fail')
  const { engine, look } = context
  const message = `its budget stops it, and that failed: ${named(failure)}`
  const common = { reason: failure.reason, message, steps }
  // Somebody else wrote at the same time: the next look plans it again.
  if (failure.unknown || failure.reason === 'VersionConflict')
    return outcomeOf(planned, context, { outcome: 'unknown', ...common })
  const state = stateOf(context, planned.app)
  const failures = (state.halting?.failures ?? 0) + 1
  const notBefore = backoffUntil(failures, engine)
  const isStalled = failures >= MAX_FAILURES
  const at = engine.clock.now().toISOString()
  const digest = look.apps.get(planned.app)?.digest
  const stalled = isStalled && digest !== undefined ? { stalled: { reason: failure.reason, message, at, digest } } : {}
  engine.store.putApp({ ...state, halting: { failures, notBefore }, ...stalled })
  const what = isStalled ? 'stalled' : 'failed'
  remember(context, { app: planned.app, what, message: `${failure.reason}: ${message}` })
  const todo = `it may still spend: stop ${failure.id ?? 'it'} by hand; it is tried again at ${notBefore}`
  return outcomeOf(planned, context, { outcome: what, ...common, todo })
}

/** What a budget lets run again, and no attempt has to prove: it is no revision's fault where that fails. */
export function pendingWakes(planned: PlannedApp, context: AppContext): readonly Change[] {
  const { attempt, late = [] } = stateOf(context, planned.app)
  const unproven = new Set([...(attempt ? [attempt] : []), ...late].flatMap((one: Attempt) => [...changedOf(one)]))
  const isWake = ({ id, cause }: Change): boolean =>
    cause === 'budget' && !unproven.has(id) && !planned.goal.halted.has(id)
  return context.options.readOnly ? [] : changesOf(planned.plan).filter(isWake)
}

/** Whatever else is under way in the app stays as it is: a failure is tried again, and stalls the app the third time. */
export async function wakeLifted(planned: PlannedApp, wakes: readonly Change[], context: AppContext): Promise<Stopped> {
  const { engine, look } = context
  const { app } = planned
  const ids = new Set(wakes.map(({ id }) => id))
  const plan = onlyChanges(planned.plan, ({ id }) => ids.has(id))
  const { failure, steps } = await run(plan, context, { id: engine.newId() })
  if (!failure) {
    engine.store.putApp({ ...stateOf(context, app), failures: 0 })
    return { steps }
  }
  const { reason } = failure
  const message = `its budget lets it run again, and that failed: ${named(failure)}`
  const isUnknown = failure.unknown || reason === 'VersionConflict'
  if (isUnknown) return { outcome: outcomeOf(planned, context, { outcome: 'unknown', reason, message, steps }) }
  const state = stateOf(context, app)
  const failures = state.failures + 1
  const digest = look.apps.get(app)?.digest
  const isStalled = failures >= MAX_FAILURES && digest !== undefined
  const at = engine.clock.now().toISOString()
  const next = isStalled ? { stalled: { reason, message, at, digest } } : { notBefore: backoffUntil(failures, engine) }
  engine.store.putApp({ ...state, failures, ...next })
  const outcome = isStalled ? 'stalled' : 'failed'
  remember(context, { app, what: outcome, message: `${reason}: ${message}` })
  const todo = isStalled ? `mend it with a commit, or: swarmkeeper retry ${app}` : 'it is tried again'
  return { outcome: outcomeOf(planned, context, { outcome, reason, message, todo, steps }) }
}

/** Since when nothing of what a halt names runs: from then on, nothing more is spent for it. */
export function noteStopped(planned: PlannedApp, context: AppContext): void {
  const { engine, look } = context
  const state = stateOf(context, planned.app)
  const isStill = (id: ResourceId): boolean => {
    const observed = look.live.of.get(id)
    if (observed?.state !== 'present') return observed?.state === 'absent' || !planned.input.record.has(id)
    const kind = engine.kinds.get(partsOf(id).kind)
    return kind !== undefined && isAtRest(kind, observed.live) && observed.health.status !== 'progressing'
  }
  const isNews = ({ lifted, stoppedAt, ids }: Halt): boolean => !lifted && stoppedAt === undefined && ids.every(isStill)
  if (!state.halts?.some(isNews) || state.halts.some((halt) => isNews(halt) && runsOf(halt, engine.store))) return
  const stoppedAt = engine.clock.now().toISOString()
  for (const { budget, ids, message } of state.halts.filter(isNews)) {
    remember(context, {
      app: state.app,
      what: 'halted',
      message: `budget ${budget}: ${message}; at rest: ${ids.join(', ')}`,
    })
  }
  engine.store.putApp({ ...state, halts: state.halts.map((halt) => (isNews(halt) ? { ...halt, stoppedAt } : halt)) })
}

/** A scheduled agent rests while a run of it goes on. */
const runsOf = ({ ids }: Halt, store: Store): boolean =>
  store
    .shelf<AgentRun>('run')
    .all()
    .some(({ value }) => value.outcome === 'running' && ids.includes(value.id))

export interface HaltIn {
  readonly app: string
  readonly halt: Halt
}

/** What rests for a budget, or for the agent that it is of: a person may have resumed all of it. */
export const haltsFor = ({ budget, halted }: BudgetState, apps: readonly AppState[]): readonly HaltIn[] =>
  apps.flatMap(({ app, halts = [] }) =>
    halts.flatMap((halt) =>
      halt.budget === budget && halt.since === halted?.since && !halt.lifted ? [{ app, halt }] : [],
    ),
  )

/** A halt that ended is forgotten when nothing of it rests by it any more. */
export function forgetLifted(planned: PlannedApp, context: AppContext): void {
  const state = stateOf(context, planned.app)
  const { overlays } = planned.goal
  const waits = (id: ResourceId): boolean => overlays.get(id) === 'budget'
  const kept = state.halts?.filter(({ lifted, ids }) => !lifted || ids.some(waits))
  if (!kept || kept.length === state.halts?.length) return
  for (const { budget, ids } of state.halts?.filter((halt) => !kept.includes(halt)) ?? []) {
    remember(context, { app: state.app, what: 'resumed', message: `budget ${budget}: runs again: ${ids.join(', ')}` })
  }
  context.engine.store.putApp(withHalts(state, kept))
}

export function withHalts(state: AppState, halts: NonNullable<AppState['halts']>): AppState {
  const { halts: _halts, ...rest } = state
  return halts.length > 0 ? { ...rest, halts } : rest
}

/**
 * What of an attempt rests for a budget, and what only that stands on (its configs, its files): it is proven when it runs
 * again. The rest of the attempt goes on without it.
 */
export function restingPart(attempt: Attempt, planned: PlannedApp, context: AppContext): ReadonlySet<ResourceId> {
  const { wanted, halted } = planned.goal
  const { kinds } = context.engine
  const changed = changedOf(attempt)
  const here = wanted.filter(({ id }) => changed.has(id))
  const resting = new Set(here.flatMap(({ id }) => (halted.has(id) ? [id] : [])))
  if (resting.size === 0) return resting
  const usedBy = (used: ResourceId) => wanted.filter(({ after }) => after.includes(used)).map(({ id }) => id)
  const isOnlyTheirs = (id: ResourceId): boolean => {
    const users = usedBy(id)
    return users.length > 0 && users.every((user) => resting.has(user))
  }
  const isInert = (id: ResourceId): boolean => kinds.get(partsOf(id).kind)?.inert === true
  for (const { id } of here) if (isInert(id) && isOnlyTheirs(id)) resting.add(id)
  return resting
}

/** Everything that the attempt changed rests: it stays as it is until some of it runs. */
export const allRests = (attempt: Attempt, resting: ReadonlySet<ResourceId>): boolean =>
  resting.size > 0 && attempt.changed.every(({ id }) => resting.has(id))

/** What bakes may become good without what rests. */
function withoutGood(state: AppState, resting: ReadonlySet<ResourceId>, store: Store): AppState {
  const { attempt } = state
  if (!attempt?.good) return state
  return { ...state, attempt: { ...attempt, good: goodWithout(attempt.good, resting, state, store) } }
}

/** Sets aside what rests of the attempt that is under way; all of it is an attempt at rest. */
export function restAttempt(planned: PlannedApp, context: AppContext): void {
  const { store } = context.engine
  const state = stateOf(context, planned.app)
  const { attempt } = state
  if (!attempt || attempt.phase === 'rolling-back') return
  const resting = restingPart(attempt, planned, context)
  if (resting.size === 0) return
  if (!allRests(attempt, resting)) {
    store.putApp(withoutGood(setAside(state, resting), resting, store))
    return
  }
  const { good: _good, bakeUntil: _until, ...rest } = attempt
  if (attempt.phase !== 'resting') store.putApp({ ...state, attempt: { ...rest, phase: 'resting' } })
}
