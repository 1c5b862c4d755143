import { didYouMean } from '../lib/nearest.ts'
import type { AppState } from '../model/app-state.ts'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { ResourceId } from '../model/id.ts'
import { partsOf } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { AppPlan } from '../model/outcome.ts'
import { changesOf, type Plan } from '../model/plan.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import { guardPrunes, withoutAnyPrune } from '../plan/guards.ts'
import { withHeld } from '../plan/hold.ts'
import { holdForWindow, type WindowInput, windowGuard } from '../plan/hold-window.ts'
import { makePlan, type PlanInput } from '../plan/make-plan.ts'
import type { Collaborators, RunOptions } from './engine.ts'
import { guardFlaps } from './flaps.ts'
import { type AppGoal, type GoalInput, goalOf } from './goal.ts'
import type { Look } from './look.ts'
import { onDeclared, wantedBy } from './over-all-apps.ts'
import { pinImages } from './pin-images.ts'
import { withHandovers } from './port-handover.ts'
import { withWayOut } from './ways-out.ts'

export interface PlannedApp extends AppPlan {
  readonly goal: AppGoal
  readonly input: GoalInput
}

/** Plans of all apps, over one look: moves and prune guards need the whole fleet. */
export async function planApps(engine: Collaborators, look: Look, options: RunOptions): Promise<readonly PlannedApp[]> {
  const names = askedOf(appNames(engine, look), options.app)
  const record = engine.store.record()
  const planned = await Promise.all(names.map((app) => planApp(app, { engine, look, options, record })))
  const confirmed = new Set([...engine.store.fleet().confirmed, ...(options.confirm ?? [])])
  const shown = options.untrusted ? undefined : engine.shownPrunes?.(look.revision)
  const guarded = guardPrunes({
    plans: planned.map((app) => app.plan),
    kinds: engine.kinds,
    recorded: record.filter(({ kind }) => !engine.kinds.get(kind)?.generationOf).length,
    stale: look.stale,
    broken: brokenOf(look),
    confirmed,
    ...(shown ? { shown } : {}),
  })
  const all = planned.map((app, index) => {
    const { plan = app.plan, guards = [] } = guarded[index] ?? {}
    return { ...app, plan, guards: [...app.guards, ...guards] }
  })
  return withHandovers({ planned: all, kinds: engine.kinds, look })
}

function askedOf(names: readonly string[], app: string | undefined): readonly string[] {
  if (app === undefined) return names
  if (names.includes(app)) return [app]
  throw new ReconcileError('NotFound', {
    message: `no app '${app}'${didYouMean(app, names)}`,
    todo: names.length > 0 ? `there are: ${names.join(', ')}` : 'nothing is declared yet',
  })
}

function appNames(engine: Collaborators, look: Look): readonly string[] {
  const recorded = engine.store.record().filter((entry) => look.targets.has(partsOf(entry.id).target))
  const remembered = engine.store.apps().map((state) => state.app)
  return [...new Set([...look.apps.keys(), ...recorded.map((entry) => entry.app), ...remembered])].sort()
}

/** What could not be read. An error of no single app (no valid `Fleet`, say) may hide any of them. */
const brokenOf = ({ apps, desired }: Look): readonly string[] => [
  ...[...apps.values()].filter((app) => app.broken).map((app) => app.app),
  ...desired.brokenTargets,
  ...desired.problems
    .filter((problem) => problem.severity === 'error' && problem.app === undefined)
    .map((problem) => problem.position.path),
]

export interface PlanContext {
  readonly engine: Collaborators
  readonly look: Look
  readonly options: RunOptions
  /** Read once for all apps of a tick: each reading decodes every spec. Without it, it is read anew. */
  readonly record?: readonly Recorded[]
}

const recordOf = ({ engine, record }: PlanContext): readonly Recorded[] => record ?? engine.store.record()

