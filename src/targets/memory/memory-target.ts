import { InternalError, ReconcileError } from '../../model/error.ts'
import { makeId, partsOf, type ResourceId } from '../../model/id.ts'
import type { Kinds } from '../../model/kind.ts'
import type { LiveState, Observed, Owner } from '../../model/live.ts'
import type { Change } from '../../model/plan.ts'
import type { Wanted } from '../../model/resource.ts'
import type { ApplyOptions, Target } from '../../model/target.ts'
import type { MemoryObject, MemoryWorld } from './world.ts'

export interface MemoryTargetOptions {
  readonly name: string
  readonly install: string
  readonly world: MemoryWorld
  readonly kinds: Kinds
}

/** The reference target: what the engine's own tests use, and the first to pass the conformance suite. */
export function createMemoryTarget(options: MemoryTargetOptions): Target {
  const { name, install, world } = options
  return {
    name,
    identity: async () => {
      reach(options)
      return world.identity
    },
    observe: async (wanted) =>
      observe(
        options,
        wanted.map((resource) => resource.id),
      ),
    apply: async (stage, applying) => {
      reach(options)
      for (const change of stage.changes) await perform(change, applying, options)
    },
    writeRecord: async (next) => {
      reach(options)
      write(world, `record ${name}`, () => {
        world.record = structuredClone(next)
        world.recordVersion += 1
      })
    },
    lease: async (holder) => {
      reach(options)
      if (world.holder !== undefined && world.holder !== holder) {
        throw new ReconcileError('LeaseHeld', { message: `${world.holder} writes to ${name} now`, retryable: true })
      }
      world.holder = holder
      return {
        check: async () => {
          if (world.holder !== holder)
            throw new ReconcileError('LeaseLost', { message: `${name}: another one writes now` })
        },
        release: async () => {
          world.holder = undefined
        },
      }
    },
    preflight: () => [],
    resolveImage: async (reference) => {
      throw new ReconcileError('ImageUnresolved', { message: `no registry knows ${reference}` })
    },
    logs: async (id) => [`${partsOf(id).name}: log line of ${install}`],
    diagnose: async (id) => [`${partsOf(id).name}: diagnosis`],
    dispose: async () => {},
  }
}

function reach({ name, world }: MemoryTargetOptions): void {
  if (!world.reachable)
    throw new ReconcileError('TargetUnreachable', { message: `${name} does not answer`, retryable: true })
}

function observe(
  options: MemoryTargetOptions,
  wanted: readonly ResourceId[],
): LiveState & { readonly record: MemoryWorld['record'] } {
  reach(options)
  const { world } = options
  const stamped = [...world.objects]
    .filter(([id, object]) => ownerOf(id, object, options).who === 'us')
    .map(([id]) => id)
  const of = new Map<ResourceId, Observed>()
  for (const id of new Set([...wanted, ...stamped])) of.set(id, observed(id, options))
  return { at: new Date(0), of, facts: new Map(), record: world.record && structuredClone(world.record) }
}

function observed(id: ResourceId, options: MemoryTargetOptions): Observed {
  const object = options.world.objects.get(id)
  if (!object) return { state: 'absent' }
  return {
    state: 'present',
    live: structuredClone(object.spec),
    owner: ownerOf(id, object, options),
    health: options.world.healthOf(id, object),
    version: String(object.version),
  }
}

function ownerOf(id: ResourceId, object: MemoryObject, { install, world }: MemoryTargetOptions): Owner {
  if (object.stamp && object.stamp.install !== install) return { who: 'other', install: object.stamp.install }
  const known = object.stamp ?? world.record?.unstamped[id]
  return known ? { who: 'us', app: known.app, digest: known.digest as Wanted['digest'] } : { who: 'nobody' }
}

async function perform(change: Change, applying: ApplyOptions, options: MemoryTargetOptions): Promise<void> {
  await applying.guard()
  applying.mark(change.id, 'started')
  try {
    write(options.world, `${change.action} ${change.id}`, () => effect(change, options))
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error
    const step = error.reason === 'TargetUnreachable' ? 'unknown' : 'failed'
    applying.mark(change.id, step, { reason: error.reason, message: error.message })
    return
  }
  applying.mark(change.id, 'applied')
}

function write(world: MemoryWorld, what: string, body: () => void): void {
  world.beforeWrite(what)
  body()
  world.writes.push(what)
  world.afterWrite(what)
}

function effect(change: Change, options: MemoryTargetOptions): void {
  const { objects } = options.world
  switch (change.action) {
    case 'prune':
      objects.delete(change.id)
      return
    case 'create':
      if (objects.has(change.id)) throw new ReconcileError('Conflict', { message: `${change.id} exists` })
      put(change.to, { restart: true }, options)
      return
    case 'replace':
      for (const id of change.frees) objects.delete(id)
      put(change.to, { restart: true }, options)
      return
    case 'update':
      put(change.to, { restart: change.diffs.some((diff) => diff.effect !== 'none') }, options)
      return
    case 'adopt':
    case 'move':
      stamp(change.to, options)
      return
    case 'unchanged':
      throw new InternalError(`an unchanged resource was applied: ${change.id}`)
  }
}

function put(to: Wanted, how: { readonly restart: boolean }, { install, world }: MemoryTargetOptions): void {
  const known = world.objects.get(to.id)
  world.objects.set(to.id, {
    kind: to.kind,
    spec: structuredClone(to.spec),
    stamp: { install, app: to.app, digest: to.digest },
    version: (known?.version ?? 0) + 1,
    starts: (known?.starts ?? 0) + (how.restart ? 1 : 0),
  })
}

/** Where a kind cannot carry a stamp later, nothing is written: the target's record says it. */
function stamp(to: Wanted, { install, world, kinds }: MemoryTargetOptions): void {
  const known = world.objects.get(to.id)
  if (!known) throw new ReconcileError('NotFound', { message: `${to.id} is not there` })
  if (kinds.get(to.kind)?.stampless) return
  world.objects.set(to.id, {
    ...known,
    stamp: { install, app: to.app, digest: to.digest },
    version: known.version + 1,
  })
}

/** The id that a test writes short: `Thing/hello` on this target. */
export function memoryId(target: string, short: string): ResourceId {
  const [kind = '', name = ''] = short.split('/')
  return makeId({ target, kind, name })
}
