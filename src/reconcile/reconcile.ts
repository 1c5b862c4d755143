import { prove } from '../apply/prove.ts'
import { proofContext, type RunResult } from '../apply/run-plan.ts'
import type { AppState, Attempt, HeldGroup } from '../model/app-state.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { AppOutcome } from '../model/outcome.ts'
import { type Change, changesOf, type HeldChange, onlyChanges } from '../model/plan.ts'
import type { Unfit } from '../model/target.ts'
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
import { beginAttempt, freedGroups, noteBegun, noteProven, unblocked } from './attempt.ts'
import { backoffUntil } from './backoff.ts'
import { watchBake } from './bake.ts'
import { fail } from './fail.ts'
import { allRests, forgetLifted, noteStopped, pendingWakes, restAttempt, restingPart, wakeLifted } from './halts.ts'
import { isAway } from './late.ts'
import { isRetried, type PlannedApp, planApp } from './plan-apps.ts'
import { rollBack } from './roll-back.ts'
import { settle } from './settle.ts'
import { unknownWord, wordFor } from './standing-word.ts'
import { leftovers, succeed } from './succeed.ts'

const MAX_CONFLICTS = 3

/** One reconcile of one app: the story of architecture, section 2, from the plan on. */
export async function reconcileApp(planned: PlannedApp, context: AppContext): Promise<AppOutcome> {
  const known = stateOf(context, planned.app)
  if (known.attempt?.phase === 'baking' && !context.options.readOnly) restAttempt(planned, context)
  const state = stateOf(context, planned.app)
  if (planned.blocked && !(isRollingBack(state) && GOES_BACK_ALL_THE_SAME.has(planned.blocked.reason))) {
    return blockedOutcome(planned, context)
  }
  if (isRollingBack(state)) return resumeRollback(planned, state.attempt, context)
  if (!context.options.readOnly) {
    settle(planned.plan, context.engine.store, planned.input.record)
    noteStopped(planned, context)
    forgetLifted(planned, context)
  }
  const wakes = pendingWakes(planned, context)
  if (wakes.length > 0) return wake(planned, wakes, context)
  const changes = changesOf(planned.plan)
  const freed = freedGroups(state, planned)
  const phase = state.attempt?.phase
  const rests = state.attempt !== undefined && phase === 'resting' && restsOn(planned, state.attempt, context)
  const begun = !rests && (state.attempt?.wrote === true || phase === 'resting' || phase === 'baking')
  if (changes.length === 0 && !begun && isDenied(planned)) return outcomeOf(planned, context, wordFor(planned, context))
  if (changes.length === 0 && freed.length === 0 && !begun) return nothingToDo(planned, context)
  // What was held back may stand as it is to be, and nobody can see it: it stays held, and nothing is said to be applied.
  const unseen = changes.length === 0 && phase !== 'baking' ? unseenOf(freed, planned) : undefined
  if (unseen) return outcomeOf(planned, context, unknownWord(unseen, context))
  const away = begun && phase !== 'baking' && changes.length === 0 ? awayOf(planned, context) : undefined
  if (away) return outcomeOf(planned, context, unknownWord(away, context))
  const baked = state.attempt && phase === 'baking' ? await watchBake(planned, state.attempt, context) : undefined
  if (baked) return baked
  if (changes.every(isLeftover) && freed.length === 0 && (rests || !state.attempt))
    return removeLeftovers(planned, context)
  const [unfit] = planned.unfit.length > 0 ? planned.unfit : await prepare(changes, context)
  if (unfit) return refuse(planned, unfit, context)
  const attempt = beginAttempt(planned, context)
  const result = await attemptAll(
    planned,
    { attempt, resumed: phase === 'applying' || phase === 'resting' || freed.length > 0 },
    context,
  )
  if (isOutdated(result)) return planAgain(planned, { ...result, times: 1 }, context)
  return result.failure
    ? fail(planned, attempt, { ...result, failure: result.failure }, context)
    : succeed(planned, attempt, result, context)
}

const restsOn = (planned: PlannedApp, attempt: Attempt, context: AppContext): boolean =>
  planned.goal.suspended || allRests(attempt, restingPart(attempt, planned, context))

/** What a budget lets run again, and then the rest, by another look. */
async function wake(planned: PlannedApp, wakes: readonly Change[], context: AppContext): Promise<AppOutcome> {
  const woken = await wakeLifted(planned, wakes, context)
  if ('outcome' in woken) return woken.outcome
  const { planned: next, context: now } = await lookAgain(planned, context)
  return withSteps(woken.steps, await reconcileApp(next, now))
}

