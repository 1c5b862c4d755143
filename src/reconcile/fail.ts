import { type Response, respondToFailure } from '../apply/failure.ts'
import type { ProofFailure } from '../apply/prove.ts'
import type { AppState, Attempt, HeldGroup } from '../model/app-state.ts'
import { messageOf } from '../model/error.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { AppOutcome, StepResult } from '../model/outcome.ts'
import { heldGroups, withHeld } from '../plan/hold.ts'
import { type AppContext, outcomeOf, remember, stateOf } from './app-context.ts'
import { backoffUntil } from './backoff.ts'
import type { PlannedApp } from './plan-apps.ts'
import { rollBack } from './roll-back.ts'
import { retryCommand } from './ways-out.ts'

export interface Failed {
  readonly failure: ProofFailure
  readonly steps: readonly StepResult[]
  readonly wrote: boolean
}

/** What a failure means is decided by the table; this does what the table says. */
export async function fail(
  planned: PlannedApp,
  attempt: Attempt,
  failed: Failed,
  context: AppContext,
): Promise<AppOutcome> {
  const state = stateOf(context, planned.app)
  const live = withCulprit(state.attempt ?? attempt, failed.failure, planned)
  const response = respondToFailure({
    cause: live.cause,
    goal: 'desired',
    wrote: failed.wrote || live.wrote === true || attempt.phase === 'baking',
    before: live.before,
    hasLastGood: hasLastGood(state),
    noWayBack: live.noWayBack,
    onFirstFailure: firstFailure(planned),
    failures: state.failures,
    unknown: failed.failure.unknown,
  })
  const report = {
    ...failed,
    diagnosis: isQuiet(response, failed) ? [] : await diagnose(failed.failure, context),
  }
  switch (response.act) {
    case 'wait':
      return told(planned, context, report, failed.failure.reason === 'LeaseHeld' ? 'waiting' : 'unknown')
    case 'retry':
      return retryLater(planned, report, context)
    case 'stall':
      return stall(planned, report, context)
    case 'roll-back':
    case 'remove':
      return rollBack(planned, live, report, context)
    case 'inspect':
      return hold(planned, live, report, context, neverProven(live, state))
    case 'stay':
      return hold(planned, live, report, context, `it stays as it is: ${response.why}`)
  }
}

/** Where nothing was written, or nothing is known, nothing that runs has anything to say about it. */
const isQuiet = ({ act }: Response, { wrote }: Failed): boolean => act === 'wait' || (act === 'retry' && !wrote)

/** There is nothing to go back to, though an earlier revision may stand, and was only not proven yet. */
function neverProven({ revision }: Attempt, { lastApplied }: AppState): string {
  const first = lastApplied === undefined || lastApplied.revision === revision
  const why = first
    ? 'this was its first apply'
    : `${lastApplied.revision.slice(0, 12)} was applied before it, and not proven yet: nothing good to go back to`
  return `${why}; it stays as it is, for you to look at`
}

/** The message, with what it is about in front: a task's id tells nobody which service it is. */
export const named = ({ id, message }: Pick<ProofFailure, 'id' | 'message'>): string =>
  id === undefined ? message : `${id}: ${message}`

/** Its own, or what came with what was moved to it. */
const hasLastGood = ({ lastGood, olderGood }: AppState): boolean =>
  lastGood !== undefined || Object.values(olderGood ?? {}).some((revision) => revision !== '')

/** What failed is one of those that are held back, also where it was only to be moved: an edit of it releases them. */
function withCulprit(attempt: Attempt, { id }: ProofFailure, planned: PlannedApp): Attempt {
  if (id === undefined || attempt.changed.some((member) => member.id === id)) return attempt
  const digest = planned.input.desired?.wanted.find((wanted) => wanted.id === id)?.digest ?? null
  return { ...attempt, changed: [...attempt.changed, { id, digest }] }
}

export interface FailureReport extends Failed {
  readonly diagnosis: readonly string[]
}

const firstFailure = (planned: PlannedApp): 'stay' | 'remove' =>
  planned.goal.wanted.some((wanted) => wanted.handling.onFirstFailure === 'remove') ? 'remove' : 'stay'

