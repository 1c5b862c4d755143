import type { CheckResult, CheckSpec } from '../../src/model/check.ts'
import type { Desired, DesiredApp, Window } from '../../src/model/desired.ts'
import { digestOf } from '../../src/model/digest.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { EngineEvent } from '../../src/model/events.ts'
import { makeId, type ResourceId } from '../../src/model/id.ts'
import type { Health } from '../../src/model/live.ts'
import type { AppOutcome, FleetOutcome } from '../../src/model/outcome.ts'
import { defaultHandling, type Handling, type Wanted } from '../../src/model/resource.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Source } from '../../src/model/source.ts'
import type { Store } from '../../src/model/store.ts'
import type { Target } from '../../src/model/target.ts'
import type { Collaborators, RunOptions } from '../../src/reconcile/engine.ts'
import { reconcileFleet } from '../../src/reconcile/fleet.ts'
import type { Look } from '../../src/reconcile/look.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createMemoryTarget } from '../../src/targets/memory/memory-target.ts'
import { createMemoryWorld, type MemoryObject, type MemoryWorld } from '../../src/targets/memory/world.ts'
import { createFakeClock, type FakeClock } from './fake-clock.ts'
import { type TaskSpec, type ThingSpec, testKinds } from './kinds.ts'

/** One resource as a test writes it. */
export interface Written {
  readonly kind: string
  readonly name: string
  readonly target?: string
  readonly spec: unknown
  readonly after?: readonly string[]
  readonly keeper?: Partial<Handling>
}

type Extra = Omit<Written, 'kind' | 'name' | 'spec'>

export const thing = (name: string, spec: Partial<ThingSpec> = {}, extra: Extra = {}): Written => ({
  kind: 'Thing',
  name,
  spec: { value: 1, ...spec },
  ...extra,
})
export const net = (name: string, spec: Partial<ThingSpec> = {}, extra: Extra = {}): Written => ({
  kind: 'Net',
  name,
  spec: { value: 1, ...spec },
  ...extra,
})
export const gen = (name: string, content: string, extra: Extra = {}): Written => ({
  kind: 'Gen',
  name: `${name}_${digestOf(content).slice(0, 12)}`,
  spec: { content },
  ...extra,
})
export const task = (
  name: string,
  runKey: string,
  extra: Extra & { readonly irreversible?: boolean } = {},
): Written => {
  const { irreversible, ...rest } = extra
  const spec: TaskSpec = { runKey, ...(irreversible === undefined ? {} : { irreversible }) }
  return { kind: 'Task', name, spec, ...rest }
}

export interface WrittenApp {
  readonly resources: readonly Written[]
  readonly gates?: readonly CheckSpec[]
  readonly broken?: boolean
  readonly dependsOnApps?: readonly string[]
}

/** App name -> its resources. */
export type WrittenFleet = Readonly<Record<string, readonly Written[] | WrittenApp>>

export interface FleetOptions {
  readonly canary?: readonly string[]
  readonly maxFailedApps?: number
  readonly targets?: readonly string[]
  readonly brokenTargets?: readonly string[]
  readonly windows?: readonly Window[]
}

const INSTALL = 'test'

/** Fast by default: nothing bakes, and stability is two seconds of the fake clock. */
const fastHandling: Handling = { ...defaultHandling, bakeMs: 0, stableForMs: 2_000, timeoutMs: 60_000 }

const isApp = (app: WrittenFleet[string]): app is WrittenApp => !Array.isArray(app)

export function desiredOf(fleet: WrittenFleet, options: FleetOptions = {}): Desired {
  const apps = new Map(
    Object.entries(fleet).map(([app, written]): [string, DesiredApp] => {
      const full: WrittenApp = isApp(written) ? written : { resources: written }
      const wanted = full.resources.map((one) => wantedOf(app, one))
      return [
        app,
        {
          app,
          wanted,
          gates: full.gates ?? [],
          broken: full.broken ?? false,
          dependsOnApps: full.dependsOnApps ?? [],
          digest: digestOf(wanted.map((one) => [one.id, one.digest]).sort()),
        },
      ]
    }),
  )
  const origin = { path: 'targets/all.yaml', line: 1, column: 1 }
  return {
    fleet: {
      drift: 'safe',
      maxFailedApps: options.maxFailedApps ?? 3,
      canary: options.canary ?? [],
      windows: options.windows ?? [],
    },
    targets: (options.targets ?? ['prod']).map((name) => ({ name, kind: 'Memory', config: {}, origin })),
    apps,
    brokenTargets: options.brokenTargets ?? [],
    problems: [],
    agents: [],
    budgets: [],
    standing: [],
    policies: [],
    addresses: new Map(),
  }
}