/** With what was done before, for a budget. */
export const withSteps = (steps: AppOutcome['steps'], outcome: AppOutcome): AppOutcome =>
  steps.length === 0
    ? outcome
    : {
        ...outcome,
        ...(outcome.outcome === 'unchanged' ? { outcome: 'done' } : {}),
        steps: [...steps, ...outcome.steps],
      }

type RollingBack = AppState & { readonly attempt: Attempt }

export const isRollingBack = (state: AppState): state is RollingBack => state.attempt?.phase === 'rolling-back'

/** A newer revision does not cancel a rollback, whatever is wrong with it (rule 16). */
const GOES_BACK_ALL_THE_SAME: ReadonlySet<string> = new Set([
  'InvalidDesired',
  'RevisionNotDescendant',
  'ImageUnresolved',
  'Backoff',
])

/** The world is another one than what was planned for: somebody changed, or made, something meanwhile. */
const isOutdated = (result: RunResult): boolean =>
  result.failure?.reason === 'VersionConflict' || result.failure?.reason === 'Conflict'

/** All that is to be done waits for the end of a window, and with it what would be released by it. */
const isDenied = ({ plan }: PlannedApp): boolean => plan.held.some((held) => held.why === 'window')

const isLeftover = (change: Change): boolean => change.action === 'prune' && change.from.state === 'retiring'

/**
 * What could not be deleted before is tried again, each time later: no attempt of a revision, and nothing is proven by it
 * (rule 13).
 */
async function removeLeftovers(planned: PlannedApp, context: AppContext): Promise<AppOutcome> {
  const { engine, options } = context
  const { leftovers: before } = stateOf(context, planned.app)
  if (before && options.patient && Date.parse(before.notBefore) > engine.clock.now().getTime()) {
    const message = `what could not be removed is tried again at ${before.notBefore}`
    return outcomeOf(planned, context, { outcome: 'unchanged', message })
  }
  const stages = planned.plan.stages.map((stage) => ({ ...stage, gates: [] }))
  const { steps } = await run({ ...planned.plan, stages }, context, { id: engine.newId() })
  const message = leftovers(steps)
  const { leftovers: _before, ...state } = stateOf(context, planned.app)
  const failures = (before?.failures ?? 0) + 1
  const next = message ? { leftovers: { failures, notBefore: backoffUntil(failures, engine) } } : {}
  engine.store.putApp({ ...state, ...next })
  return outcomeOf(planned, context, { outcome: 'unchanged', steps, ...(message ? { message } : {}) })
}

function blockedOutcome(planned: PlannedApp, context: AppContext): AppOutcome {
  const { reason, message, todo } = planned.blocked ?? { reason: 'GuardHeld', message: '' }
  const outcome = reason === 'Stalled' ? 'stalled' : reason === 'ImageUnresolved' ? 'failed' : 'waiting'
  return outcomeOf(planned, context, { outcome, reason, message, ...(todo === undefined ? {} : { todo }) })
}

function nothingToDo(planned: PlannedApp, context: AppContext): AppOutcome {
  const { store } = context.engine
  const state = stateOf(context, planned.app)
  // An attempt that wrote nothing, and has nothing left to write, never was.
  const { attempt, ...rest } = unblocked(state, planned, context)
  const free = attempt?.phase === 'resting' ? { ...rest, attempt } : rest
  if (attempt || planned.goal.released || isRetried(planned.app, context.options)) store.putApp(free)
  const declared = context.look.apps.has(planned.app)
  if (!declared && !store.record().some((entry) => entry.app === planned.app)) store.dropApp(planned.app)
  return outcomeOf(planned, context, wordFor(planned, context))
}

/** What was begun, and nobody can see any of it: it is neither proven nor judged. */
function awayOf({ app, plan }: PlannedApp, context: AppContext): HeldChange | undefined {
  const { attempt } = stateOf(context, app)
  if (!attempt || !isAway(attempt, context.look)) return undefined
  const changed = changedOf(attempt)
  return plan.held.find(({ id, why }) => why === 'unknown' && changed.has(id))
}

function unseenOf(freed: readonly HeldGroup[], { plan }: PlannedApp): HeldChange | undefined {
  const members = new Set(freed.flatMap((group) => group.members.map(({ id }) => id)))
  return plan.held.find(({ id, why }) => why === 'unknown' && members.has(id))
}

