import { sameValue } from '../../model/digest.ts'
import { messageOf, ReconcileError } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Kinds } from '../../model/kind.ts'
import type { LiveState, Observed } from '../../model/live.ts'
import type { Change } from '../../model/plan.ts'
import type { ApplyOptions, Lease, StepNote, Target, TargetRecord } from '../../model/target.ts'
import { perform, preflight } from './effects.ts'
import { ownerOf } from './owner.ts'
import { type MemoryObject, type MemoryWorld, type Seen, write } from './world.ts'

export interface MemoryTargetOptions {
  readonly name: string
  readonly install: string
  readonly world: MemoryWorld
  readonly kinds: Kinds
}

/** The reference target: what the engine's own tests use, and the first to pass the conformance suite. */
export function createMemoryTarget(options: MemoryTargetOptions): Target {
  const { name, install, world } = options
  const seen: Seen = { objects: new Map(), record: world.recordVersion }
  return {
    name,
    identity: async () => {
      reach(options)
      return world.identity
    },
    observe: async (wanted) => {
      const ids = wanted.map((resource) => resource.id)
      return { ...observe(ids, seen, options), identity: world.identity }
    },
    apply: async (stage, applying) => {
      for (const change of stage.changes) await applyChange(change, applying, { ...options, seen })
    },
    writeRecord: async (next) => writeRecord(next, seen, options),
    lease: async (holder) => takeLease(holder, options),
    preflight: (changes) => preflight(changes, options),
    resolveImage: async (reference) => {
      reach(options)
      const pin = world.images.get(reference)
      if (pin) return pin
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
  wanted: readonly ResourceId[],
  seen: Seen,
  options: MemoryTargetOptions,
): LiveState & { readonly record: TargetRecord | undefined } {
  reach(options)
  const { world } = options
  const ours = [...world.objects].filter(([id, object]) => ownerOf(id, object, options).who === 'us').map(([id]) => id)
  const of = new Map<ResourceId, Observed>()
  for (const id of new Set([...wanted, ...ours])) {
    const object = world.objects.get(id)
    if (object) seen.objects.set(id, object.version)
    of.set(id, object ? observed(id, object, options) : { state: 'absent' })
  }
  seen.record = world.recordVersion
  return { at: new Date(0), of, facts: new Map(), record: world.record && structuredClone(world.record) }
}

function observed(id: ResourceId, object: MemoryObject, options: MemoryTargetOptions): Observed {
  return {
    state: 'present',
    live: structuredClone(object.spec),
    owner: ownerOf(id, object, options),
    health: options.world.healthOf(id, object),
    version: String(object.version),
  }
}

async function applyChange(
  change: Change,
  applying: ApplyOptions,
  options: MemoryTargetOptions & { readonly seen: Seen },
): Promise<void> {
  try {
    applying.signal.throwIfAborted()
    await applying.guard()
    reach(options)
  } catch (error) {
    applying.mark(change.id, 'not-run', noteOf(error, applying.signal))
    return
  }
  applying.mark(change.id, 'started')
  try {
    perform(change, { ...options, record: applying.record })
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error
    const step = error.reason === 'TargetUnreachable' ? 'unknown' : 'failed'
    applying.mark(change.id, step, noteOf(error, applying.signal))
    return
  }
  applying.mark(change.id, 'applied')
}

function noteOf(error: unknown, signal: AbortSignal): StepNote {
  if (error instanceof ReconcileError) return { reason: error.reason, message: error.message }
  return { reason: signal.aborted ? 'Aborted' : 'TargetRefused', message: messageOf(error) }
}

function writeRecord(next: TargetRecord, seen: Seen, options: MemoryTargetOptions): void {
  reach(options)
  const { world, name } = options
  if (world.record && sameValue(world.record, next)) return
  write(world, `record ${name}`, () => {
    if (world.recordVersion !== seen.record) {
      throw new ReconcileError('VersionConflict', { message: `the record of ${name} was changed`, retryable: true })
    }
    world.record = structuredClone(next)
    world.recordVersion += 1
    seen.record = world.recordVersion
  })
}

/** A holder is one process: who takes it under the same name is its successor, and the older lease ends (rule 23). */
function takeLease(holder: string, options: MemoryTargetOptions): Lease {
  reach(options)
  const { world, name } = options
  if (world.holder !== undefined && world.holder !== holder) {
    throw new ReconcileError('LeaseHeld', { message: `${world.holder} writes to ${name} now`, retryable: true })
  }
  world.holder = holder
  world.leases += 1
  const mine = world.leases
  const isHeld = (): boolean => world.holder === holder && world.leases === mine
  return {
    check: async () => {
      if (isHeld()) return
      throw new ReconcileError('LeaseLost', { message: `${name}: another one writes now`, retryable: true })
    },
    release: async () => {
      if (isHeld()) world.holder = undefined
    },
  }
}