export async function planApp(app: string, context: PlanContext): Promise<PlannedApp> {
  const { engine, options } = context
  const input = goalInput(app, context)
  const goal = goalOf(input)
  const blocked = blockedBy(app, input.state, context)
  const pinned = await pin(goal, input, context)
  const again = goal.released || isRetried(app, options)
  const whole = planFor({ ...goal, wanted: pinned.wanted }, context, { app, goal: 'desired', again })
  const plan = input.desired?.broken ? withoutAnyPrune(whole, idsOf(goal)) : whole
  const now = engine.clock.now()
  const calm = guardFlaps(plan, engine.store.fleet().drift, now)
  const why = blocked ?? pinned.blocked ?? (options.app && options.app !== app ? otherApp : undefined)
  const open = holdForWindow(calm, windowFor(input.state, context))
  const unfit = options.offline ? [] : preflight(open.plan, context)
  const pinnedGoal = { ...goal, wanted: pinned.wanted, base: mergePins(goal, pinned.wanted, engine.kinds) }
  return {
    app,
    ...open,
    unfit,
    goal: pinnedGoal,
    input,
    ...(why ? { blocked: withWayOut(why, app, context) } : {}),
  }
}

/** What the windows of the fleet mean for this app now: what a person chose for it goes on, and what has begun. */
function windowFor(state: AppState, context: PlanContext): WindowInput {
  const { look, options } = context
  const { attempt } = state
  const chosen = state.pin !== undefined || (options.app === state.app && isRetried(state.app, options))
  const begun = attempt?.phase === 'applying' && attempt.wrote === true
  // The word lets a revision go on; drift, of this app or another, waits all the same.
  const confirmed = isConfirmed(windowGuard(look.revision), context)
  return { denying: look.denying, goesOn: chosen || begun || confirmed }
}

const idsOf = ({ wanted, frozen }: AppGoal): ReadonlySet<ResourceId> =>
  new Set([...wanted.map((resource) => resource.id), ...frozen.keys()])

/** What cannot work is known before the first write. */
function preflight(plan: Plan, { look }: PlanContext): AppPlan['unfit'] {
  const changes = changesOf(plan)
  return [...look.targets].flatMap(([name, target]) =>
    target.preflight(
      changes.filter((change) => partsOf(change.id).target === name),
      look.live,
    ),
  )
}

const otherApp = { reason: 'Usage', message: 'another app was asked for' }

/** The state of an app as this run sees it: `--retry` forgets what was held. */
function goalInput(app: string, context: PlanContext): GoalInput {
  const { engine, look, options } = context
  const known = engine.store.app(app)
  const { stalled: _stalled, notBefore: _notBefore, ...rest } = withHeld(known, [])
  const state: AppState = isRetried(app, options) ? rest : known
  const record = new Map<ResourceId, Recorded>(recordOf(context).map((entry) => [entry.id, entry]))
  const desired = look.apps.get(app)
  const carried = carriedGood({ app, desired, record }, engine)
  const goodSince = new Map(carried.map(({ resource, since }) => [resource.id, since]))
  const own = engine.store.lastGood(app).filter(({ id }) => !goodSince.has(id))
  const lastGood = [...own, ...carried.map(({ resource }) => resource)]
  const elsewhere = idsElsewhere(app, look)
  const halts = engine.store.apps().flatMap((one) => one.halts ?? [])
  const { kinds, clock } = engine
  return { state, desired, lastGood, goodSince, elsewhere, record, halts, kinds, now: clock.now() }
}

function idsElsewhere(app: string, look: Look): ReadonlySet<ResourceId> {
  const others = [...look.apps.values()].filter((other) => other.app !== app)
  return new Set(others.flatMap((other) => other.wanted.map((wanted) => wanted.id)))
}

export const isRetried = (app: string, options: RunOptions): boolean =>
  options.retry === true && (options.app === undefined || options.app === app)

interface Carried {
  readonly resource: Wanted
  readonly since: string
}

/** What comes from another app in this revision brings its last good state along (rule 11). */
function carriedGood(
  of: { readonly app: string } & Pick<GoalInput, 'desired' | 'record'>,
  { store }: Collaborators,
): readonly Carried[] {
  return (of.desired?.wanted ?? []).flatMap(({ id }) => {
    const from = of.record.get(id)?.app
    if (from === undefined || from === of.app) return []
    const { lastGood, olderGood } = store.app(from)
    const resource = store.lastGood(from).find((good) => good.id === id)
    const since = olderGood?.[id] ?? lastGood?.revision
    return resource && since ? [{ resource: { ...resource, app: of.app }, since }] : []
  })
}