/** Task errors, exit codes and log lines, before anything is taken back: afterwards they are gone. */
async function diagnose(failure: ProofFailure, { look, options }: AppContext): Promise<readonly string[]> {
  if (!failure.id) return []
  try {
    return (await look.targets.get(partsOf(failure.id).target)?.diagnose(failure.id, options)) ?? []
  } catch (error) {
    return [`no diagnosis: ${messageOf(error)}`]
  }
}

export function told(
  planned: PlannedApp,
  context: AppContext,
  report: FailureReport,
  outcome: AppOutcome['outcome'],
  todo?: string,
): AppOutcome {
  const { failure, steps, diagnosis } = report
  return outcomeOf(planned, context, {
    outcome,
    reason: failure.reason,
    message: named(failure),
    steps,
    diagnosis,
    ...(todo ? { todo } : {}),
  })
}

function retryLater(planned: PlannedApp, report: FailureReport, context: AppContext): AppOutcome {
  const { engine } = context
  const { attempt: _attempt, ...state } = stateOf(context, planned.app)
  const failures = state.failures + 1
  const notBefore = backoffUntil(failures, engine)
  engine.store.putApp({ ...state, failures, notBefore })
  remember(context, {
    app: planned.app,
    what: 'failed',
    message: `${report.failure.reason}: ${named(report.failure)}`,
  })
  const what = report.wrote ? 'what was applied stays as it is' : 'nothing was changed'
  return told(planned, context, report, 'failed', `${what}; it is tried again`)
}

export function stall(planned: PlannedApp, report: FailureReport, context: AppContext): AppOutcome {
  const { engine, look } = context
  const { attempt: _attempt, ...state } = stateOf(context, planned.app)
  const { reason } = report.failure
  const message = named(report.failure)
  const at = engine.clock.now().toISOString()
  const digest = look.apps.get(planned.app)?.digest
  engine.store.putApp({ ...state, ...(digest === undefined ? {} : { stalled: { reason, message, at, digest } }) })
  remember(context, { app: planned.app, what: 'stalled', message: `${reason}: ${message}` })
  return told(
    planned,
    context,
    report,
    'stalled',
    `nothing of it is changed until it is edited, or: ${retryCommand(planned.app, context)}`,
  )
}

function hold(
  planned: PlannedApp,
  attempt: Attempt,
  report: FailureReport,
  context: AppContext,
  message: string,
): AppOutcome {
  const { attempt: _attempt, ...state } = stateOf(context, planned.app)
  const held = heldGroup(attempt, report.failure, 'stay', context)
  context.engine.store.putApp(withGroup(withoutStall(state), held))
  failedIn(attempt.revision, planned.app, context)
  remember(context, { app: planned.app, what: 'held-back', message: `${held.reason}: ${held.message}` })
  return told(
    planned,
    context,
    report,
    'held-back',
    `${message}. Mend it with a commit, or: ${retryCommand(planned.app, context)}`,
  )
}

export function withoutStall(state: AppState): AppState {
  const { stalled: _stalled, ...rest } = state
  return rest
}

export function heldGroup(
  attempt: Attempt,
  failure: { readonly id?: ResourceId; readonly reason: string; readonly message: string },
  keepAt: HeldGroup['keepAt'],
  context: AppContext,
): HeldGroup {
  const at = context.engine.clock.now().toISOString()
  const { reason } = failure
  const created = keepAt === 'stay' && attempt.created.length > 0 ? { created: attempt.created } : {}
  return {
    revision: attempt.revision,
    reason,
    message: named(failure),
    at,
    keepAt,
    members: attempt.changed,
    ...created,
  }
}

/** Beside the groups that are held already, and in place of what they say of its own members. */
export function withGroup(state: AppState, group: HeldGroup): AppState {
  const mine = new Set(group.members.map((member) => member.id))
  const others = heldGroups(state)
    .map((held) => ({ ...held, members: held.members.filter((member) => !mine.has(member.id)) }))
    .filter((held) => held.members.length > 0)
  return withHeld(state, [...others, group])
}

/** Counted per revision: after too many, the rest of it waits (rule 18). */
export function failedIn(revision: string, app: string, { engine }: AppContext): void {
  const fleet = engine.store.fleet()
  const apps = fleet.failed?.revision === revision ? fleet.failed.apps : []
  if (!apps.includes(app)) engine.store.putFleet({ ...fleet, failed: { revision, apps: [...apps, app] } })
}
