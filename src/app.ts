import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { runCheck } from './apply/checks/run-check.ts'
import { parseSecretReference } from './desired/expand/secret-reference.ts'
import { applyFrom } from './engine/apply-from.ts'
import { gitAccess } from './engine/credentials.ts'
import { examine } from './engine/doctor.ts'
import { explanationOf, idOfDocument } from './engine/explanation.ts'
import { importHost } from './engine/import-host.ts'
import { importSwarm } from './engine/import-swarm.ts'
import { withLocalWords } from './engine/local-repository.ts'
import { createRender, printOf, type Render } from './engine/render.ts'
import { withRoot } from './engine/rooted-source.ts'
import { createStores, holderOf } from './engine/stores.ts'
import { createTargets, type Targets } from './engine/targets.ts'
import type { View } from './engine/view.ts'
import { driftOf, fleetPlanOf, statusOf, viewOf } from './engine/views.ts'
import { KINDS } from './kinds/registry.ts'
import { didYouMean } from './lib/nearest.ts'
import type { Clock } from './model/clock.ts'
import type { ApplyOptions, AskOptions, DecisionOptions, Engine } from './model/engine.ts'
import { InternalError, ReconcileError } from './model/error.ts'
import type { Emit } from './model/events.ts'
import { partsOf } from './model/id.ts'
import type { FleetOutcome } from './model/outcome.ts'
import type { Sensitive as SensitiveValue } from './model/sensitive.ts'
import { Sensitive } from './model/sensitive.ts'
import type { Snapshot, Source } from './model/source.ts'
import type { Store } from './model/store.ts'
import type { Target } from './model/target.ts'
import type { Collaborators, RunOptions } from './reconcile/engine.ts'
import { reconcileFleet } from './reconcile/fleet.ts'
import { forgetTarget } from './reconcile/forget.ts'
import { lookAtFleet } from './reconcile/look.ts'
import {
  type Again,
  freezeFleet,
  knownId,
  pinApp,
  restartResource,
  resumeApp,
  retryApp,
  suspendApp,
  unfreezeFleet,
  unpinApp,
} from './reconcile/operator.ts'
import { planApps } from './reconcile/plan-apps.ts'
import type { Settings } from './settings/settings.ts'
import { createGitSource } from './source/git-source.ts'
import { createMemoryStore } from './store/memory.ts'

export interface AppOptions {
  readonly clock: Clock
  readonly emit: Emit
  /** What an operator should read: a lock waited for, rows put aside. */
  readonly warn: (message: string) => void
  /** User id of this process, for a host that is this machine. Absent: not root. */
  readonly uid?: number
  /** In place of the configured repository, for a test. */
  readonly source?: Source
}