async function pin(
  goal: AppGoal,
  { record, state, lastGood }: GoalInput,
  { engine, look, options }: PlanContext,
): Promise<{ readonly wanted: AppGoal['wanted']; readonly blocked?: NonNullable<AppPlan['blocked']> }> {
  if (options.offline) return { wanted: goal.wanted }
  const { live, targets, images: found } = look
  try {
    const good = new Map((state.pin ? lastGood : []).map((resource) => [resource.id, resource]))
    const input = { wanted: goal.wanted, record, live, good, kinds: engine.kinds, targets, found }
    return { wanted: await pinImages(input, options) }
  } catch (error) {
    options.signal.throwIfAborted()
    const reason = error instanceof ReconcileError ? error.reason : 'ImageUnresolved'
    const todo = error instanceof ReconcileError ? { todo: error.todo } : {}
    return { wanted: goal.wanted, blocked: { reason, message: messageOf(error), ...todo } }
  }
}

/** The base as it becomes last good: with the digests that its tags meant. */
function mergePins(goal: AppGoal, pinned: AppGoal['wanted'], kinds: Kinds): AppGoal['base'] {
  const byId = new Map(pinned.map((wanted) => [wanted.id, wanted]))
  return goal.base.map((wanted) => {
    const same = byId.get(wanted.id)
    if (!same || same.digest === wanted.digest) return same ?? wanted
    // Under an overlay (a restart, say) the digest is another one; what the tag meant is the same.
    const image = kinds.get(wanted.kind)?.image
    const pin = image?.pinned(same.spec)
    return image && pin && image.written(wanted.spec) === image.written(same.spec)
      ? { ...wanted, spec: image.pin(wanted.spec, pin) }
      : wanted
  })
}

export function planFor(
  goal: AppGoal,
  context: PlanContext,
  of: Pick<PlanInput, 'app' | 'goal' | 'createdByAttempt' | 'again'>,
): Plan {
  const { engine, look } = context
  const record = onDeclared(recordOf(context), look)
  // A rollback takes back what this app's revision desires, but never what another app does (rule 11).
  const { desired, everyone } = wantedBy(look, of.goal === 'desired' ? undefined : of.app)
  return makePlan({
    ...of,
    revision: look.revision,
    wanted: goal.wanted,
    frozen: goal.frozen,
    record,
    live: look.live,
    kinds: engine.kinds,
    desired,
    everyone,
    lastGood: engine.store.lastGood(of.app),
    gates: goal.gates,
    overlays: goal.overlays,
    halted: goal.halted,
    adopt: look.adopt,
  })
}

function blockedBy(app: string, state: AppState, context: PlanContext): AppPlan['blocked'] | undefined {
  const { engine, look, options } = context
  const desired = look.apps.get(app)
  const frozen = engine.store.fleet().frozen
  if (frozen) {
    const why = frozen.reason === '' ? '' : `: ${frozen.reason}`
    return { reason: 'GuardHeld', message: `the fleet is frozen by ${frozen.by}${why}`, todo: 'swarmkeeper unfreeze' }
  }
  if (look.observeOnly) return { reason: 'RecordDisagrees', message: look.observeOnly }
  if (state.pin?.from !== undefined && !state.pin.app) {
    const message = `it was pinned to ${state.pin.from}, and what that declared is not remembered any more`
    const todo = `swarmkeeper unpin ${app}, or give the folder again: swarmkeeper apply --from ${state.pin.from}`
    return { reason: 'RecordDisagrees', message, todo }
  }
  if (look.astray && !isConfirmed(`revision:${look.revision.slice(0, 12)}`, context)) {
    return { reason: 'RevisionNotDescendant', message: look.astray }
  }
  if (desired?.broken) return brokenApp(app, state)
  if (state.stalled && state.stalled.digest === desired?.digest) {
    return { reason: 'Stalled', message: `${state.stalled.reason}: ${state.stalled.message}` }
  }
  if (options.patient && state.notBefore && Date.parse(state.notBefore) > engine.clock.now().getTime()) {
    return { reason: 'Backoff', message: `tried again at ${state.notBefore}` }
  }
  return undefined
}

function brokenApp(app: string, { pin }: AppState): NonNullable<AppPlan['blocked']> {
  if (!pin) return { reason: 'InvalidDesired', message: 'something of it could not be read; see the problems' }
  const message = `it is pinned to ${pin.revision.slice(0, 12)}, and what it declares there cannot be read`
  const todo = `swarmkeeper unpin ${app}, or pin it to another one: swarmkeeper rollback ${app} --to REVISION`
  return { reason: 'InvalidDesired', message, todo }
}

export function isConfirmed(guard: string, { engine, options }: PlanContext): boolean {
  return (options.confirm ?? []).includes(guard) || engine.store.fleet().confirmed.includes(guard)
}
