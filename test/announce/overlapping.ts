import { createAnnouncer } from '../../src/announce/announcer.ts'
import { createTicks, type Ticks } from '../../src/schedule/ticks.ts'
import type { TestFleet } from '../support/fleet.ts'
import { createTestOutbox, type TestOutbox } from '../support/outbox.ts'

/** A daemon's own ticks, which overlap, announced as it does it. */
export interface Overlapping {
  readonly outbox: TestOutbox
  readonly ticks: Ticks
  readonly failures: readonly unknown[]
  /** The revision that was looked at last. */
  readonly seen: () => string | undefined
  until(what: string, holds: () => boolean): Promise<void>
  stop(): Promise<void>
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export function overlapping(fleet: TestFleet, outbox: TestOutbox = createTestOutbox()): Overlapping {
  const stopped = new AbortController()
  const failures: unknown[] = []
  let seen: string | undefined
  const announcer = createAnnouncer({
    store: fleet.store,
    outbox,
    clock: fleet.clock,
    install: 'test',
    github: true,
    between: async () => [],
    routes: () => ['chat:ops'],
  })
  announcer.sweep()
  const ticks = createTicks({
    engine: fleet.collaborators(),
    pollIntervalMs: 60_000,
    hooks: {
      looked: (view) => {
        announcer.onLook(view)
        seen = view.look.revision
      },
      ended: announcer.onOutcome,
      ticked: announcer.onTickEnd,
      failed: (error) => failures.push(error),
    },
  })
  const running = ticks.run(stopped.signal)
  return {
    outbox,
    ticks,
    failures,
    seen: () => seen,
    until: async (what, holds) => {
      const deadline = performance.now() + 30_000
      while (!holds()) {
        if (performance.now() > deadline) throw new Error(`never: ${what}`)
        await turn()
      }
    },
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}