/** Composition root: builds the adapters from the settings, and gives every command its engine. */
export function createApp(settings: Settings, options: AppOptions): Engine {
  const { clock } = options
  const stores = createStores(settings, options)
  const access = gitAccess(settings.repository)
  const opened = options.source ?? withLocalWords(openSource(settings, access.options, clock), settings.repository)
  const source = withRoot(opened, settings.repository.path)
  const targets = createTargets({ settings, clock, random, uid: options.uid ?? -1 })
  const world: World = { settings, options, source, targets, ...rendering(settings) }
  const reading = <T>(ask: RunOptions, body: (view: View) => T | Promise<T>): Promise<T> =>
    stores.reading(async (kept) => {
      const scratch = isBlank(kept)
      const store = scratch ? scratchOf(kept) : kept
      const engine = collaborators(world, store)
      const asked = { ...ask, readOnly: true, scratch }
      const look = await lookAtFleet(engine, asked)
      return body({ install: settings.install, store, look, planned: await planApps(engine, look, asked) })
    })
  const writing = async <T>(ask: AskOptions, body: (engine: Collaborators) => T | Promise<T>): Promise<T> =>
    body(collaborators(world, await stores.writing(ask.signal), 'write'))
  const apply = (ask: ApplyOptions): Promise<FleetOutcome> =>
    writing(ask, (engine) => (ask.from === undefined ? reconcileFleet(engine, ask) : applyFrom(engine, ask, ask.from)))
  /** Records a decision, then carries it out. */
  const decided = async (ask: DecisionOptions, decide: (engine: Collaborators) => unknown): Promise<FleetOutcome> => {
    await writing(ask, decide)
    return apply({ signal: ask.signal, by: ask.by, app: ask.app })
  }
  const restart = (again: Again) => async (id: string, ask: AskOptions & { readonly reason?: string }) => {
    const app = await writing(ask, (engine) => restartResource(engine, id, { ...ask, again }))
    return apply({ signal: ask.signal, by: ask.by, app })
  }
  return {
    plan: (ask) => reading(ask, fleetPlanOf),
    apply,
    desired: async ({ signal, revision }) => {
      const resolved = await source.resolve({ signal, ...(revision === undefined ? {} : { revision }) })
      return world.render(await source.read(resolved, { signal }))
    },
    status: (ask) => reading(ask, statusOf),
    history: (ask) => stores.reading(async (store) => historyOf(store, ask)),
    drift: (ask) => reading(ask, driftOf),
    show: (id, ask) => reading(ask, (view) => viewOf(idIn(world, view, id), view)),
    explain: (id, ask) => reading(ask, (view) => explanationOf(idIn(world, view, id), view)),
    logs: (id, ask) =>
      reading(ask, async (view) => {
        const known = idIn(world, view, id)
        return (await view.look.targets.get(partsOf(known).target)?.logs(known, ask.lines, ask)) ?? []
      }),
    rollback: (ask) => decided(ask, (engine) => pinApp(engine, ask.app, ask)),
    unpin: (ask) => decided(ask, (engine) => unpinApp(engine, ask.app, ask)),
    suspend: (ask) => decided(ask, (engine) => suspendApp(engine, ask.app, ask)),
    resume: (ask) => decided(ask, (engine) => resumeApp(engine, ask.app, ask)),
    retry: async (ask) => {
      await writing(ask, (engine) => retryApp(engine, ask.app, ask))
      return apply({ signal: ask.signal, by: ask.by, app: ask.app, retry: true })
    },
    restart: restart('restart'),
    runJob: restart('run-job'),
    freeze: (ask) => writing(ask, (engine) => freezeFleet(engine, ask)),
    unfreeze: (ask) => writing(ask, (engine) => unfreezeFleet(engine, ask)),
    forget: async (target, ask) => {
      const { targets: declared } = await world.render(await source.read(await source.resolve(ask), ask))
      return writing(ask, (engine) =>
        forgetTarget(engine, target, { ...ask, declared: declared.map(({ name }) => name) }),
      )
    },
    rebuild: (ask) => writing(ask, (engine) => rebuild(engine, ask)),
    // A rendering of its own: what is drafted is no revision of the repository.
    importSwarm: (ask) =>
      importSwarm(ask, { target: targets.open(ask.target, [ask.target]), render: createRender(settings), settings }),
    importHost: (ask) =>
      importHost(ask, { target: targets.open(ask.target, ask.targets), render: createRender(settings), settings }),
    doctor: (ask) => examine({ settings, clock, source, stores, look: (body) => reading(ask, body) }, ask),
    dispose: async () => {
      await targets.dispose()
      await source.dispose()
      access.dispose()
      stores.close()
    },
  }
}

const isBlank = (store: Store): boolean => store.record().length === 0 && store.apps().length === 0

/** A lost database: what the targets still tell (holds, pins) belongs into a plan as into an apply, and is kept nowhere. */
function scratchOf(kept: Store): Store {
  const scratch = createMemoryStore()
  scratch.putFleet(kept.fleet())
  return { ...scratch, history: kept.history }
}

/** A misspelt name is not an app that nothing happened to. */
function historyOf(store: Store, ask: Parameters<Engine['history']>[0]): ReturnType<Store['history']> {
  const entries = store.history(ask)
  const names = store.apps().map((state) => state.app)
  if (ask.app === undefined || entries.length > 0 || names.length === 0 || names.includes(ask.app)) return entries
  throw new ReconcileError('NotFound', {
    message: `nothing was done to an app '${ask.app}'${didYouMean(ask.app, names)}`,
    todo: `something was done to: ${names.join(', ')}`,
  })
}

interface World {
  readonly settings: Settings
  readonly options: AppOptions
  readonly source: Source
  readonly targets: Targets
  readonly render: Render
  reveal(secret: string): Promise<SensitiveValue>
}

