import { InternalError, ReconcileError } from '../../model/error.ts'
import type { ResourceId } from '../../model/id.ts'
import { isStampless, type Kinds } from '../../model/kind.ts'
import type { Change } from '../../model/plan.ts'
import type { Recorded, Wanted } from '../../model/resource.ts'
import { refuseForeign, requireOurs } from './owner.ts'
import { type MemoryWorld, type Seen, write } from './world.ts'

export interface Effects {
  readonly install: string
  readonly world: MemoryWorld
  readonly kinds: Kinds
  readonly seen: Seen
  /** Ours: tells whose is what cannot carry a stamp. */
  readonly record: readonly Recorded[]
}

/** Performs a change on the world: whole, or not at all. */
export function perform(change: Change, options: Effects): void {
  const { world, kinds } = options
  const stamps = change.action === 'adopt' || change.action === 'move'
  // Nothing to write where a kind cannot carry a stamp: the target's record says it.
  if (stamps && isStampless(kinds.get(change.to.kind), change.to.spec)) unchangedMeanwhile(change.id, options)
  else write(world, `${change.action} ${change.id}`, () => effect(change, options))
}

function effect(change: Change, options: Effects): void {
  const { objects } = options.world
  switch (change.action) {
    case 'prune':
      requireOurs(change.id, options)
      if (objects.has(change.id)) unchangedMeanwhile(change.id, options)
      objects.delete(change.id)
      return
    case 'create':
      if (objects.has(change.id)) throw new ReconcileError('Conflict', { message: `${change.id} exists` })
      put(change.to, { restart: true, frees: [] }, options)
      return
    case 'replace':
      removable(change, options)
      put(change.to, { restart: true, frees: change.frees }, options)
      for (const id of change.frees) if (id !== change.id) objects.delete(id)
      return
    case 'update':
      refuseForeign(change.id, options)
      unchangedMeanwhile(change.id, options)
      put(change.to, { restart: change.diffs.some((diff) => diff.effect !== 'none'), frees: [] }, options)
      return
    case 'adopt':
    case 'move':
      stamp(change.to, options)
      return
    case 'unchanged':
      throw new InternalError(`an unchanged resource was applied: ${change.id}`)
  }
}

/** The old one goes first: it must be ours, unless the document takes over whatever there is. */
function removable(change: Change & { readonly action: 'replace' }, options: Effects): void {
  const adopted = change.to.handling.adopt === 'converge'
  if (adopted) refuseForeign(change.id, options)
  else requireOurs(change.id, options)
  for (const id of change.frees) {
    requireOurs(id, options)
    if (options.world.objects.has(id)) unchangedMeanwhile(id, options)
  }
}

function unchangedMeanwhile(id: ResourceId, { seen, world }: Effects): void {
  const object = world.objects.get(id)
  if (object && object.version === seen.objects.get(id)) return
  const what = object ? 'was changed' : 'was removed'
  throw new ReconcileError('VersionConflict', { message: `${id} ${what} since it was observed`, retryable: true })
}

function put(
  to: Wanted,
  how: { readonly restart: boolean; readonly frees: readonly ResourceId[] },
  options: Effects,
): void {
  const { install, world, seen } = options
  const known = world.objects.get(to.id)
  if (known) unchangedMeanwhile(to.id, options)
  portsAreFree(to, how.frees, options)
  const version = (known?.version ?? 0) + 1
  world.objects.set(to.id, {
    kind: to.kind,
    spec: structuredClone(to.spec),
    stamp: { install, app: to.app, digest: to.digest },
    version,
    starts: (known?.starts ?? 0) + (how.restart ? 1 : 0),
  })
  seen.objects.set(to.id, version)
}

function portsAreFree(to: Wanted, frees: readonly ResourceId[], { world, kinds }: Effects): void {
  const taken = takenPort(to, new Set(frees), { world, kinds })
  if (taken) throw new ReconcileError('TargetRefused', { message: taken })
}

type Ports = Pick<Effects, 'world' | 'kinds'>

function takenPort(to: Wanted, freed: ReadonlySet<ResourceId>, { world, kinds }: Ports): string | undefined {
  const portsOf = (kind: string, spec: unknown): readonly string[] => kinds.get(kind)?.ports?.(spec) ?? []
  const asked = new Set(portsOf(to.kind, to.spec))
  for (const [id, object] of world.objects) {
    const port = portsOf(object.kind, object.spec).find((held) => asked.has(held))
    if (port !== undefined && id !== to.id && !freed.has(id)) return `port ${port} is taken by ${id}`
  }
  return undefined
}

/** What cannot work: a port that something holds which this plan does not touch. */
export function preflight(
  changes: readonly Change[],
  options: Ports,
): readonly { readonly id: ResourceId; readonly message: string }[] {
  const touched = changes.flatMap((change) => [change.id, ...(change.action === 'replace' ? change.frees : [])])
  const freed = new Set(touched)
  return changes.flatMap((change) => {
    const places = change.action === 'create' || change.action === 'update' || change.action === 'replace'
    const message = places ? takenPort(change.to, freed, options) : undefined
    return message === undefined ? [] : [{ id: change.id, message }]
  })
}

function stamp(to: Wanted, options: Effects): void {
  const { install, world, seen } = options
  refuseForeign(to.id, options)
  unchangedMeanwhile(to.id, options)
  const known = world.objects.get(to.id)
  if (!known) return
  const version = known.version + 1
  world.objects.set(to.id, { ...known, stamp: { install, app: to.app, digest: to.digest }, version })
  seen.objects.set(to.id, version)
}
