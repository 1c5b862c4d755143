import type { CheckResult } from '../../src/model/check.ts'
import type { Shelf } from '../../src/model/shelf.ts'
import type { CheckState, StandingCheck } from '../../src/model/standing.ts'
import { createStandingChecks, type Declared, type StandingOptions } from '../../src/standing/standing-checks.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'

export const standing = (name: string, over: Partial<StandingCheck> = {}): StandingCheck => ({
  app: 'web',
  name,
  spec: {
    name: `Check/${name}`,
    probe: { type: 'tcp', host: 'db', port: 5432 },
    timeoutMs: 5_000,
    withinMs: 60_000,
    everyMs: 2_000,
  },
  intervalMs: 60_000,
  failAfter: { failures: 3, of: 3 },
  severity: 'critical',
  ...over,
})

const declaring = (checks: readonly StandingCheck[], over: Partial<Declared> = {}): Declared => ({
  checks,
  unread: new Set(),
  resting: new Set(),
  ...over,
})

export interface StandingWorld {
  readonly clock: FakeClock
  readonly shelf: Shelf<CheckState>
  /** Names of what was asked, with the second of the clock. */
  readonly asked: string[]
  readonly failures: unknown[]
  /** What the next attempts give; `ok` where it is not said. An error is thrown. */
  answer: (name: string, signal: AbortSignal) => Promise<CheckResult>
  declare(checks: readonly StandingCheck[], over?: Partial<Declared>): void
  checks(): readonly StandingCheck[]
  /** `passing`, or whatever it is. */
  state(name: string, app?: string): CheckState | undefined
  /** The process ends and begins again, with the same database. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export const good = (name: string): CheckResult => ({ name, ok: true, message: 'fine' })
export const bad = (name: string, message = 'it is down'): CheckResult => ({ name, ok: false, message })

export function standingWorld(options: Partial<StandingOptions> = {}): StandingWorld {
  const clock = createFakeClock()
  const shelf = createMemoryStore().shelf<CheckState>('standing')
  const asked: string[] = []
  const failures: unknown[] = []
  const make = () =>
    createStandingChecks({
      ...{ shelf, clock, random: () => 0.5 },
      runCheck: (spec, { signal }) => {
        asked.push(`${spec.name} at ${clock.monotonic() / 1000}`)
        return world.answer(spec.name, signal)
      },
      attempted: () => {},
      failed: (error) => void failures.push(error),
      ...options,
    })
  let made = make()
  let ending = new AbortController()
  let running = made.run(ending.signal)
  const stop = async (): Promise<void> => {
    ending.abort()
    await running
  }
  const world: StandingWorld = {
    ...{ clock, shelf, asked, failures, stop },
    answer: async (name) => good(name),
    declare: (checks, over) => made.declare(declaring(checks, over)),
    checks: () => made.checks(),
    state: (name, app = 'web') => shelf.get(`${app}/${name}`),
    restart: async () => {
      await stop()
      made = make()
      ending = new AbortController()
      running = made.run(ending.signal)
    },
  }
  return world
}
