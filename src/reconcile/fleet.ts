import { InternalError, messageOf, ReconcileError } from '../model/error.ts'
import type { AppOutcome, FleetOutcome } from '../model/outcome.ts'
import { changesOf } from '../model/plan.ts'
import type { Target } from '../model/target.ts'
import { type AppContext, outcomeOf, stateOf } from './app-context.ts'
import { closeBakes } from './bake.ts'
import { checkConfirmations } from './confirmations.ts'
import type { Collaborators, RunOptions } from './engine.ts'
import { createFailureCap, type FailureCap } from './failure-cap.ts'
import { driftSeen } from './flaps.ts'
import { pendingStops, stopHalted } from './halts.ts'
import { closeIntents } from './intents.ts'
import { takeUpLate } from './late.ts'
import { type Look, lookAtFleet } from './look.ts'
import { neededBy } from './needed-by.ts'
import { isConfirmed, type PlanContext, type PlannedApp, planApps } from './plan-apps.ts'
import { waitsForPromotion } from './promotion.ts'
import { isRollingBack, lookAgain, reconcileApp, withSteps } from './reconcile.ts'
import { createSlots, type Slots, supersede } from './slots.ts'
import { mustWrite, targetRecordOf } from './target-record.ts'

/** One run: one look, a plan per app, and every app brought to its goal as far as its neighbours allow. */
export async function reconcileFleet(
  engine: Collaborators,
  options: RunOptions,
): Promise<FleetOutcome & { readonly look: Look }> {
  return (await beginTick(engine, options, createSlots(engine))).run()
}

/** What was seen and is planned; `run` brings every app to its goal that no earlier tick is busy with. */
export interface Tick {
  readonly look: Look
  readonly planned: readonly PlannedApp[]
  /** Apps that an earlier tick was busy with when this one began to look: what was seen of them was on its way. */
  readonly busy: ReadonlySet<string>
  /** Ends with the last of its apps. To be called once, and at once. */
  run(): Promise<FleetOutcome & { readonly look: Look }>
}

export async function beginTick(engine: Collaborators, options: RunOptions, slots: Slots): Promise<Tick> {
  // What is being applied changes while we look: its own tick looks after it, also where it ends in the meantime.
  const earlier: Slots['running'] = new Map(slots.running)
  const busy: ReadonlySet<string> = new Set(earlier.keys())
  const look = await lookAtFleet(engine, options)
  closeIntents(engine, look, busy)
  const proven = look.observeOnly ? new Set<string>() : closeBakes(engine, look, { ...options, busy })
  if (!look.observeOnly) takeUpLate(engine, look, busy)
  await checkConfirmations({ engine, look, options })
  const planned = await planApps(engine, look, options)
  // Nothing follows from a look that was cut short.
  options.signal.throwIfAborted()
  acceptRevision({ engine, look, options })
  const free = planned.filter(({ app }) => !busy.has(app))
  noteDrift(engine, free)
  for (const { app, plan } of free) engine.emit({ type: 'app:planned', app, plan })
  supersede(slots, look, engine.store)
  const leases = slots.leases.join(look.targets, options)
  const context: AppContext = { engine, look, options, leases, proven }
  return { look, planned, busy, run: () => runTick(planned, context, { slots, earlier }) }
}

interface Beside {
  readonly slots: Slots
  /** Apps of earlier ticks, as they were when this one began to look. */
  readonly earlier: Slots['running']
}

async function runTick(
  planned: readonly PlannedApp[],
  context: AppContext,
  { slots, earlier }: Beside,
): Promise<FleetOutcome & { readonly look: Look }> {
  const { look, leases } = context
  try {
    const apps = await runAll(planned, context, { slots, earlier })
    await slots.inTurn(() => writeRecords(context))
    return { revision: look.revision, stale: look.stale, apps, problems: look.desired.problems, look }
  } finally {
    await leases.release()
  }
}

/** Another history that a person confirmed is the one that counts from now on, also where it changes nothing (rule 13). */
function acceptRevision(context: PlanContext): void {
  const { engine, look } = context
  if (look.astray === undefined || !isConfirmed(`revision:${look.revision.slice(0, 12)}`, context)) return
  engine.store.putFleet({ ...engine.store.fleet(), lastApplied: look.revision })
}