const idOf = (written: Pick<Written, 'kind' | 'name' | 'target'>): ResourceId =>
  makeId({ target: written.target ?? 'prod', kind: written.kind, name: written.name })

function wantedOf(app: string, written: Written): Wanted {
  return {
    id: idOf(written),
    kind: written.kind,
    spec: written.spec,
    digest: digestOf({ kind: written.kind, spec: written.spec }),
    app,
    after: (written.after ?? []).map((short) => shortId(short, written.target)),
    handling: { ...fastHandling, ...written.keeper },
    origin: { path: `apps/${app}/all.yaml`, line: 1, column: 1 },
  }
}

export function shortId(short: string, target = 'prod'): ResourceId {
  const [kind = '', name = ''] = short.split('/')
  return makeId({ target, kind, name })
}

/** How things fare in these tests: values from 100 on crash, jobs whose run key begins with `bad` end with an error. */
export function healthByValue(_id: ResourceId, object: MemoryObject): Health {
  const instance = String(object.starts)
  if (object.kind === 'Task') {
    const failed = (object.spec as TaskSpec).runKey.startsWith('bad')
    return failed ? { status: 'degraded', message: 'exit code 1' } : { status: 'healthy', finished: true, instance }
  }
  const { value, resting } = object.spec as ThingSpec
  if (resting) return { status: 'suspended' }
  return value >= 100 ? { status: 'degraded', message: 'it crashes' } : { status: 'healthy', instance }
}

/** A fleet in memory: a history of revisions, a target, a clock, and the engine under test. */
export interface TestFleet {
  readonly world: MemoryWorld
  readonly worlds: Map<string, MemoryWorld>
  readonly clock: FakeClock
  readonly events: EngineEvent[]
  store: Store
  /** A new revision on the tracked branch; returns its commit. */
  commit(fleet: WrittenFleet, options?: FleetOptions): string
  apply(options?: Partial<RunOptions>): Promise<FleetOutcome & { readonly look: Look }>
  app(outcome: FleetOutcome, name: string): AppOutcome
  /** One run, and what became of one app in it. */
  run(app: string, options?: Partial<RunOptions>): Promise<AppOutcome>
  /** Live spec, by `Thing/hello`. */
  spec(short: string, target?: string): unknown
  /** Somebody changes a live thing by hand; undefined removes it. */
  byHand(short: string, patch: Readonly<Record<string, unknown>> | undefined, target?: string): void
  /** Writes since the last time this was asked, to all targets, without those of the targets' own records. */
  writes(): readonly string[]
  sourceDown: boolean
  /** The next revision does not descend from what came before. */
  rewriteHistory(): void
  checks: Map<string, CheckResult>
  readonly checked: string[]
  collaborators(): Collaborators
  readonly newId: () => string
  wrapTarget: (target: Target) => Target
}

export function createFleet(): TestFleet {
  const worlds = new Map<string, MemoryWorld>()
  const worldOf = (name: string): MemoryWorld => {
    const known = worlds.get(name)
    if (known) return known
    const made = createMemoryWorld(`id-of-${name}`)
    made.healthOf = healthByValue
    worlds.set(name, made)
    return made
  }
  const history = createHistory()
  let ids = 0
  const clock = createFakeClock({ auto: true })
  const fleet: TestFleet = {
    world: worldOf('prod'),
    worlds,
    clock,
    events: [],
    store: createMemoryStore(),
    commit: (written, options) => history.commit(desiredOf(written, options)),
    apply: (options = {}) =>
      reconcileFleet(fleet.collaborators(), { by: 'test', signal: new AbortController().signal, ...options }),
    app: (outcome, name) => {
      const found = outcome.apps.find((one) => one.app === name)
      if (!found) throw new Error(`no outcome of ${name}`)
      return found
    },
    run: async (app, options) => fleet.app(await fleet.apply(options), app),
    spec: (short, target = 'prod') => worldOf(target).objects.get(shortId(short, target))?.spec,
    byHand: (short, patch, target = 'prod') => changeByHand(worldOf(target), shortId(short, target), patch),
    writes: () => [...worlds.values()].flatMap((world) => world.writes.splice(0)).filter(isOfResource),
    sourceDown: false,
    rewriteHistory: () => history.cut(),
    newId: () => {
      ids += 1
      return `attempt-${ids}`
    },
    checks: new Map(),
    checked: [],
    wrapTarget: (target) => target,
    collaborators: () => collaboratorsOf(fleet, { worldOf, history }),
  }
  return fleet
}