/** Content that comes from elsewhere is brought before the first write: what cannot be had stops the app as it stands. */
async function prepare(changes: readonly Change[], context: AppContext): Promise<readonly Unfit[]> {
  const { engine, look, leases, options } = context
  const all = [...look.targets].map(async ([name, target]) => {
    const own = changes.filter((change) => partsOf(change.id).target === name)
    if (own.length === 0 || !target.prepare) return []
    const reveal = (secret: string) => engine.reveal(secret)
    return target.prepare(own, { signal: options.signal, guard: () => leases.guard(name), reveal })
  })
  return (await Promise.all(all)).flat()
}

function refuse(planned: PlannedApp, unfit: Unfit, context: AppContext): Promise<AppOutcome> {
  const failure = { reason: 'Unschedulable', ...unfit, unknown: false } as const
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
  const proven = (id: ResourceId, restarts: number): void => noteProven(id, restarts, { app: planned.app, context })
  if (of.resumed) {
    const changed = changedOf(of.attempt)
    // A finished job that somebody removed is settled as well, and nothing is there to be proven.
    const isThere = ({ id }: Change): boolean => context.look.live.of.get(id)?.state === 'present'
    const asWanted = [...planned.plan.settled, ...changesOf(planned.plan).filter((change) => change.action === 'move')]
    const seen = asWanted.filter((change) => changed.has(change.id) && isThere(change))
    const done = seen.flatMap((change) => ('to' in change ? [change.to] : []))
    const gates = changesOf(planned.plan).length === 0 ? planned.goal.gates : []
    const checks = [...done.flatMap((wanted) => wanted.handling.checks), ...gates]
    const failure = await prove({
      ...proofContext(planned.app, runContext(context, of.attempt.id)),
      wanted: done,
      gates: checks,
      proven,
    })
    if (failure) return { steps: [], failure, wrote: of.attempt.wrote ?? false }
  }
  const began = (change: Change): void => noteBegun(change, planned.app, context)
  return run(planned.plan, context, { id: of.attempt.id, began, proven })
}

/** Somebody changed an object meanwhile: look again, plan again, never send the old body again (swarm.md 8). */
async function planAgain(planned: PlannedApp, again: Again, context: AppContext): Promise<AppOutcome> {
  const { planned: next, context: now } = await lookAgain(planned, context)
  const attempt = beginAttempt(next, context)
  const result = await attemptAll(next, { attempt, resumed: true }, now)
  const merged = {
    steps: [...again.steps.filter((step) => step.step === 'applied'), ...result.steps],
    wrote: again.wrote || result.wrote,
  }
  if (!result.failure) return succeed(next, attempt, merged, context)
  if (!isOutdated(result)) return fail(next, attempt, { ...merged, failure: result.failure }, context)
  if (again.times < MAX_CONFLICTS) return planAgain(next, { ...merged, times: again.times + 1 }, context)
  // Somebody else writes all the time. That is no fault of the revision: the next run goes on.
  const message = `somebody else changed it ${again.times + 1} times while it was applied; last: ${result.failure.message}`
  return fail(next, attempt, { ...merged, failure: { ...result.failure, message, unknown: true } }, context)
}

/** The app as a fresh look has it, and that look. */
export async function lookAgain(
  planned: PlannedApp,
  context: AppContext,
): Promise<{ readonly planned: PlannedApp; readonly context: AppContext }> {
  const seen = await observeAgain(resourcesOf(planned), context)
  const { live: before } = context.look
  const of = new Map([...before.of, ...seen.of])
  const look = { ...context.look, live: { ...before, of, facts: new Map([...before.facts, ...seen.facts]) } }
  const next = withoutNewPrunes(await planApp(planned.app, { ...context, look }), planned)
  return { planned: next, context: { ...context, look } }
}

interface Again extends RunResult {
  readonly times: number
}

/** Guards judged the first plan over the whole fleet: what it was not to prune, the second one does not prune. */
function withoutNewPrunes(next: PlannedApp, planned: PlannedApp): PlannedApp {
  const allowed = new Set(changesOf(planned.plan).flatMap(removedBy))
  return {
    ...next,
    guards: planned.guards,
    plan: onlyChanges(next.plan, (change) => removedBy(change).every((id) => allowed.has(id))),
  }
}

function removedBy(change: Change): readonly ResourceId[] {
  if (change.action === 'prune') return [change.id]
  return change.action === 'replace' ? change.frees : []
}

function resumeRollback(planned: PlannedApp, attempt: Attempt, context: AppContext): Promise<AppOutcome> {
  const { reason, message } = attempt.failure ?? { reason: 'Aborted', message: 'interrupted' }
  const failure = { reason: reason as 'HealthCheckFailed', message, unknown: false }
  return rollBack(planned, attempt, { failure, steps: [], wrote: true, diagnosis: [], resumed: true }, context)
}
