import type { AppMark, AppState, HeldGroup, TargetRecord } from '../model/app-state.ts'
import type { DesiredApp } from '../model/desired.ts'
import { messageOf } from '../model/error.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Observed } from '../model/live.ts'
import { defaultHandling, LIVE_FORMAT, type Recorded, SPEC_FORMAT, type Wanted } from '../model/resource.ts'
import type { Store } from '../model/store.ts'
import { adoptedNames, withAdoptedNames } from '../plan/adopted-names.ts'
import { heldGroups } from '../plan/hold.ts'
import type { Collaborators, RunOptions } from './engine.ts'
import { interruptedAttempt } from './interrupted.ts'
import { renderRevision } from './look.ts'
import type { FleetLive } from './observe.ts'

/** What was found again: printed as the first line of a start without a database. */
export interface Recognised {
  readonly resources: number
  readonly holds: number
  readonly pins: number
  readonly suspensions: number
  readonly notes: readonly string[]
}

export interface Rebuilt {
  readonly recognised: Recognised | undefined
  readonly observeOnly: string | undefined
}

export interface RebuildInput {
  readonly engine: Collaborators
  readonly live: FleetLive
  readonly apps: ReadonlyMap<string, DesiredApp>
  /** The tip that this run reconciles to. */
  readonly revision: string
  readonly options: RunOptions
}

/**
 * Database gone: rebuilt from the targets' records and stamps, last good rendered again from git. Both gone, or records
 * that disagree: observe only, until a person says `rebuild` (rule 8).
 */
export async function rebuildStore(input: RebuildInput): Promise<Rebuilt> {
  const { engine, live, options } = input
  if (options.offline) return { recognised: undefined, observeOnly: undefined }
  const newer = newerOnTarget(engine, live)
  const empty = engine.store.record().length === 0 && engine.store.apps().length === 0
  if (!empty && (newer === undefined || !options.rebuild)) {
    return { recognised: undefined, observeOnly: newer }
  }
  const stamped = [...live.of].filter(([, observed]) => ownedByUs(observed))
  if (stamped.length === 0 && live.records.size === 0) return { recognised: undefined, observeOnly: undefined }
  if (live.records.size === 0 && !options.rebuild) {
    const observeOnly = `${stamped.length} resources carry our stamp, but neither the database nor a target's record knows them`
    return { recognised: undefined, observeOnly }
  }
  const recognised = await rebuild(input, stamped)
  if (recognised.resources > 0) engine.emit({ type: 'store:rebuilt', ...recognised })
  return { recognised, observeOnly: undefined }
}

const ownedByUs = (observed: Observed): boolean => observed.state === 'present' && observed.owner.who === 'us'

/** The target remembers something later than the database does: this database is an old copy. */
function newerOnTarget(engine: Collaborators, live: FleetLive): string | undefined {
  for (const [target, record] of live.records) {
    for (const [app, mark] of Object.entries(record.apps)) {
      const known = lastHeard(app, engine.store)
      if (mark.lastApplied && mark.lastApplied.at > known && engine.store.record().length > 0) {
        return `${target} remembers ${app} applied at ${mark.lastApplied.at}, later than this database does (${known || 'never'})`
      }
    }
  }
  return undefined
}

/** An app that was removed is known by its history alone, until the target's record has forgotten it as well. */
function lastHeard(app: string, store: Store): string {
  return store.app(app).lastApplied?.at ?? store.history({ app, limit: 1 })[0]?.at ?? ''
}

