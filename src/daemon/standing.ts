import type { Announcer } from '../announce/announcer.ts'
import { alertmanagerRoutes } from '../api/alertmanager.ts'
import type { View } from '../engine/view.ts'
import type { Alert } from '../model/alert.ts'
import type { Kinds } from '../model/kind.ts'
import type { Log } from '../model/log.ts'
import type { CheckState, StandingCheck } from '../model/standing.ts'
import type { Target } from '../model/target.ts'
import type { Collaborators } from '../reconcile/engine.ts'
import type { Settings } from '../settings/settings.ts'
import { type Alerts, createAlerts, firingOf, type Placing } from '../standing/alerts.ts'
import { placingBy } from '../standing/place-alert.ts'
import { createStandingChecks, type Declared } from '../standing/standing-checks.ts'
import { checkKey, knownStates } from '../standing/states.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export interface StandingOptions {
  readonly settings: Pick<Settings, 'tokens' | 'alertsStaleAfterMs'>
  readonly engine: Pick<Collaborators, 'store' | 'clock' | 'random' | 'kinds' | 'runCheck'>
  readonly announcer: Pick<Announcer, 'onStanding'>
  readonly metrics: Pick<Metrics, 'attempted' | 'watchStanding'>
  readonly log: Log
}

/** What is known between the looks: standing checks, and alerts that are sent to us. */
export interface Standing {
  /** After each look at the fleet. */
  looked(view: View): void
  /** Takes alerts. */
  readonly webhook: ReturnType<typeof alertmanagerRoutes>
  /** Makes the checks, until the signal. */
  run(signal: AbortSignal): Promise<void>
}

export function createStanding({ settings, engine, announcer, metrics, log }: StandingOptions): Standing {
  const { store, clock, random } = engine
  const states = store.shelf<CheckState>('standing')
  const alertShelf = store.shelf<Alert>('alert')
  const alerts: Alerts = createAlerts({ shelf: alertShelf, clock, staleAfterMs: settings.alertsStaleAfterMs })
  let targets: ReadonlyMap<string, Target> = new Map()
  /** Whose an alert is, by the newest look; before the first one nobody knows, and nobody is told. */
  let place: Placing | undefined
  const tell = (): void => announcer.onStanding(checks.checks())
  const checks = createStandingChecks({
    ...{ shelf: states, clock, random },
    runCheck: (spec, { signal }) => engine.runCheck(spec, { signal, targets }),
    attempted: (check, { ok }) => {
      metrics.attempted({ app: check.app, check: check.name, ok })
      if (turned(check)) tell()
    },
    failed: (error) => log.error({ error }, 'what became of a standing check could not be kept'),
  })
  /** Its state is of this very attempt. */
  const turned = (check: StandingCheck): boolean => {
    const state = states.get(checkKey(check))
    if (state === undefined || state.since !== state.at) return false
    const { app, name, message } = state
    log[state.state === 'failing' ? 'warn' : 'info']({ app, check: name, message }, `check ${state.state}`)
    return true
  }
  metrics.watchStanding(() => {
    const now = clock.now()
    return { checks: knownStates(checks.checks(), { shelf: states, now }), alerts: firingOf(alertShelf.all(), now) }
  })
  return {
    looked: (view) => {
      targets = view.look.targets
      place = placingBy(view.look.desired)
      checks.declare(declaredIn(view, engine))
      alerts.place(place)
      tell()
    },
    webhook: alertmanagerRoutes({
      tokens: settings.tokens,
      take: (sent) => {
        store.transaction(() => alerts.take(sent, place ?? (() => undefined)))
        if (place) tell()
      },
      log,
    }),
    run: checks.run,
  }
}

function declaredIn(view: View, { clock, kinds }: Pick<Collaborators, 'clock' | 'kinds'>): Declared {
  const { desired } = view.look
  const unread = [...desired.apps.values()].filter(({ broken }) => broken)
  const resting = view.planned.filter((planned) => isResting(planned, view, { now: clock.now(), kinds }))
  return {
    checks: desired.standing,
    unread: new Set(unread.map(({ app }) => app)),
    resting: new Set(resting.map(({ app }) => app)),
  }
}

interface Resting {
  readonly now: Date
  readonly kinds: Kinds
}

/** Suspended by a person, or everything of it that runs stands still for a budget. */
function isResting({ app, goal }: View['planned'][number], { store }: View, { now, kinds }: Resting): boolean {
  const { suspension } = store.app(app)
  if (suspension && Date.parse(suspension.until) > now.getTime()) return true
  const runs = goal.wanted.filter(({ kind, spec }) => kinds.get(kind)?.suspend(spec) !== undefined)
  return runs.length > 0 && runs.every(({ id }) => goal.halted.has(id))
}
