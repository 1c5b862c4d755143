import { ReconcileError } from '../model/error.ts'
import type { AppOutcome } from '../model/outcome.ts'
import type { Collaborators } from './engine.ts'
import { createLeasePool, type LeasePool } from './leases.ts'
import type { Look } from './look.ts'
import { isRollingBack } from './reconcile.ts'

/** An app that is being applied. */
interface Running {
  readonly outcome: Promise<AppOutcome>
  readonly revision: string
  /** Of what it is brought to: `DesiredApp.digest`. */
  readonly digest: string | undefined
  /** Ends its waiting; what is being written is written. */
  cancel(reason: ReconcileError): void
}

/**
 * What ticks share while apps of earlier ones are still being applied: one slot per app, and a bound over all of them
 * (architecture, section 2). A run that stands alone has its own.
 */
export interface Slots {
  readonly running: Map<string, Running>
  readonly leases: LeasePool
  /** Runs the body when one of the places is free. */
  use<T>(body: () => Promise<T>): Promise<T>
  /** One at a time: records of targets are written by whoever ends. */
  inTurn<T>(body: () => Promise<T>): Promise<T>
}

export function createSlots(engine: Pick<Collaborators, 'appsAtOnce' | 'holder'>): Slots {
  const places = createPlaces(engine.appsAtOnce)
  const turn = createPlaces(1)
  return { running: new Map(), leases: createLeasePool(engine.holder), use: places, inTurn: turn }
}

/**
 * A newer revision ends the waiting of apps that it changes, never of a rollback (rules 16, 20). Whoever was cancelled is
 * taken up by the next tick, which goes on from what was written.
 */
export function supersede(slots: Slots, look: Look, store: Collaborators['store']): void {
  for (const [app, running] of slots.running) {
    if (running.revision === look.revision || isRollingBack(store.app(app))) continue
    if (look.apps.get(app)?.digest === running.digest) continue
    const message = `${look.revision.slice(0, 12)} takes the place of ${running.revision.slice(0, 12)}`
    running.cancel(new ReconcileError('Superseded', { message }))
  }
}

function createPlaces(count: number): Slots['use'] {
  let free = count
  const waiting: (() => void)[] = []
  const take = async (): Promise<void> => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const give = (): void => {
    const next = waiting.shift()
    if (next) next()
    else free += 1
  }
  return async (body) => {
    await take()
    try {
      return await body()
    } finally {
      give()
    }
  }
}
