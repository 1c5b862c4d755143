import type { Clock } from '../model/clock.ts'
import type { Shelf } from '../model/shelf.ts'
import type { Store } from '../model/store.ts'
import { isLane, type Lane, type LastSent } from './lane.ts'

/** The two shelves of the outbox. Everything here may throw: the database is locked, or its disk full. */
export interface Lanes {
  lane(sink: string, subject: string): Lane
  /** An empty one is dropped. */
  keep(lane: Lane): void
  /** Oldest first, with the ISO time of its first waiting message. */
  all(): readonly { readonly at: string; readonly lane: Lane }[]
  count(): number
  lastSent(sink: string, subject: string): LastSent | undefined
  remember(lane: Pick<Lane, 'sink' | 'subject'>, sent: LastSent): void
  /** Forgets what was last sent before this ISO time; gives of how many subjects. */
  forgetSent(before: string): number
  together<T>(body: () => T): T
}

/** A subject may hold anything, a sink no space. */
const keyOf = (sink: string, subject: string): string => `${sink} ${subject}`

export function createLanes({ store, clock }: { readonly store: Store; readonly clock: Clock }): Lanes {
  const outbox: Shelf<Lane> = store.shelf('outbox')
  const sent: Shelf<LastSent> = store.shelf('sent')
  const now = (): string => clock.now().toISOString()
  return {
    lane: (sink, subject) => {
      const lane = outbox.get(keyOf(sink, subject))
      return isLane(lane) ? lane : { sink, subject, waiting: [] }
    },
    keep: (lane) => {
      const key = keyOf(lane.sink, lane.subject)
      if (lane.waiting.length > 0) outbox.put(key, lane, now())
      else outbox.drop(key)
    },
    all: () => outbox.all().flatMap(({ at, value }) => (isLane(value) ? [{ at, lane: value }] : [])),
    count: () => outbox.count(),
    lastSent: (sink, subject) => sent.get(keyOf(sink, subject)),
    remember: ({ sink, subject }, last) => {
      const key = keyOf(sink, subject)
      // Put anew: its time is that of the last message, not of the first.
      sent.drop(key)
      sent.put(key, last, now())
    },
    forgetSent: (before) => sent.dropBefore(before),
    together: (body) => store.transaction(body),
  }
}