const isOfResource = (what: string): boolean => !what.startsWith('record ')

function changeByHand(world: MemoryWorld, id: ResourceId, patch: Readonly<Record<string, unknown>> | undefined): void {
  const known = world.objects.get(id)
  if (patch === undefined) world.objects.delete(id)
  else if (known) {
    const spec = { ...(known.spec as object), ...patch }
    world.objects.set(id, { ...known, spec, version: known.version + 1 })
  }
}

interface History {
  commit(desired: Desired): string
  cut(): void
  tip(): string
  at(commit: string): Desired
  descends(commit: string, ancestor: string): boolean
  between(before: string, after: string): readonly string[]
}

function createHistory(): History {
  const revisions: { readonly commit: string; readonly desired: Desired; readonly line: number }[] = []
  let line = 0
  const find = (commit: string) => revisions.findIndex((revision) => revision.commit === commit)
  return {
    commit: (desired) => {
      const commit = (revisions.length + 1).toString(16).padStart(40, '0')
      revisions.push({ commit, desired, line })
      return commit
    },
    cut: () => {
      line += 1
    },
    tip: () => revisions.at(-1)?.commit ?? '',
    at: (commit) => {
      const found = revisions[find(commit)]
      if (!found) throw new ReconcileError('NotFound', { message: `no revision ${commit}` })
      return found.desired
    },
    between: (before, after) =>
      revisions
        .slice(find(before) + 1, find(after))
        .map(({ commit }) => commit)
        .reverse(),
    descends: (commit, ancestor) =>
      revisions[find(commit)]?.line === revisions[find(ancestor)]?.line && find(ancestor) <= find(commit),
  }
}

function collaboratorsOf(
  fleet: TestFleet,
  { worldOf, history }: { readonly worldOf: (name: string) => MemoryWorld; readonly history: History },
): Collaborators {
  return {
    install: INSTALL,
    holder: 'this process',
    kinds: testKinds,
    store: fleet.store,
    source: sourceOf(fleet, history),
    clock: fleet.clock,
    emit: (event) => fleet.events.push(event),
    random: () => 0.5,
    newId: fleet.newId,
    openTarget: ({ name }) =>
      fleet.wrapTarget(createMemoryTarget({ name, install: INSTALL, world: worldOf(name), kinds: testKinds })),
    render: async (snapshot) => history.at(snapshot.revision.commit),
    reveal: async (secret) => new Sensitive(`content of ${secret}`),
    runCheck: async (check) => {
      fleet.checked.push(check.name)
      return fleet.checks.get(check.name) ?? { name: check.name, ok: true, message: 'ok' }
    },
    appsAtOnce: 4,
  }
}

function sourceOf(fleet: TestFleet, history: History): Source {
  return {
    resolve: async ({ revision }) => {
      if (fleet.sourceDown) throw new ReconcileError('SourceUnreachable', { message: 'the repository does not answer' })
      const commit = revision ?? history.tip()
      history.at(commit)
      return { commit, tree: commit }
    },
    read: async (revision) => ({ revision, files: new Map(), refused: [], blob: async () => Buffer.alloc(0) }),
    descends: async (commit, ancestor) => history.descends(commit, ancestor),
    // A head here declares the whole fleet: nothing is to be merged.
    merged: async ({ head }) => ({ revision: { commit: head, tree: history.at(head) && head } }),
    between: async (before, after) => history.between(before, after),
    dispose: async () => {},
  }
}
