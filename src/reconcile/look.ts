import { type Desired, type DesiredApp, type DesiredTarget, isPlace } from '../model/desired.ts'
import { digestOf } from '../model/digest.ts'
import { InternalError, messageOf, ReconcileError } from '../model/error.ts'
import { makeId, partsOf, type ResourceId } from '../model/id.ts'
import type { ImagePin, Kinds } from '../model/kind.ts'
import type { Resource, Wanted } from '../model/resource.ts'
import type { Revision } from '../model/source.ts'
import type { CallOptions, Target } from '../model/target.ts'
import { type AdoptedInput, adoptedNames, plainId, withAdoptedNames } from '../plan/adopted-names.ts'
import { denyingWindow } from '../plan/windows.ts'
import { adoptedIds } from './adoptions.ts'
import { refuseUnknownTargets } from './confirmations.ts'
import type { Collaborators, RunOptions } from './engine.ts'
import { checkKey } from './key-print.ts'
import { type FleetLive, observeFleet, targetGuard } from './observe.ts'
import { liveOfRecord } from './offline.ts'
import { type Recognised, rebuildStore } from './rebuild.ts'

/** Everything that a tick knows before it decides: desired, live, and what could not be seen. */
export interface Look {
  readonly revision: string
  /** The source could not be reached: the last desired state stands, and nothing is pruned. */
  readonly stale: boolean
  /** The revision does not descend from the last applied one (rule 13). */
  readonly astray: string | undefined
  readonly desired: Desired
  /** With operator's pins in place. */
  readonly apps: ReadonlyMap<string, DesiredApp>
  readonly targets: ReadonlyMap<string, Target>
  readonly live: FleetLive
  /** What each target that answered is, for sure: machine id, Swarm id. */
  readonly identities: ReadonlyMap<string, string>
  /** What was found again after the database was lost. */
  readonly recognised: Recognised | undefined
  /** Why nothing may be written, for the whole fleet. */
  readonly observeOnly: string | undefined
  /** The maintenance window that it was taken in. */
  readonly denying: ReturnType<typeof denyingWindow>
  /** What a person asked to adopt with this run. */
  readonly adopt: ReadonlySet<ResourceId>
  readonly images: Map<string, Promise<ImagePin>>
}

export async function lookAtFleet(engine: Collaborators, options: RunOptions): Promise<Look> {
  const source = await resolveSource(engine, options)
  const desired = await renderRevision(engine, source.revision, options)
  engine.emit({ type: 'source:resolved', revision: source.revision.commit, stale: source.stale })
  const places = desired.targets.filter(isPlace)
  const targets = new Map(places.map((target) => [target.name, openTarget(engine, target, desired.targets)]))
  if (options.rebuild) refuseUnknownTargets(options.confirm ?? [], targets.keys())
  const apps = await withPins(engine, desired, options)
  const adopt = adoptedIds(options.adopt ?? [], { apps, addresses: desired.addresses })
  const live = await observe({ desired, apps, targets }, engine, options)
  checkKey(engine, live, options)
  const input = { live: live.of, record: engine.store.record(), kinds: engine.kinds, adopt }
  const names = adoptedNames({ ...input, apps })
  const adopted = withAdoptedNames(apps, names, engine.kinds)
  const rebuilt = await rebuildStore({ engine, live, apps: adopted, revision: source.revision.commit, options })
  if (!options.readOnly) pinTargets(engine, live.identities, options)
  return {
    revision: source.revision.commit,
    stale: source.stale,
    astray: await astray(engine, source.revision.commit, options),
    desired,
    apps: rebuilt.recognised
      ? adoptedAgain(await withPins(engine, desired, options), { ...input, record: engine.store.record() })
      : adopted,
    targets,
    live,
    identities: live.identities,
    recognised: rebuilt.recognised,
    observeOnly: rebuilt.observeOnly,
    denying: denyingWindow(desired.fleet.windows, engine.clock.now()),
    adopt: new Set([...adopt].map((id) => names.get(id) ?? id)),
    images: new Map(),
  }
}

