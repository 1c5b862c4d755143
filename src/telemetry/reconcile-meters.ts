import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../model/clock.ts'
import type { EngineEvent } from '../model/events.ts'
import type { LoopState } from '../model/loop.ts'
import type { FleetStatus } from '../model/outcome.ts'
import { forgetGone } from './forget-gone.ts'

const SECONDS = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1800]

/** What the loop does: reconciles, changes, ticks, contact. */
export function reconcileMeters(registry: Registry, clock: Clock) {
  const made = createMeters([registry])
  const begun = new Map<string, number>()
  let lookAt: number | undefined
  return {
    event: (event: EngineEvent): void => {
      switch (event.type) {
        case 'source:resolved':
          lookAt = clock.monotonic()
          made.stale.set(event.stale ? 1 : 0)
          if (!event.stale) made.sourceContact.set(clock.now().getTime() / 1000)
          return
        case 'target:observed':
          made.contact.set({ target: event.target }, clock.now().getTime() / 1000)
          if (lookAt !== undefined) made.latency.set({ target: event.target }, (clock.monotonic() - lookAt) / 1000)
          return
        case 'target:unreachable':
          made.unreachable.inc({ target: event.target })
          return
        case 'app:planned':
          begun.set(event.app, clock.monotonic())
          return
        case 'change':
          if (event.step !== 'started') made.changes.inc({ app: event.app, action: event.action, step: event.step })
          return
        case 'check':
          made.checks.inc({ app: event.app, result: event.result.ok ? 'passed' : 'failed' })
          return
        case 'app:done': {
          const { outcome } = event.outcome
          made.reconciles.inc({ app: event.app, outcome })
          const since = begun.get(event.app)
          if (since !== undefined) made.durations.observe({ outcome }, (clock.monotonic() - since) / 1000)
          begun.delete(event.app)
          return
        }
        default:
      }
    },
    ticked: ({ ms, ok }: { readonly ms: number; readonly ok: boolean }): void => {
      made.ticks.inc({ result: ok ? 'done' : 'failed' })
      made.tickSeconds.observe(ms / 1000)
    },
    keepOnly: async ({ apps, targets }: FleetStatus): Promise<void> => {
      const appNames = new Set(apps.map((app) => app.state.app))
      const targetNames = new Set(targets.map((target) => target.name))
      await Promise.all([
        ...[made.reconciles, made.changes, made.checks].map((meter) => forgetGone<'app'>(meter, 'app', appNames)),
        ...[made.contact, made.latency, made.unreachable].map((meter) => forgetGone(meter, 'target', targetNames)),
      ])
    },
    watchLoop: (state: () => LoopState): void => watchLoop([registry], state),
  }
}

function createMeters(registers: Registry[]) {
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter<L>({ name: `swarmkeeper_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge<L>({ name: `swarmkeeper_${name}`, help, labelNames, registers })
  return {
    reconciles: counter('reconciles_total', 'Reconciles of an app, by what became of them.', ['app', 'outcome']),
    durations: new Histogram({
      name: 'swarmkeeper_reconcile_duration_seconds',
      help: 'From the plan of an app to its outcome.',
      labelNames: ['outcome'],
      buckets: SECONDS,
      registers,
    }),
    changes: counter('changes_total', 'Changes of resources, by what became of them.', ['app', 'action', 'step']),
    checks: counter('checks_total', 'Checks of apps.', ['app', 'result']),
    ticks: counter('ticks_total', 'Ticks: one look at everything, and the plans that follow.', ['result']),
    tickSeconds: new Histogram({
      name: 'swarmkeeper_tick_duration_seconds',
      help: 'How long a tick took.',
      buckets: SECONDS,
      registers,
    }),
    stale: gauge('source_stale', '1 while the repository does not answer.'),
    sourceContact: gauge('source_last_contact_timestamp_seconds', 'When the repository answered last.'),
    contact: gauge('target_last_contact_timestamp_seconds', 'When the target answered last.', ['target']),
    latency: gauge('target_latency_seconds', 'How long the last look at the target took.', ['target']),
    unreachable: counter('target_unreachable_total', 'Looks at the target that failed.', ['target']),
  }
}

/** Asked at each scrape. */
function watchLoop(registers: Registry[], state: () => LoopState): void {
  const asked = (name: string, help: string, read: (now: LoopState) => number | undefined): void => {
    new Gauge({
      name: `swarmkeeper_${name}`,
      help,
      registers,
      collect() {
        const value = read(state())
        if (value !== undefined) this.set(value)
      },
    })
  }
  const seconds = (at: string | undefined) => (at === undefined ? undefined : Date.parse(at) / 1000)
  asked('queue_depth', 'Reconciles that were asked for and have not begun.', (now) => now.queued)
  asked('apps_running', 'Apps that are being applied.', (now) => now.running.length)
  asked('last_tick_timestamp_seconds', 'When the last tick ended.', (now) => seconds(now.lastTickAt))
  asked('tick_failed', '1 while the last tick failed.', (now) => (now.failure === undefined ? 0 : 1))
  asked('stopping', '1 while what is being applied is brought to its end.', (now) => (now.stopping ? 1 : 0))
}
