import type { View } from '../../src/engine/view.ts'
import type { AppOutcome } from '../../src/model/outcome.ts'
import { createTicks, type Ticks } from '../../src/schedule/ticks.ts'
import type { TestFleet } from './fleet.ts'

/** A daemon's ticks over a fleet in memory, whose clock jumps on by itself as soon as everything waits. */
export interface Ticking {
  readonly ticks: Ticks
  readonly views: View[]
  readonly outcomes: AppOutcome[]
  readonly failures: unknown[]
  /** Called at each look, and may throw. */
  onLook: (view: View) => void
  /** Called at each failure, and may throw. */
  onFailure: (error: unknown) => void
  /** Waits, however long the machine takes, until it holds. */
  until(what: string, holds: () => boolean): Promise<void>
  stop(): Promise<void>
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export function startTicking(fleet: TestFleet, pollIntervalMs = 60_000, engine = fleet.collaborators()): Ticking {
  const stopped = new AbortController()
  const ticking: Ticking = {
    ticks: createTicks({
      engine,
      pollIntervalMs,
      hooks: {
        looked: (view) => {
          ticking.views.push(view)
          ticking.onLook(view)
        },
        ended: (outcome) => ticking.outcomes.push(outcome),
        failed: (error) => {
          ticking.failures.push(error)
          ticking.onFailure(error)
        },
      },
    }),
    views: [],
    outcomes: [],
    failures: [],
    onLook: () => {},
    onFailure: () => {},
    until: async (what, holds) => {
      const deadline = performance.now() + 20_000
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
  const running = ticking.ticks.run(stopped.signal)
  return ticking
}
