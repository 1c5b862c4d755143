import { respondToFailure } from '../apply/failure.ts'
import { type ProofFailure, prove } from '../apply/prove.ts'
import { proofContext, type RunResult } from '../apply/run-plan.ts'
import type { Attempt } from '../model/app-state.ts'
import type { Reason } from '../model/error.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import { runsOnce } from '../model/kind.ts'
import type { AppOutcome } from '../model/outcome.ts'
import { type Change, type HeldChange, type HeldWhy, onlyChanges, type Plan } from '../model/plan.ts'
import { onlyThese } from '../plan/only-these.ts'
import {
  type AppContext,
  changedOf,
  observeAgain,
  outcomeOf,
  remember,
  resourcesOf,
  run,
  runContext,
  stateOf,
  uncancelled,
} from './app-context.ts'
import { type FailureReport, failedIn, heldGroup, named, stall, told, withGroup, withoutStall } from './fail.ts'
import { rollbackGoal } from './goal.ts'
import { isHeldAlready, leftBehind, withLate } from './late.ts'
import { holdUnpinned } from './pin-images.ts'
import { type PlannedApp, planFor } from './plan-apps.ts'
import { settle } from './settle.ts'
import { retryCommand } from './ways-out.ts'

const MAX_CONFLICTS = 3

/**
 * Back to last good: observe again, plan towards it, apply in normal stage order (rule 16). It is marked in the state
 * before it begins, so that a kill, or a newer revision, finds it and goes on with it.
 *
 *   rolling-back --all as it was, and proven--> (none), held back
 *   rolling-back --a step is unknown----------> rolling-back: the next run goes on
 *   rolling-back --all that answers is as it was--> (none), held back; the rest goes back when it answers (late.ts)
 *   rolling-back --a step is refused----------> stalled, held back
 */
export async function rollBack(
  planned: PlannedApp,
  attempt: Attempt,
  report: FailureReport & { readonly resumed?: boolean },
  given: AppContext,
): Promise<AppOutcome> {
  const context = uncancelled(given)
  const { engine } = context
  const { reason } = report.failure
  const message = named(report.failure)
  const rolling: Attempt = { ...attempt, phase: 'rolling-back', failure: { reason, message } }
  engine.store.putApp({ ...stateOf(context, planned.app), attempt: rolling })
  engine.emit({ type: 'app:rolling-back', app: planned.app, reason, message })
  const result = await goBack(planned, rolling, { context, resumed: report.resumed ?? false })
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
  if (response.act === 'wait' && result.left)
    return goBackLater(planned, rolling, { failed, left: result.left }, context)
  if (response.act === 'wait')
    return told(planned, context, failed, 'rolling-back', 'a step is unknown: it is tried again')
  return engine.store.transaction(() => {
    keepHeld(planned, rolling, context)
    return stall(planned, failed, context)
  })
}

/**
 * Everything that answers is as it was: what does not is taken back when it does. Until then it keeps no newer revision
 * from the others, and no heal.
 */
function goBackLater(
  planned: PlannedApp,
  attempt: Attempt,
  { failed, left }: { readonly failed: FailureReport; readonly left: Left },
  context: AppContext,
): AppOutcome {
  const { store } = context.engine
  store.transaction(() => {
    keepHeld(planned, attempt, context)
    const { attempt: _attempt, ...state } = stateOf(context, planned.app)
    store.putApp(withLate(withoutStall(state), leftBehind(attempt, left.ids, left.silent)))
  })
  return told(planned, context, failed, 'rolling-back', `${left.silent.join(', ')} goes back when it answers`)
}

interface WentBack extends RunResult {
  readonly left?: Left
}

/** All that could be done is done; these were not to be seen, or wait for what was not. */
interface Left {
  readonly ids: ReadonlySet<ResourceId>
  readonly silent: readonly string[]
}

interface GoingBack {
  readonly context: AppContext
  readonly resumed: boolean
}

