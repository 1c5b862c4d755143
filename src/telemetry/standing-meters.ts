import { Counter, Gauge, type Registry } from 'prom-client'
import { alertSeverity } from '../lib/firing.ts'
import type { FleetStatus } from '../model/outcome.ts'

type Standing = Pick<FleetStatus, 'checks' | 'alerts'>

/** Standing checks and alerts. What is unknown has no series: it is neither up nor down. */
export function standingMeters(registry: Registry) {
  const registers = [registry]
  const failures = new Counter({
    name: 'swarmkeeper_check_failures_total',
    help: 'Attempts of the standing check that failed.',
    labelNames: ['app', 'check'],
    registers,
  })
  const counted = new Map<string, { readonly app: string; readonly check: string }>()
  return {
    /** After each attempt. */
    attempted: ({ app, check, ok }: { readonly app: string; readonly check: string; readonly ok: boolean }): void => {
      counted.set(JSON.stringify([app, check]), { app, check })
      failures.inc({ app, check }, ok ? 0 : 1)
    },
    /** Asked at every scrape from then on. */
    watchStanding: (read: () => Standing): void => {
      gauge(registers, { name: 'check_up', help: '1 while the standing check passes, 0 while it fails.' }, (set) => {
        const { checks = [] } = read()
        forgetGone(checks)
        for (const { app, name, state } of checks) {
          if (state !== 'unknown') set({ app, check: name }, state === 'passing' ? 1 : 0)
        }
      })
      const latency = { name: 'check_latency_seconds', help: 'How long the last attempt of the standing check took.' }
      gauge(registers, latency, (set) => {
        for (const { app, name, state, latencyMs } of read().checks ?? []) {
          if (state !== 'unknown' && latencyMs !== undefined) set({ app, check: name }, latencyMs / 1000)
        }
      })
      watchAlerts(registers, read)
    },
  }

  function forgetGone(checks: NonNullable<Standing['checks']>): void {
    const there = new Set(checks.map(({ app, name }) => JSON.stringify([app, name])))
    for (const [key, labels] of counted) {
      if (there.has(key)) continue
      failures.remove(labels)
      counted.delete(key)
    }
  }
}

type SetValue = (labels: { readonly app: string; readonly check: string }, value: number) => void

function gauge(
  registers: Registry[],
  { name, help }: { readonly name: string; readonly help: string },
  fill: (set: SetValue) => void,
): void {
  new Gauge({
    name: `swarmkeeper_${name}`,
    help,
    labelNames: ['app', 'check'],
    registers,
    collect() {
      this.reset()
      fill((labels, value) => this.set(labels, value))
    },
  })
}

/** What is not said any more does not count. An alert that concerns no app has an empty one. */
function watchAlerts(registers: Registry[], read: () => Standing): void {
  new Gauge({
    name: 'swarmkeeper_alerts_firing',
    help: 'Alerts that fire, by what Alertmanager sent.',
    labelNames: ['app', 'severity'],
    registers,
    collect() {
      this.reset()
      for (const { app = '', labels, stale } of read().alerts ?? []) {
        if (!stale) this.inc({ app, severity: alertSeverity(labels) })
      }
    },
  })
}
