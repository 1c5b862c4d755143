import { type RunContext, type RunResult, runPlan } from '../apply/run-plan.ts'
import type { AppState, Attempt } from '../model/app-state.ts'
import type { ResourceId } from '../model/id.ts'
import { partsOf } from '../model/id.ts'
import type { LiveState } from '../model/live.ts'
import type { AppOutcome, OutcomeWord } from '../model/outcome.ts'
import { changesOf, type Plan } from '../model/plan.ts'
import type { Resource } from '../model/resource.ts'
import type { HistoryEntry } from '../model/store.ts'
import { departuresOf } from './departures.ts'
import type { Collaborators, RunOptions } from './engine.ts'
import type { Leases } from './leases.ts'
import type { Look } from './look.ts'
import { observeFleet } from './observe.ts'
import type { PlannedApp } from './plan-apps.ts'
import { afterWindow, wayOut } from './ways-out.ts'

/** What the phases of one app's reconcile share. */
export interface AppContext {
  readonly engine: Collaborators
  readonly look: Look
  readonly options: RunOptions
  readonly leases: Leases
  /** Apps whose bake was found to be over, and well, by this look. */
  readonly proven: ReadonlySet<string>
}

export function stateOf(context: AppContext, app: string): AppState {
  return context.engine.store.app(app)
}

/** What the app stands at, or goes to: its pin's revision, where a person chose one. */
export function revisionOf(context: AppContext, app: string): string {
  return stateOf(context, app).pin?.revision ?? context.look.revision
}

export function outcomeOf(
  planned: PlannedApp,
  context: AppContext,
  rest: { readonly outcome: OutcomeWord } & Partial<AppOutcome>,
): AppOutcome {
  const goesOn = rest.outcome === 'rolling-back' ? 'the next apply goes on with the way back' : undefined
  const departures = departuresOf(planned, context)
  const reason = planned.goal.suspended && ['suspended', 'done'].includes(rest.outcome) ? 'Suspended' : rest.reason
  const way = reason === undefined ? undefined : wayOut(reason, planned.app, context)
  const todo = goesOn ?? way ?? afterWindow(planned, context.look)
  return {
    app: planned.app,
    revision: context.look.revision,
    steps: [],
    diagnosis: [],
    plan: planned.plan,
    guards: planned.guards,
    ...(todo === undefined ? {} : { todo }),
    ...(departures.length > 0 ? { departures } : {}),
    ...rest,
  }
}

export function remember(
  context: AppContext,
  entry: Pick<HistoryEntry, 'app' | 'what' | 'message' | 'detail'> & { readonly revision?: string },
): void {
  const { engine, options } = context
  const revision = entry.revision ?? revisionOf(context, entry.app)
  engine.store.addHistory({ ...entry, revision, at: engine.clock.now().toISOString(), by: options.by })
}

export async function run(
  plan: Plan,
  context: AppContext,
  { id, ...told }: { readonly id: string } & Pick<RunContext, 'began' | 'proven'>,
): Promise<RunResult> {
  return runPlan(plan, { ...runContext(context, id), ...told })
}

export function runContext(context: AppContext, attempt: string): RunContext {
  const { engine, look, options, leases } = context
  const { store, clock, kinds, emit } = engine
  return {
    store,
    clock,
    kinds,
    emit,
    signal: options.signal,
    lasting: options.lasting ?? options.signal,
    attempt,
    targets: look.targets,
    reveal: (secret) => engine.reveal(secret),
    guard: (target) => leases.guard(target),
    observe: (resources) => observeAgain(resources, context),
    runCheck: (check) => engine.runCheck(check, { signal: options.signal, targets: look.targets }),
  }
}

/** A rollback is not cancelled by a newer revision (rule 16). */
export function uncancelled(context: AppContext): AppContext {
  const { options } = context
  return options.lasting ? { ...context, options: { ...options, signal: options.lasting } } : context
}

/** A fresh look at some resources, on the targets that they live on. */
export async function observeAgain(resources: readonly Resource[], context: AppContext): Promise<LiveState> {
  const { engine, look, options } = context
  const names = new Set(resources.map((resource) => partsOf(resource.id).target))
  const targets = new Map([...look.targets].filter(([name]) => names.has(name)))
  return observeFleet({ resources, targets, pinned: engine.store.fleet().targets }, engine, options)
}

/** Everything that a plan of this app looks at. */
export function resourcesOf(planned: PlannedApp): readonly Resource[] {
  const byId = new Map<ResourceId, Resource>()
  for (const recorded of planned.input.record.values())
    if (recorded.app === planned.app) byId.set(recorded.id, recorded)
  for (const good of planned.input.lastGood) byId.set(good.id, good)
  for (const wanted of planned.goal.wanted) byId.set(wanted.id, wanted)
  for (const change of changesOf(planned.plan)) {
    if (change.action === 'replace') for (const id of change.frees) byId.set(id, { ...change.to, id })
  }
  return [...byId.values()]
}

export function changedOf(attempt: Attempt): ReadonlySet<ResourceId> {
  return new Set(attempt.changed.map((member) => member.id))
}