const adoptedAgain = (
  apps: ReadonlyMap<string, DesiredApp>,
  input: Omit<AdoptedInput, 'apps'>,
): ReadonlyMap<string, DesiredApp> => withAdoptedNames(apps, adoptedNames({ ...input, apps }), input.kinds)

/** The tip, or, while the source is down, what was last seen of it (section 2). */
async function resolveSource(
  engine: Collaborators,
  options: RunOptions,
): Promise<{ readonly revision: Revision; readonly stale: boolean }> {
  const { store, source, clock } = engine
  try {
    const asked = options.revision === undefined ? {} : { revision: options.revision }
    const revision = await source.resolve({ signal: options.signal, ...asked })
    if (!options.readOnly && options.revision === undefined) {
      const { commit, tree } = revision
      if (store.fleet().lastResolved?.commit !== commit) {
        store.putFleet({ ...store.fleet(), lastResolved: { commit, tree, at: clock.now().toISOString() } })
      }
    }
    return { revision, stale: false }
  } catch (error) {
    options.signal.throwIfAborted()
    const last = store.fleet().lastResolved
    const down = error instanceof ReconcileError && error.reason === 'SourceUnreachable'
    if (!down || !last || options.revision !== undefined) throw error
    return { revision: last, stale: true }
  }
}

export async function renderRevision(
  engine: Collaborators,
  revision: Revision,
  options: CallOptions,
): Promise<Desired> {
  return engine.render(await engine.source.read(revision, options), ownersOf(engine))
}

/** By the names of documents: a generation is its document's. */
export function ownersOf({ store, kinds }: Collaborators): ReadonlyMap<string, string> {
  return new Map(
    store.record().map(({ id, kind, app }) => {
      const { target, name } = partsOf(id)
      return [`${target}/${kind}/${kinds.get(kind)?.generationOf?.(name) ?? name}`, app]
    }),
  )
}

/** An operator's pin puts one app at another revision, until it is unpinned. */
export async function withPins(
  engine: Collaborators,
  desired: Desired,
  options: CallOptions,
): Promise<ReadonlyMap<string, DesiredApp>> {
  const apps = new Map(desired.apps)
  for (const state of engine.store.apps()) {
    if (!state.pin) continue
    if (state.pin.from !== undefined) {
      if (state.pin.app) apps.set(state.app, withoutIdsOfOthers(state.pin.app, apps))
      continue
    }
    const pinned = await renderPin(engine, state.app, state.pin.revision, options)
    if (pinned) apps.set(state.app, withoutIdsOfOthers(pinned, apps))
  }
  return apps
}

/** A pin that cannot be rendered (its commit is gone) stops its own app (rule 19). */
async function renderPin(
  engine: Collaborators,
  app: string,
  revision: string,
  options: CallOptions,
): Promise<DesiredApp | undefined> {
  try {
    const resolved = await engine.source.resolve({ signal: options.signal, revision })
    return (await renderRevision(engine, resolved, options)).apps.get(app)
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof InternalError) throw error
    const digest = digestOf({ pin: revision })
    return { app, wanted: [], gates: [], broken: true, dependsOnApps: [], digest }
  }
}

/** A target that cannot be opened (no such credential) is one that does not answer: it costs its own resources only. */
function openTarget(engine: Collaborators, target: DesiredTarget, all: readonly DesiredTarget[]): Target {
  try {
    return engine.openTarget(target, all)
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error
    return deadTarget(target.name, error)
  }
}

function deadTarget(name: string, error: ReconcileError): Target {
  const refuse = async (): Promise<never> => {
    throw error
  }
  return {
    name,
    identity: refuse,
    observe: refuse,
    apply: refuse,
    writeRecord: refuse,
    lease: refuse,
    preflight: () => [],
    resolveImage: refuse,
    logs: refuse,
    diagnose: refuse,
    dispose: async () => {},
  }
}

