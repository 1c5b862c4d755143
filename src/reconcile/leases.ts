import { ReconcileError } from '../model/error.ts'
import type { CallOptions, Lease, Target } from '../model/target.ts'

/** The right to write, taken at the first write to a target and given back at the end of the run (rule 23). */
export interface Leases {
  guard(target: string): Promise<void>
  release(): Promise<void>
}

/** Leases of one process: runs that overlap share them, and the last one gives each back. */
export interface LeasePool {
  join(targets: ReadonlyMap<string, Target>, options: CallOptions): Leases
}

interface Held {
  readonly lease: Promise<Lease>
  readonly users: Set<object>
}

export function createLeasePool(holder: string): LeasePool {
  const held = new Map<Target, Held>()
  const take = (target: Target, options: CallOptions): Held => {
    const taken: Held = { lease: target.lease(holder, options), users: new Set() }
    held.set(target, taken)
    // A lease that was refused is asked for again, not remembered.
    taken.lease.catch(() => held.get(target) === taken && held.delete(target))
    return taken
  }
  return {
    join: (targets, options) => {
      const user = {}
      return {
        guard: async (name) => {
          const target = targets.get(name)
          if (!target) throw new ReconcileError('NotFound', { message: `target '${name}' is not declared` })
          const { lease, users } = held.get(target) ?? take(target, options)
          users.add(user)
          await (await lease).check(options)
        },
        release: async () => {
          const mine = [...held].filter(([, { users }]) => users.delete(user) && users.size === 0)
          for (const [target] of mine) held.delete(target)
          const leases = await Promise.allSettled(mine.map(([, { lease }]) => lease))
          await Promise.all(leases.map((lease) => (lease.status === 'fulfilled' ? giveBack(lease.value) : undefined)))
        },
      }
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
