import { groupBy } from '../lib/group-by.ts'
import type { CheckResult, CheckSpec } from '../model/check.ts'
import type { Clock } from '../model/clock.ts'
import { messageOf, type Reason, ReconcileError } from '../model/error.ts'
import type { Emit } from '../model/events.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { LiveState } from '../model/live.ts'
import type { StepResult } from '../model/outcome.ts'
import { type Change, changesOf, type Plan, type Stage } from '../model/plan.ts'
import type { Wanted } from '../model/resource.ts'
import type { Sensitive } from '../model/sensitive.ts'
import type { Store } from '../model/store.ts'
import type { Step, StepNote, Target } from '../model/target.ts'
import { type Journal, openStage } from './journal.ts'
import { type ProofFailure, type ProofInput, prove } from './prove.ts'

export interface RunContext {
  readonly store: Store
  readonly clock: Clock
  readonly kinds: Kinds
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Ends what is being written, too; `signal` ends waiting (rule 20). */
  readonly lasting: AbortSignal
  readonly attempt: string
  readonly targets: ReadonlyMap<string, Target>
  reveal(secret: string): Promise<Sensitive>
  /** Throws unless we may write to this target now (rule 23). */
  guard(target: string): Promise<void>
  observe(resources: readonly Wanted[]): Promise<LiveState>
  runCheck(check: CheckSpec): Promise<CheckResult>
  /** Called when a change has begun, before its write. */
  began?(change: Change): void
  /** Called when one is proven, after it had come back by itself that often. */
  proven?(id: ResourceId, restarts: number): void
}

export interface RunResult {
  readonly steps: readonly StepResult[]
  readonly failure?: ProofFailure
  /** Something was written, or may have been. */
  readonly wrote: boolean
}

/** Applies a plan stage by stage, each proven before the next. Never throws for what the world does: it says so. */
export async function runPlan(plan: Plan, context: RunContext): Promise<RunResult> {
  const steps = new Map<ResourceId, StepResult>(changesOf(plan).map((change) => [change.id, notRun(change)]))
  const done: Done = { wanted: [], restarts: new Map() }
  let failure: ProofFailure | undefined
  for (const stage of plan.stages) {
    failure = (await runStage(plan, stage, { ...context, steps })) ?? (await proveStage(plan, stage, { context, done }))
    if (!failure && stage.pauseMs > 0) failure = await pause(plan, stage, { context, done })
    if (failure) break
  }
  const results = [...steps.values()]
  const wrote = results.some((step) => step.step !== 'not-run')
  return { steps: results, wrote, ...(failure ? { failure } : {}) }
}

/** What was proven so far, and how often it had come back by itself by then. */
interface Done {
  readonly wanted: Wanted[]
  readonly restarts: Map<ResourceId, number>
}

interface Proving {
  readonly context: RunContext
  readonly done: Done
}

/** Between the hosts of a rollout: what a first host shows only after a while stops the others (rule 18). */
async function pause(plan: Plan, stage: Stage, { context, done }: Proving): Promise<ProofFailure | undefined> {
  const { emit, clock, signal } = context
  const ids = stage.changes.map(({ id }) => id)
  emit({ type: 'proof:waiting', app: plan.app, ids, message: `${stage.pauseMs / 1000} s until the next hosts` })
  await clock.sleep(stage.pauseMs, { signal })
  // It was stable long enough already: one look tells whether it still is.
  const wanted = done.wanted.map((one) => ({ ...one, handling: { ...one.handling, stableForMs: 0 } }))
  return prove({ ...proofContext(plan.app, context), wanted, gates: [], restarts: done.restarts })
}

const notRun = (change: Change): StepResult => ({
  id: change.id,
  action: change.action,
  cause: change.cause,
  step: 'not-run',
})

interface StageContext extends RunContext {
  readonly steps: Map<ResourceId, StepResult>
}

async function runStage(plan: Plan, stage: Stage, context: StageContext): Promise<ProofFailure | undefined> {
  context.signal.throwIfAborted()
  const journal = openStage(plan.app, stage, context)
  const byTarget = groupBy(stage.changes, (change) => partsOf(change.id).target)
  await Promise.all(
    [...byTarget].map(([name, changes]) => applyOn(name, { ...stage, changes }, { plan, journal, context })),
  )
  return failureOf(plan, stage, context.steps)
}

interface OnTarget {
  readonly plan: Plan
  readonly journal: Journal
  readonly context: StageContext
}

