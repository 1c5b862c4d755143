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
  /** How each app fared last. */
  const ended = new Map<string, string>()
  const resolved = createStarts()
  const measureFrom = (since: number | undefined, told: (seconds: number) => void): void => {
    if (since !== undefined) told((clock.monotonic() - since) / 1000)
  }
  return {
    event: (event: EngineEvent): void => {
      switch (event.type) {
        case 'source:resolved':
          resolved.note(event.tick, clock.monotonic())
          made.stale.set(event.stale ? 1 : 0)
          if (!event.stale) made.sourceContact.set(clock.now().getTime() / 1000)
          return
        case 'target:observed':
          made.contact.set({ target: event.target }, clock.now().getTime() / 1000)
          measureFrom(resolved.of(event.tick), (seconds) => made.latency.set({ target: event.target }, seconds))
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
          const { outcome, steps } = event.outcome
          // A bake that is watched, a hold that is seen again at each look, is no further reconcile.
          const isSeenAgain = steps.length === 0 && outcome !== 'unchanged' && ended.get(event.app) === outcome
          ended.set(event.app, outcome)
          if (isSeenAgain) return void begun.delete(event.app)
          made.reconciles.inc({ app: event.app, outcome })
          measureFrom(begun.get(event.app), (seconds) => made.durations.observe({ outcome }, seconds))
          begun.delete(event.app)
          return
        }
        default:
      }
    },
    looked: (): void => {
      made.looks.inc()
      measureFrom(resolved.newest(), (seconds) => made.lookSeconds.observe(seconds))
    },
    keepOnly: async ({ apps, targets }: FleetStatus): Promise<void> => {
      const appNames = new Set(apps.map((app) => app.state.app))
      for (const app of ended.keys()) if (!appNames.has(app)) ended.delete(app)
      const targetNames = new Set(targets.map((target) => target.name))
      await Promise.all([
        ...[made.reconciles, made.changes, made.checks].map((meter) => forgetGone<'app'>(meter, 'app', appNames)),
        ...[made.contact, made.latency, made.unreachable].map((meter) => forgetGone(meter, 'target', targetNames)),
      ])
    },
    watchLoop: (state: () => LoopState): void => watchLoop([registry], state),
  }
}

/** Ticks overlap: each is measured from its own beginning. */
const MOST_STARTS = 32

function createStarts() {
  const starts = new Map<string, number>()
  return {
    note: (tick = '', at: number): void => {
      starts.delete(tick)
      starts.set(tick, at)
      const [oldest] = starts.keys()
      if (starts.size > MOST_STARTS && oldest !== undefined) starts.delete(oldest)
    },
    of: (tick = ''): number | undefined => starts.get(tick),
    newest: (): number | undefined => [...starts.values()].at(-1),
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
    looks: counter('looks_total', 'Looks at everything, with the plans that follow.', []),
    lookSeconds: new Histogram({
      name: 'swarmkeeper_look_duration_seconds',
      help: 'From the answer of the repository to the plans of all apps.',
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
