import { Registry } from 'prom-client'
import type { Clock } from '../model/clock.ts'
import type { EngineEvent } from '../model/events.ts'
import type { LoopState } from '../model/loop.ts'
import type { Outbox } from '../model/message.ts'
import type { FleetStatus } from '../model/outcome.ts'
import { budgetMeters } from './budget-meters.ts'
import { callMeters, type OutgoingCall, type RateLimit } from './call-meters.ts'
import { processMeters } from './process-meters.ts'
import { reconcileMeters } from './reconcile-meters.ts'
import { runMeters } from './run-meters.ts'
import { standingMeters } from './standing-meters.ts'
import { statusMeters } from './status-meters.ts'
import { supervisorMeters } from './supervisor-meters.ts'

export interface MetricsOptions {
  readonly version: string
  /** `process.version` */
  readonly node: string
  readonly clock: Clock
}

/** Counts and measures for Prometheus, in a registry of its own. Told from outside; asks only when it is scraped. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
  /** Of the engine, as it happens. */
  event(event: EngineEvent): void
  /** After each look: gauges per app and target; series of what is gone vanish. */
  look(status: FleetStatus): void
  /** Asked at every scrape from then on. */
  watchLoop(state: () => LoopState): void
  watchOutbox(outbox: Pick<Outbox, 'depth' | 'oldest'>): void
  /** An answer of somebody else's API, or none. */
  called(call: OutgoingCall): void
  rateLimit(limit: RateLimit): void
  /** A message of the outbox left, or did not. */
  sent(sink: string, state: 'sent' | 'later' | 'refused'): void
  /** Standing checks and alerts: after each attempt, and at every scrape. */
  attempted(of: { readonly app: string; readonly check: string; readonly ok: boolean }): void
  watchStanding(read: () => Pick<FleetStatus, 'checks' | 'alerts'>): void
  /** A request of our own API was answered. */
  requested(of: { readonly route: string; readonly method: string; readonly status: number }): void
  /** Stops to watch the event loop. */
  dispose(): void
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry()
  const own = processMeters(registry, options)
  const reconciles = reconcileMeters(registry, options.clock)
  const status = statusMeters(registry)
  const supervisors = supervisorMeters(registry)
  const budgets = budgetMeters(registry)
  const standing = standingMeters(registry)
  const runs = runMeters(registry)
  const calls = callMeters(registry, options.clock)
  let tidied = Promise.resolve()
  return {
    contentType: registry.contentType,
    text: async () => {
      await tidied
      return registry.metrics()
    },
    event: (event) => {
      reconciles.event(event)
      runs.event(event)
    },
    look: (now) => {
      status.look(now)
      supervisors.look(now)
      budgets.look(now)
      reconciles.looked()
      tidied = tidied.then(async () => void (await Promise.all([reconciles.keepOnly(now), runs.keepOnly(now)])))
    },
    watchLoop: reconciles.watchLoop,
    ...calls,
    ...standing,
    dispose: own.dispose,
  }
}