async function rebuild(
  input: RebuildInput,
  stamped: readonly (readonly [ResourceId, Observed])[],
): Promise<Recognised> {
  const { engine, live, options } = input
  const notes: string[] = []
  const marks = marksOf(live.records)
  const rendered = await renderLastGood(input, marks, notes)
  const lastGood = new Map([...rendered].map(([app, { good }]) => [app, good]))
  const held = new Set([...marks.values()].flatMap((mark) => heldGroups(mark)).flatMap(memberIds))
  const from: Explained = { apps: input.apps, lastGood, held, kinds: engine.kinds }
  const marked = stamped.flatMap(([id, observed]) => recordedOf(id, observed, from))
  if (marked.length < stamped.length) notes.push(unexplained(stamped, marked))
  const record = [...marked, ...reflectionsOf(lastGood, engine.kinds)]
  const states = statesOf(input, { marks, record, rendered })
  const write = options.readOnly && !options.scratch ? undefined : engine.store
  write?.transaction(() => {
    write.putRecorded(record)
    for (const state of states) write.putApp(state)
    for (const [app, resources] of lastGood) write.setLastGood(app, resources)
    const lastApplied = lastAppliedOf(states)
    if (lastApplied) write.putFleet({ ...write.fleet(), lastApplied })
  })
  const count = (key: 'pin' | 'suspension'): number => states.filter((state) => state[key] !== undefined).length
  return {
    resources: record.length,
    holds: states.flatMap((state) => heldGroups(state)).length,
    pins: count('pin'),
    suspensions: count('suspension'),
    notes,
  }
}

/** Kept by `prune: keep`, or made by an attempt that nobody remembers: who knows. It is not ours to remove. */
function unexplained(stamped: readonly (readonly [ResourceId, Observed])[], record: readonly Recorded[]): string {
  const known = new Set(record.map((recorded) => recorded.id))
  const ids = stamped.flatMap(([id]) => (known.has(id) ? [] : [id])).sort()
  return `${ids.join(', ')}: our stamp, but no document tells of it; it is left alone`
}

/** As the marks tell, and with the attempt that the stamps tell of. */
function statesOf(
  { engine, live, apps, revision }: RebuildInput,
  of: {
    readonly marks: ReadonlyMap<string, AppMark>
    readonly record: readonly Recorded[]
    readonly rendered: ReadonlyMap<string, RenderedGood>
  },
): readonly AppState[] {
  const names = new Set([...of.marks.keys(), ...of.record.map((entry) => entry.app)])
  return [...names].map((app) => {
    const mark = of.marks.get(app)
    const state: AppState = { app, failures: 0, restarts: {}, ...(mark && withoutPins(mark)) }
    const record = of.record.filter((entry) => entry.app === app)
    const { good: lastGood, declared } = of.rendered.get(app) ?? NOTHING_GOOD
    const found = { engine, live, state, record, lastGood, declared, revision, desired: apps.get(app) }
    const attempt = interruptedAttempt(found)
    return attempt ? { ...state, attempt } : state
  })
}

function lastAppliedOf(states: readonly AppState[]): string | undefined {
  const applied = states.flatMap((state) => state.lastApplied ?? [])
  return applied.sort((a, b) => (a.at < b.at ? 1 : -1))[0]?.revision
}

function withoutPins(mark: AppMark): Omit<AppMark, 'pins'> {
  const { pins: _pins, ...rest } = mark
  return rest
}

/** An app that stands on several targets is marked on each; the latest word counts. */
function marksOf(records: ReadonlyMap<string, TargetRecord>): ReadonlyMap<string, AppMark> {
  const marks = new Map<string, AppMark>()
  for (const record of records.values()) {
    for (const [app, mark] of Object.entries(record.apps)) {
      const known = marks.get(app)
      if (!known || (mark.lastApplied?.at ?? '') > (known.lastApplied?.at ?? '')) marks.set(app, mark)
    }
  }
  return marks
}

interface RenderedGood {
  readonly good: readonly Wanted[]
  /** Everything that any app declared then: what is not among it was made later. */
  readonly declared: ReadonlySet<ResourceId>
}

const NOTHING_GOOD: RenderedGood = { good: [], declared: new Set() }

async function renderLastGood(
  input: RebuildInput,
  marks: ReadonlyMap<string, AppMark>,
  notes: string[],
): Promise<ReadonlyMap<string, RenderedGood>> {
  const { options } = input
  const found = new Map<string, RenderedGood>()
  for (const [app, mark] of marks) {
    if (!mark.lastGood && !mark.olderGood) continue
    try {
      found.set(app, await renderGood(input, app, mark))
    } catch (error) {
      options.signal.throwIfAborted()
      const commit = mark.lastGood?.revision.slice(0, 12) ?? 'of another app'
      notes.push(`${app}: last good (${commit}) could not be rendered: ${messageOf(error)}`)
    }
  }
  return found
}

