import type { ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Observed } from '../model/live.ts'
import type { Recorded } from '../model/resource.ts'
import { kindOf } from './decide.ts'

export interface Holder {
  readonly id: ResourceId
  readonly kind: string
  readonly from: Recorded | undefined
}

/** Ports that a thing may hold now: by the record, and by live, for a kill can come between a write and its record. */
export function portsHeld(
  { id, kind, from }: Holder,
  { kinds, live }: { readonly kinds: Kinds; readonly live: ReadonlyMap<ResourceId, Observed> },
): ReadonlySet<string> {
  const { ports } = kindOf(kinds, kind)
  if (!ports) return new Set()
  const observed = live.get(id)
  const now = observed?.state === 'present' ? ports(observed.live) : []
  return new Set([...now, ...(from ? ports(from.spec) : [])])
}