async function goBack(planned: PlannedApp, attempt: Attempt, on: GoingBack, conflicts = 0): Promise<WentBack> {
  const { context } = on
  const plan = await planBack(planned, attempt, context)
  const { store } = context.engine
  settle(plan, store, new Map(store.record().map((recorded) => [recorded.id, recorded])))
  const seen = on.resumed || conflicts > 0 ? await proveDone(plan, attempt, on) : undefined
  if (seen) return { steps: [], wrote: false, failure: seen }
  const result = await run(plan, context, { id: attempt.id })
  if (result.failure?.reason === 'VersionConflict' && conflicts < MAX_CONFLICTS) {
    return goBack(planned, attempt, on, conflicts + 1)
  }
  const out = leftOut(plan, attempt)
  const failure = result.failure ?? out?.failure
  if (!failure) return result
  return { ...result, failure, ...(!result.failure && failure.unknown && out ? { left: out.left } : {}) }
}

/** What an interrupted rollback had done already is proven like the rest. */
async function proveDone(plan: Plan, attempt: Attempt, { context }: GoingBack): Promise<ProofFailure | undefined> {
  const changed = changedOf(attempt)
  const wanted = plan.settled.flatMap((change) => ('to' in change && changed.has(change.id) ? [change.to] : []))
  return prove({ ...proofContext(plan.app, runContext(context, attempt.id)), wanted, gates: [] })
}

/** What the plan could not take back: not to be seen now, or not ours to change. */
function leftOut(plan: Plan, attempt: Attempt): { readonly failure: ProofFailure; readonly left: Left } | undefined {
  const mine = new Set([...changedOf(attempt), ...attempt.created])
  const untouched = ({ id, why }: HeldChange): boolean =>
    why === 'unknown' && attempt.wroteOn !== undefined && !attempt.wroteOn.includes(partsOf(id).target)
  const left = plan.held.filter(
    (entry) => mine.has(entry.id) && entry.why !== 'held-back' && entry.why !== 'kept' && !untouched(entry),
  )
  const entry = left.find(({ why }) => why !== 'unknown' && why !== 'dependency') ?? left[0]
  if (!entry) return undefined
  const unknown = left.some(({ why }) => why === 'unknown') && entry === left[0]
  const reason = unknown ? 'TargetUnreachable' : (LEFT_OUT[entry.why] ?? 'Conflict')
  const silent = left.flatMap(({ id, why }) => (why === 'unknown' ? [partsOf(id).target] : []))
  return {
    failure: { id: entry.id, reason, message: entry.message, unknown },
    left: { ids: new Set(left.map(({ id }) => id)), silent: [...new Set(silent)] },
  }
}

const LEFT_OUT: Readonly<Partial<Record<HeldWhy, Reason>>> = { data: 'DataChange', image: 'ImageUnresolved' }

async function planBack(planned: PlannedApp, attempt: Attempt, context: AppContext): Promise<Plan> {
  const input = { ...planned.input, state: stateOf(context, planned.app), lastGood: lastGoodOf(planned, context) }
  const changed = attempt.changed.map((member) => member.id)
  // It touches what the attempt changed, and nothing else that may have drifted, or is waited for, meanwhile.
  const mine = new Set([...changed, ...attempt.created])
  const whole = rollbackGoal(planned.goal, input, changed)
  const live = await observeAgain(resourcesOf(planned), context)
  const look = { ...context.look, live: { ...context.look.live, of: new Map([...context.look.live.of, ...live.of]) } }
  const known = holdUnpinned(whole, { live: look.live, kinds: context.engine.kinds })
  const goal = { ...known, wanted: onlyThese(known.wanted, mine) }
  const of = { app: planned.app, goal: 'last-good' as const, createdByAttempt: new Set(attempt.created) }
  const plan = planFor(goal, { ...context, look }, of)
  const isMine = ({ id }: Change): boolean => mine.has(id)
  return {
    ...onlyChanges(plan, isMine),
    settled: plan.settled.filter(isMine),
    forget: plan.forget.filter((id) => mine.has(id)),
  }
}