/** What has meanwhile moved to another app stays there. */
function withoutIdsOfOthers(pinned: DesiredApp, apps: ReadonlyMap<string, DesiredApp>): DesiredApp {
  const others = [...apps.values()].filter((app) => app.app !== pinned.app)
  const taken = new Set(others.flatMap((app) => app.wanted.map((wanted) => wanted.id)))
  return { ...pinned, wanted: pinned.wanted.filter((wanted) => !taken.has(wanted.id)) }
}

async function observe(
  of: {
    readonly desired: Desired
    readonly apps: ReadonlyMap<string, DesiredApp>
    readonly targets: ReadonlyMap<string, Target>
  },
  engine: Collaborators,
  options: RunOptions,
): Promise<FleetLive & { readonly identities: ReadonlyMap<string, string> }> {
  const resources = resourcesToObserve(engine, of.apps)
  if (options.offline) return liveOfRecord(engine, resources)
  const pinned = Object.fromEntries(
    Object.entries(engine.store.fleet().targets).filter(([name]) => !isReplaced(name, options)),
  )
  return observeFleet({ resources, targets: of.targets, pinned }, engine, options)
}

/** Everything desired or recorded, over all apps, and the old names of declared renames. */
function resourcesToObserve(engine: Collaborators, apps: ReadonlyMap<string, DesiredApp>): readonly Resource[] {
  const byId = new Map<ResourceId, Resource>()
  for (const recorded of engine.store.record()) byId.set(recorded.id, recorded)
  for (const state of engine.store.apps()) {
    for (const good of engine.store.lastGood(state.app)) byId.set(good.id, good)
  }
  for (const app of apps.values()) for (const wanted of app.wanted) addWanted(byId, wanted, engine.kinds)
  return [...byId.values()]
}

function addWanted(byId: Map<ResourceId, Resource>, wanted: Wanted, kinds: Kinds): void {
  byId.set(wanted.id, wanted)
  const plain = plainId(wanted, kinds)
  if (plain !== undefined && !byId.has(plain)) byId.set(plain, { ...wanted, id: plain })
  const from = wanted.handling.movedFrom
  if (from === undefined) return
  const id = makeId({ ...partsOf(wanted.id), name: from })
  if (!byId.has(id)) byId.set(id, { ...wanted, id })
}

/** Only `rebuild` accepts another Swarm under a known name, and only the one that a person named. */
const isReplaced = (target: string, { rebuild, confirm }: RunOptions): boolean =>
  rebuild === true && (confirm ?? []).includes(targetGuard(target))

function pinTargets(engine: Collaborators, identities: ReadonlyMap<string, string>, options: RunOptions): void {
  const fleet = engine.store.fleet()
  const fresh = [...identities].filter(([name]) => fleet.targets[name] === undefined || isReplaced(name, options))
  if (fresh.length === 0) return
  engine.store.putFleet({ ...fleet, targets: { ...fleet.targets, ...Object.fromEntries(fresh) } })
}

/** Only the tracked branch is judged: a revision that a person names is a person's choice. */
async function astray(engine: Collaborators, commit: string, options: RunOptions): Promise<string | undefined> {
  const last = engine.store.fleet().lastApplied
  if (options.revision !== undefined || last === undefined || last === commit) return undefined
  try {
    const descends = await engine.source.descends(commit, last, options)
    if (descends === true) return undefined
    const why = descends === false ? 'does not descend from' : 'is not known to descend from'
    return `${commit.slice(0, 12)} ${why} ${last.slice(0, 12)}, the last applied one`
  } catch (error) {
    options.signal.throwIfAborted()
    return `the history of ${commit.slice(0, 12)} could not be read: ${messageOf(error)}`
  }
}