function noteDrift(engine: Collaborators, planned: readonly PlannedApp[]): void {
  const fleet = engine.store.fleet()
  const looked = new Set(planned.map((app) => app.app))
  // Of an app that was not asked for nothing is known but what was known before.
  const others = engine.store.record().flatMap(({ id, app }) => (looked.has(app) ? [] : [id]))
  const drift = driftSeen(
    planned.map((app) => app.plan),
    { before: fleet.drift, unseen: new Set(others) },
    engine.clock.now(),
  )
  if (Object.keys(drift).length > 0 || Object.keys(fleet.drift).length > 0) engine.store.putFleet({ ...fleet, drift })
}

/** Apps run side by side, but for what orders them: references between apps, the canary, and the cap (rules 18, 19). */
async function runAll(
  planned: readonly PlannedApp[],
  context: AppContext,
  { slots, earlier }: Beside,
): Promise<readonly AppOutcome[]> {
  const byName = new Map(planned.map((app) => [app.app, app]))
  const started = new Map([...earlier].map(([app, { outcome }]) => [app, outcome]))
  const cap = createFailureCap(context, earlier)
  const start = (app: PlannedApp): Promise<AppOutcome> => {
    const known = started.get(app.app)
    if (known) return known
    const { signal, cancel } = cancellable(context.options.signal)
    const alone = { ...context, options: { ...context.options, signal, lasting: context.options.signal } }
    const outcome = runOne(app, {
      context: alone,
      slots,
      cap,
      outcomeOfApp: outcomeFor,
      plannedApp: (name) => byName.get(name),
    })
    started.set(app.app, outcome)
    const { revision, apps } = context.look
    slots.running.set(app.app, { outcome, revision, digest: apps.get(app.app)?.digest, cancel })
    const leave = (): void => void slots.running.delete(app.app)
    outcome.then(leave, leave)
    return outcome
  }
  function outcomeFor(name: string): Promise<AppOutcome> | undefined {
    const app = byName.get(name)
    return app ? start(app) : undefined
  }
  return Promise.all(planned.map(start))
}

function cancellable(signal: AbortSignal): {
  readonly signal: AbortSignal
  cancel(reason: ReconcileError): void
} {
  const cancelled = new AbortController()
  return { signal: AbortSignal.any([signal, cancelled.signal]), cancel: (reason) => cancelled.abort(reason) }
}

interface AppRun {
  readonly context: AppContext
  readonly slots: Slots
  readonly cap: FailureCap
  outcomeOfApp(name: string): Promise<AppOutcome> | undefined
  plannedApp(name: string): PlannedApp | undefined
}

async function runOne(app: PlannedApp, running: AppRun): Promise<AppOutcome> {
  const { engine } = running.context
  const stopped = await stopFirst(app, running.context)
  const outcome = 'outcome' in stopped ? stopped : withSteps(stopped.steps, await runRest(stopped, running))
  engine.emit({ type: 'app:done', app: app.app, outcome })
  return outcome
}

interface At {
  readonly planned: PlannedApp
  readonly context: AppContext
}

/** What rests for a budget is stopped before anything is waited for: other apps, the cap, a place. */
async function stopFirst(
  planned: PlannedApp,
  context: AppContext,
): Promise<(At & { readonly steps: AppOutcome['steps'] }) | AppOutcome> {
  const stops = pendingStops(planned, context)
  if (stops.length === 0) return { planned, context, steps: [] }
  return contained({ planned, context }, async () => {
    const stopped = await stopHalted(planned, stops, context)
    if ('outcome' in stopped) return stopped.outcome
    return { ...(await lookAgain(planned, context)), steps: stopped.steps }
  })
}

async function runRest({ planned: app, context }: At, running: AppRun): Promise<AppOutcome> {
  const { slots, cap } = running
  const same = { ...running, context }
  const waits = await waitsFor(app, same)
  if (waits) return waits
  // Who waits for the cap holds no slot: heals, and what has begun, go on beside it.
  const now = await afterHandover(app, same)
  return cap.run(now.planned, () => slots.use(() => contained(now, () => reconcileApp(now.planned, now.context))))
}

/** What needs a port that another app gives up in this run is looked at again once it did. */
async function afterHandover(app: PlannedApp, { context, outcomeOfApp }: AppRun): Promise<At> {
  const same = { planned: app, context }
  if (app.unfit.length === 0 || app.blocked) return same
  const before = [...new Set(app.unfit.flatMap(({ comesAfter = [] }) => comesAfter))]
  if (before.length === 0) return same
  const outcomes = await Promise.all(before.map((name) => outcomeOfApp(name)))
  if (!outcomes.some((outcome) => outcome?.steps.some(({ step }) => step === 'applied'))) return same
  try {
    return await lookAgain(app, context)
  } catch (error) {
    if (error instanceof InternalError) throw error
    return same // it is refused for its port, and tried again by the next run
  }
}

