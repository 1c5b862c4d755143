import type { Clock } from '../model/clock.ts'
import type { Shelf } from '../model/shelf.ts'

export interface DeliveriesOptions {
  readonly shelf: Shelf<KeptDelivery>
  readonly clock: Clock
  readonly limits: DeliveryLimits
}

/** Of a delivery there are two: by its id, and by its body. */
export interface KeptDelivery {
  readonly event: string
}

export interface DeliveryLimits {
  /** Kept at most, and so long. GitHub delivers again what is at most three days old. */
  readonly deliveries: number
  readonly deliveryMs: number
  /** Between two looks for the sake of what was delivered before. */
  readonly againMs: number
}

interface Arrived {
  readonly event: string
  /** `X-GitHub-Delivery`: stays the same when somebody has it delivered again. */
  readonly id: string | undefined
  /** Of the body. The id is not signed: what was overheard may come again under a new one. */
  readonly signature: string
  /** What it asks for: one of each is enough for a while. */
  readonly asks: string
}

/** Deliveries that were seen before (SEC-16): they ask for a look at most, and never often. */
export interface Deliveries {
  /** `soon`: it was there before, and a look for its sake was asked for a moment ago. */
  seen(arrived: Arrived): 'new' | 'again' | 'soon'
}

export function createDeliveries({ shelf, clock, limits }: DeliveriesOptions): Deliveries {
  const soon = createOften(clock, limits.againMs)
  let arrived = 0
  return {
    seen: ({ event, id, signature, asks }) => {
      const keys = [...(id === undefined ? [] : [`id:${id}`]), `body:${signature}`]
      const known = keys.some((key) => shelf.get(key) !== undefined)
      const at = clock.now()
      for (const key of keys) shelf.put(key, { event }, at.toISOString())
      if (arrived++ % TRIM_EVERY === 0) trim(shelf, limits, at)
      if (!known) return 'new'
      return soon(asks) ? 'soon' : 'again'
    },
  }
}

/** Says whether the same was asked within the time before, and if not, counts it as asked now. */
function createOften(clock: Clock, withinMs: number): (what: string) => boolean {
  const asked = new Map<string, number>()
  return (what) => {
    const now = clock.monotonic()
    for (const [one, at] of asked) if (now - at >= withinMs) asked.delete(one)
    if (asked.has(what)) return true
    asked.set(what, now)
    return false
  }
}

/** So many more than are kept may be there for a while. */
const TRIM_EVERY = 100

function trim(shelf: Shelf<KeptDelivery>, limits: DeliveryLimits, now: Date): void {
  shelf.dropBefore(new Date(now.getTime() - limits.deliveryMs).toISOString())
  const tooMany = shelf.count() - limits.deliveries
  if (tooMany > 0) for (const { key } of shelf.all().slice(0, tooMany)) shelf.drop(key)
}