const lastGoodOf = (planned: PlannedApp, { engine }: AppContext) => engine.store.lastGood(planned.app)

function rolledBack(planned: PlannedApp, attempt: Attempt, report: FailureReport, context: AppContext): AppOutcome {
  const { reason, message } = attempt.failure ?? report.failure
  const now = standsNow(planned, attempt, context)
  context.engine.store.transaction(() => {
    keepHeld(planned, attempt, context)
    const { attempt: _attempt, ...state } = stateOf(context, planned.app)
    context.engine.store.putApp(withoutStall(state))
    remember(context, { app: planned.app, what: 'rolled-back', message: `${reason}: ${message}; ${now}` })
  })
  const failed = attempt.revision.slice(0, 12)
  const there = placesOf(attempt, planned, context) === undefined ? '' : 'there '
  return outcomeOf(planned, context, {
    outcome: 'rolled-back',
    reason,
    message,
    todo: `${now}; ${failed} is held back ${there}until it is edited, or: ${retryCommand(planned.app, context)}`,
    steps: report.steps,
    diagnosis: report.diagnosis,
  })
}

function standsNow(planned: PlannedApp, attempt: Attempt, context: AppContext): string {
  const { app } = planned
  const { lastGood, olderGood } = stateOf(context, app)
  if (lastGood === undefined) return 'what it created was removed'
  const { kinds } = context.engine
  if (attempt.changed.every(({ id }) => kinds.get(partsOf(id).kind)?.job)) {
    return 'nothing was taken back, for a job does not run backwards'
  }
  const revisions = attempt.changed.map(({ id }) => olderGood?.[id] ?? lastGood.revision)
  const good = [...new Set(revisions)].filter((revision) => revision !== '').map((revision) => revision.slice(0, 12))
  if (good.length === 0) return 'what it created was removed'
  const places = placesOf(attempt, planned, context)
  const where = places === undefined ? '' : ` on ${places.join(', ')}`
  return `running ${good.join(' and ')} again${where}${imagesOf(attempt, context, app)}`
}

/** Hosts that went back, where the others stay as they are: one that came late fails alone. */
function placesOf(attempt: Attempt, { app }: PlannedApp, { engine }: AppContext): readonly string[] | undefined {
  const places = new Set(attempt.changed.map(({ id }) => partsOf(id).target))
  const good = engine.store.lastGood(app).map(({ id }) => partsOf(id).target)
  return good.every((target) => places.has(target)) ? undefined : [...places]
}

/** What runs now, by digest: ` (hello: registry.example/hello:1@sha256:…)`. Jobs never run backwards (rule 16). */
function imagesOf(attempt: Attempt, { engine }: AppContext, app: string): string {
  const changed = new Set(attempt.changed.map((member) => member.id))
  const images = engine.store.lastGood(app).flatMap((good) => {
    const kind = engine.kinds.get(good.kind)
    const image = changed.has(good.id) && !runsOnce(kind, good.spec) ? kind?.image : undefined
    const pin = image?.pinned(good.spec)
    return pin ? [`${partsOf(good.id).name}: ${image?.written(good.spec)}@${pin.digest}`] : []
  })
  return images.length === 0 ? '' : ` (${images.join(', ')})`
}

function keepHeld(planned: PlannedApp, attempt: Attempt, context: AppContext): void {
  const state = stateOf(context, planned.app)
  if (isHeldAlready(attempt, state)) return
  const failure = attempt.failure ?? { reason: 'HealthCheckFailed', message: 'it did not prove healthy' }
  context.engine.store.putApp(withGroup(state, heldGroup(attempt, failure, 'last-good', context)))
  failedIn(attempt.revision, planned.app, context)
}