function openSource(settings: Settings, access: ReturnType<typeof gitAccess>['options'], clock: Clock): Source {
  const { url, branch } = settings.repository
  mkdirSync(dirname(settings.cache), { recursive: true, mode: 0o700 })
  // The whole repository: environments share by `extends` what stands beside them.
  return createGitSource({ url, branch, directory: settings.cache, clock, ...access })
}

/** Rendering and revealing share the snapshots: a secret file is a blob of one of them. */
function rendering(settings: Settings): Pick<World, 'render' | 'reveal'> {
  const render = createRender(settings)
  const snapshots: Snapshot[] = []
  return {
    render: (snapshot, owners) => {
      snapshots.unshift(snapshot)
      snapshots.length = Math.min(snapshots.length, SNAPSHOTS_KEPT)
      return render(snapshot, owners)
    },
    reveal: async (secret) => {
      const reference = parseSecretReference(secret)
      const fromSettings = reference?.type === 'settings' ? settings.secrets.get(reference.name) : undefined
      if (fromSettings) return fromSettings
      const content = reference?.type === 'blob' ? await blobIn(snapshots, reference.oid) : undefined
      if (content) return new Sensitive(content)
      throw new ReconcileError('InvalidSettings', {
        message: `the content of the secret '${secret}' is not at hand`,
        todo: 'put it back into the settings or the repository',
      })
    },
  }
}

/** The tip, a pinned revision, last good, a folder that a person gave: a secret may come from any of them. */
const SNAPSHOTS_KEPT = 8

async function blobIn(snapshots: readonly Snapshot[], oid: string): Promise<Buffer | undefined> {
  for (const snapshot of snapshots) {
    const content = await snapshot.blob(oid).catch((error: unknown) => {
      if (error instanceof ReconcileError) return undefined
      throw error
    })
    if (content) return content
  }
  return undefined
}

const random = (): number => randomBytes(4).readUInt32BE() / 2 ** 32
const newId = (): string => randomBytes(9).toString('base64url')

function collaborators(world: World, store: Store, write: 'read' | 'write' = 'read'): Collaborators {
  const { settings, options, source } = world
  return {
    install: settings.install,
    keyPrint: printOf(settings.key),
    holder: write === 'write' ? holderOf(store, settings.database, newId) : 'a reader',
    kinds: KINDS,
    store,
    source,
    clock: options.clock,
    emit: options.emit,
    random,
    newId,
    openTarget: world.targets.open,
    render: world.render,
    reveal: world.reveal,
    runCheck: (check, { signal, targets }) =>
      runCheck(check, {
        signal,
        clock: options.clock,
        allowed: settings.allowedAddresses,
        runCommand: (command, call) => runCommand(command, targets, call),
        openFrom: (name) => targets.get(name)?.openTcp,
      }),
    appsAtOnce: settings.parallelApps,
  }
}

function runCommand(
  check: Parameters<Collaborators['runCheck']>[0],
  targets: ReadonlyMap<string, Target>,
  call: { readonly signal: AbortSignal },
): ReturnType<Collaborators['runCheck']> {
  const target = 'target' in check.probe ? targets.get(check.probe.target) : undefined
  if (!target?.runCheck) throw new InternalError(`no target runs the command of ${check.name}`)
  return target.runCheck(check, call)
}

function idIn(world: World, view: View, text: string): ReturnType<typeof knownId> {
  const wanted = view.planned.flatMap((app) => app.goal.wanted)
  return knownId(collaborators(world, view.store), idOfDocument(text, view.look.desired) ?? text, wanted)
}

async function rebuild(engine: Collaborators, ask: AskOptions): Promise<Awaited<ReturnType<Engine['rebuild']>>> {
  const look = await lookAtFleet(engine, { ...ask, rebuild: true })
  const { resources = 0, holds = 0, pins = 0, suspensions = 0, notes = [] } = look.recognised ?? {}
  const unreachable = [...look.live.unreachable].map(([name, message]) =>
    [`${name}: ${message}`, look.live.todos.get(name) ?? []].flat().join('; '),
  )
  const needsPerson = [...notes, ...unreachable, ...(look.observeOnly ? [look.observeOnly] : [])]
  return { recognised: resources, holds, pins, suspensions, needsPerson }
}
