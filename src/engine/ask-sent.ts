import type { Alert } from '../model/alert.ts'
import type { CheckResult, CheckSpec } from '../model/check.ts'
import type { Clock } from '../model/clock.ts'
import type { Store } from '../model/store.ts'
import type { Settings } from '../settings/settings.ts'
import { firingOf } from '../standing/alerts.ts'
import { judgeSent } from '../standing/judge-sent.ts'

export interface SentContext {
  readonly store: Pick<Store, 'shelf'>
  readonly clock: Clock
  readonly settings: Pick<Settings, 'tokens'>
}

/** A check of alerts without a target is answered by what Alertmanager told the daemon; undefined: it asks something else. */
export function askSent({ name, probe }: CheckSpec, { store, clock, settings }: SentContext): CheckResult | undefined {
  if (probe.type !== 'alerts' || probe.target !== undefined) return undefined
  const alerts = firingOf(store.shelf<Alert>('alert').all(), clock.now())
  const listening = settings.tokens.some(({ scopes }) => scopes.includes('alerts') || scopes.includes('admin'))
  return judgeSent(name, { alerts, none: probe.none, listening })
}