/** Each resource at the revision that it is good since: what was held back meanwhile is older than the rest. */
async function renderGood({ engine, live, options }: RebuildInput, app: string, mark: AppMark): Promise<RenderedGood> {
  const older: Readonly<Record<string, string>> = mark.olderGood ?? {}
  const render = async (commit: string): Promise<readonly Wanted[]> => {
    const revision = await engine.source.resolve({ signal: options.signal, revision: commit })
    const { apps } = await renderRevision(engine, revision, options)
    const names = adoptedNames({ apps, live: live.of, record: engine.store.record(), kinds: engine.kinds })
    return [...withAdoptedNames(apps, names, engine.kinds).values()].flatMap((one) => one.wanted)
  }
  const newest = mark.lastGood ? await render(mark.lastGood.revision) : []
  const good = newest.filter((wanted) => wanted.app === app && older[wanted.id] === undefined)
  for (const commit of new Set(Object.values(older).filter((revision) => revision !== ''))) {
    // In another app then, where it was moved since.
    const then = (await render(commit)).filter((wanted) => older[wanted.id] === commit)
    good.push(...then.map((wanted) => ({ ...wanted, app })))
  }
  return {
    good: good.map((wanted) => repin(wanted, mark, engine.kinds)),
    declared: new Set(newest.map((wanted) => wanted.id)),
  }
}

function repin(wanted: Wanted, mark: AppMark, kinds: Kinds): Wanted {
  const image = kinds.get(wanted.kind)?.image
  const pin = mark.pins?.[wanted.id]
  return image && pin && image.written(wanted.spec) !== undefined
    ? { ...wanted, spec: image.pin(wanted.spec, pin) }
    : wanted
}

/** What tells of a stamped thing that it is ours to keep, or to remove. */
interface Explained {
  readonly apps: ReadonlyMap<string, DesiredApp>
  readonly lastGood: ReadonlyMap<string, readonly Wanted[]>
  readonly held: ReadonlySet<ResourceId>
  readonly kinds: Kinds
}

const memberIds = (group: HeldGroup): readonly ResourceId[] => group.members.map((member) => member.id)

/** The spec of what is ours: the rendering with the stamp's digest, else live itself, which has the same shape. */
function recordedOf(id: ResourceId, observed: Observed, from: Explained): readonly Recorded[] {
  if (observed.state !== 'present' || observed.owner.who !== 'us') return []
  const { app, digest } = observed.owner
  const candidates = [...(from.apps.get(app)?.wanted ?? []), ...(from.lastGood.get(app) ?? [])]
  const same = candidates.find((wanted) => wanted.id === id && wanted.digest === digest)
  // In another app: it is about to be moved there.
  const everywhere = [...candidates, ...[...from.apps.values()].flatMap((one) => one.wanted)]
  const any = same ?? everywhere.find((wanted) => wanted.id === id)
  const { kind } = partsOf(id)
  if (!any && !from.held.has(id) && !from.kinds.get(kind)?.generationOf) return []
  const handling = any?.handling ?? defaultHandling
  const spec = same ? pinnedAsLive(same, observed.live, from.kinds) : observed.live
  return [{ id, kind, spec, digest, app, handling, format: same ? SPEC_FORMAT : LIVE_FORMAT, state: 'owned' }]
}

/** What carries no mark anywhere, for it only shows what something else brings: as that was good last. */
function reflectionsOf(lastGood: ReadonlyMap<string, readonly Wanted[]>, kinds: Kinds): readonly Recorded[] {
  const reflecting = [...lastGood.values()].flat().filter(({ kind }) => kinds.get(kind)?.reflects)
  return reflecting.map(({ id, kind, spec, digest, app, handling }) => ({
    ...{ id, kind, spec, digest, app, handling },
    ...{ format: SPEC_FORMAT, state: 'owned' },
  }))
}

function pinnedAsLive(wanted: Wanted, live: unknown, kinds: Kinds): unknown {
  const image = kinds.get(wanted.kind)?.image
  const pin = image?.pinned(wanted.spec) ? undefined : image?.ofLive(wanted.spec, live)
  return image && pin ? image.pin(wanted.spec, pin) : wanted.spec
}