async function applyOn(name: string, stage: Stage, on: OnTarget): Promise<void> {
  const { context } = on
  const byId = new Map(stage.changes.map((change) => [change.id, change]))
  const mark = (id: ResourceId, step: Step, note: StepNote = {}): void => {
    const change = byId.get(id)
    if (!change) return
    if (step === 'started') context.began?.(change)
    on.journal.mark(change, step, note)
    context.steps.set(id, { ...notRun(change), step, ...note })
    const { reason, message } = note
    const why = { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) }
    context.emit({ type: 'change', app: on.plan.app, id, action: change.action, cause: change.cause, step, ...why })
  }
  try {
    const target = context.targets.get(name)
    if (!target) throw new ReconcileError('NotFound', { message: `target '${name}' is not declared` })
    await target.apply(stage, {
      signal: context.lasting,
      reveal: context.reveal,
      guard: () => context.guard(name),
      record: context.store.record(),
      mark,
      together: (marks) => context.store.transaction(marks),
    })
  } catch (error) {
    failRest(stage, error, { mark, steps: context.steps })
  }
}

/** An error of the whole target: what had begun is unknown, what had not begun was not run. */
function failRest(
  stage: Stage,
  error: unknown,
  on: {
    readonly mark: (id: ResourceId, step: Step, note?: StepNote) => void
    readonly steps: ReadonlyMap<ResourceId, StepResult>
  },
): void {
  const reason = error instanceof ReconcileError ? error.reason : 'TargetRefused'
  for (const change of stage.changes) {
    const step = on.steps.get(change.id)?.step
    if (step === 'started') on.mark(change.id, 'unknown', { reason, message: messageOf(error) })
    else if (step === 'not-run') on.mark(change.id, 'not-run', { reason, message: messageOf(error) })
  }
}

/** Says nothing about what was to be applied: it is not judged, and seen again at the next look. */
const NOT_JUDGED: ReadonlySet<string> = new Set([
  'TargetUnreachable',
  'TimedOut',
  'LoginRefused',
  'RootRefused',
  'LeaseHeld',
  'LeaseLost',
  'Aborted',
])

/**
 * What could not be deleted stays `retiring`, and fails nothing (rule 13); but on the way back everything that was made
 * has to go.
 */
function failureOf(plan: Plan, stage: Stage, steps: ReadonlyMap<ResourceId, StepResult>): ProofFailure | undefined {
  const judged = stage.changes.filter((change) => change.action !== 'prune' || plan.goal === 'last-good')
  // What only waited for another one tells nothing of why.
  const results = judged
    .flatMap((change) => steps.get(change.id) ?? [])
    .sort((a, b) => Number(isFollower(a)) - Number(isFollower(b)))
  const bad = (['failed', 'not-run', 'unknown', 'started'] as const)
    .map((step) => results.find((result) => result.step === step))
    .find((result) => result !== undefined)
  if (!bad) return undefined
  const unknown = bad.step === 'unknown' || bad.step === 'started' || NOT_JUDGED.has(bad.reason ?? '')
  const reason = (bad.reason ?? 'TargetRefused') as Reason
  return { id: bad.id, reason, message: bad.message ?? 'no answer', unknown }
}

const isFollower = ({ reason }: StepResult): boolean => reason === 'DependencyNotReady'

async function proveStage(plan: Plan, stage: Stage, { context, done }: Proving): Promise<ProofFailure | undefined> {
  const wanted = stage.changes.flatMap((change) =>
    change.action === 'create' || change.action === 'update' || change.action === 'replace' ? [change.to] : [],
  )
  done.wanted.push(...wanted)
  const proven = (id: ResourceId, restarts: number): void => {
    done.restarts.set(id, restarts)
    context.proven?.(id, restarts)
  }
  return prove({ ...proofContext(plan.app, context), wanted, gates: stage.gates, proven })
}

/** What a proof asks of the world, for one app. */
export function proofContext(app: string, context: RunContext): Omit<ProofInput, 'wanted' | 'gates'> {
  return {
    kinds: context.kinds,
    clock: context.clock,
    signal: context.signal,
    observe: context.observe,
    runCheck: async (check) => {
      const result = await context.runCheck(check)
      context.emit({ type: 'check', app, result })
      return result
    },
    waiting: (ids, message) => context.emit({ type: 'proof:waiting', app, ids, message }),
  }
}