/** One bad thing stops only itself (rule 19): what an app throws is that app's outcome. */
async function contained<T>({ planned: app, context }: At, body: () => Promise<T>): Promise<T | AppOutcome> {
  try {
    return await body()
  } catch (error) {
    if (error instanceof InternalError) throw error
    const { signal, lasting } = context.options
    if (signal.aborted && !lasting?.aborted && error === signal.reason) return supersededOutcome(app, context)
    const aborted = signal.aborted
    const reason = error instanceof ReconcileError ? error.reason : 'TargetUnreachable'
    const todo = error instanceof ReconcileError ? { todo: error.todo } : {}
    return outcomeOf(app, context, {
      outcome: aborted ? 'unknown' : reason === 'LeaseHeld' ? 'waiting' : 'failed',
      reason: aborted ? 'Aborted' : reason,
      message: messageOf(error),
      ...todo,
    })
  }
}

/** What was begun is gone on with by the tick that cancelled it. */
function supersededOutcome(app: PlannedApp, context: AppContext): AppOutcome {
  const message = messageOf(context.options.signal.reason)
  return outcomeOf(app, context, { outcome: 'waiting', reason: 'Superseded', message })
}

const FINE: ReadonlySet<AppOutcome['outcome']> = new Set(['unchanged', 'applied', 'healed', 'done', 'proven'])

async function waitsFor(app: PlannedApp, running: AppRun): Promise<AppOutcome | undefined> {
  const { context } = running
  if (changesOf(app.plan).length === 0 || app.blocked || isRollingBack(stateOf(context, app.app))) return undefined
  for (const name of context.look.apps.get(app.app)?.dependsOnApps ?? []) {
    if (neededBy([name], context.look).has(app.app)) {
      return outcomeOf(app, context, {
        outcome: 'waiting',
        reason: 'DependencyNotReady',
        message: `${app.app} and ${name} wait for each other`,
        todo: 'take out one of the references between them',
      })
    }
    const before = await running.outcomeOfApp(name)
    if (before && !FINE.has(before.outcome)) {
      return outcomeOf(app, context, {
        outcome: 'waiting',
        reason: 'DependencyNotReady',
        message: `${name} is ${before.outcome}`,
        todo: `it goes on by itself once ${name} is well${before.todo ? `; for ${name}: ${before.todo}` : ''}`,
      })
    }
  }
  return waitsForPromotion(app, running.plannedApp, context) ?? waitsForCanary(app, running)
}

/** The canary is proven, through its bake, before the revision goes on to the others. */
async function waitsForCanary(app: PlannedApp, running: AppRun): Promise<AppOutcome | undefined> {
  const { canary } = running.context.look.desired.fleet
  const revision = changesOf(app.plan).some((change) => change.cause === 'revision')
  if (!revision || neededBy(canary, running.context.look).has(app.app)) return undefined
  for (const name of canary) {
    const before = await running.outcomeOfApp(name)
    if (before && before.outcome !== 'unchanged' && before.outcome !== 'proven') {
      const message = `the canary ${name} is ${before.outcome}${before.message ? `: ${before.message}` : ''}`
      const todo = `it goes on by itself once ${name} is proven${before.todo ? `; for ${name}: ${before.todo}` : ''}`
      return outcomeOf(app, running.context, { outcome: 'waiting', reason: 'DependencyNotReady', message, todo })
    }
  }
  return undefined
}

/** Each target learns what we know of it, where that differs. What fails here differs again at the next tick. */
async function writeRecords(context: AppContext): Promise<void> {
  const { engine, look } = context
  if (look.observeOnly || engine.store.fleet().frozen) return
  const reached = [...look.targets.values()].filter(({ name }) => !look.live.unreachable.has(name))
  await Promise.all(reached.map((target) => writeRecord(target, context)))
}

async function writeRecord(target: Target, { engine, look, leases, options }: AppContext): Promise<void> {
  const { name } = target
  if (target.keepsNoRecord) return
  const next = targetRecordOf(name, engine)
  if (!mustWrite(next, look.live.records.get(name))) return
  try {
    await leases.guard(name)
    await target.writeRecord(next, options)
  } catch (error) {
    // Interrupted: the next run writes it, and nobody needs to know.
    if (options.signal.aborted) return
    const message = `its record was not written: ${messageOf(error)}`
    engine.emit({ type: 'target:unreachable', target: name, message })
  }
}
