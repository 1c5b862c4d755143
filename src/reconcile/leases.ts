import { ReconcileError } from '../model/error.ts'
import type { CallOptions, Lease, Target } from '../model/target.ts'

/** The right to write, taken at the first write to a target and given back at the end of the run (rule 23). */
export interface Leases {
  guard(target: string): Promise<void>
  release(): Promise<void>
}

export function createLeases(targets: ReadonlyMap<string, Target>, holder: string, options: CallOptions): Leases {
  const held = new Map<string, Promise<Lease>>()
  const take = (name: string): Promise<Lease> => {
    const target = targets.get(name)
    if (!target) throw new ReconcileError('NotFound', { message: `target '${name}' is not declared` })
    const lease = target.lease(holder, options)
    held.set(name, lease)
    // A lease that was refused is asked for again, not remembered.
    lease.catch(() => held.delete(name))
    return lease
  }
  return {
    guard: async (name) => {
      const lease = await (held.get(name) ?? take(name))
      await lease.check(options)
    },
    release: async () => {
      const leases = await Promise.allSettled(held.values())
      held.clear()
      await Promise.all(leases.map((lease) => (lease.status === 'fulfilled' ? giveBack(lease.value) : undefined)))
    },
  }
}

/** A target that was lost meanwhile keeps its lease until that is stale: what was done on it is known without it. */
async function giveBack(lease: Lease): Promise<void> {
  try {
    await lease.release()
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error
  }
}
