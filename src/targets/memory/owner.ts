import type { Digest } from '../../model/digest.ts'
import { ReconcileError } from '../../model/error.ts'
import type { ResourceId } from '../../model/id.ts'
import { isStampless, type Kinds } from '../../model/kind.ts'
import type { Owner } from '../../model/live.ts'
import type { Recorded } from '../../model/resource.ts'
import type { MemoryObject, MemoryWorld } from './world.ts'

export interface OwnerContext {
  readonly install: string
  readonly world: MemoryWorld
  readonly kinds: Kinds
}

/** Of what is stamped once and never again, the record is the newer word (rule 8). */
export function ownerOf(id: ResourceId, object: MemoryObject, { install, world, kinds }: OwnerContext): Owner {
  if (object.stamp && object.stamp.install !== install) return { who: 'other', install: object.stamp.install }
  const recorded = world.record?.unstamped[id]
  const known = isStampless(kinds.get(object.kind), object.spec)
    ? (recorded ?? object.stamp)
    : (object.stamp ?? recorded)
  return known ? { who: 'us', app: known.app, digest: known.digest as Digest } : { who: 'nobody' }
}

/** What is another install's is never touched, whatever the plan says. */
export function refuseForeign(id: ResourceId, context: OwnerContext): void {
  const object = context.world.objects.get(id)
  const owner = object && ownerOf(id, object, context)
  if (owner?.who !== 'other') return
  throw new ReconcileError('Conflict', { message: `${id}: it belongs to the install '${owner.install}'` })
}

/** A removal needs a mark of ours; of what cannot carry one, our own record is enough (rule 8). */
export function requireOurs(id: ResourceId, context: OwnerContext & { readonly record: readonly Recorded[] }): void {
  refuseForeign(id, context)
  const object = context.world.objects.get(id)
  if (!object || ownerOf(id, object, context).who === 'us') return
  const recorded = context.record.some((one) => one.id === id && one.state !== 'intended')
  if (recorded && isStampless(context.kinds.get(object.kind), object.spec)) return
  throw new ReconcileError('Conflict', { message: `${id}: it carries no mark of ours, so it is not removed` })
}
