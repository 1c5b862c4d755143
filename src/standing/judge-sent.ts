import { judgeFiring, matchFiring } from '../lib/firing.ts'
import type { Alert } from '../model/alert.ts'
import type { CheckResult } from '../model/check.ts'

export interface SentAlerts {
  /** Of `firingOf`. */
  readonly alerts: readonly Alert[]
  readonly none: Readonly<Record<string, string>>
  /** Somebody may send alerts to us: that none came says something only then. */
  readonly listening: boolean
}

/**
 * A probe `alerts` without a target, answered by what was sent to us. What is stale is not believed, and said. The label
 * `app` is the app that an alert concerns, where it has none itself.
 */
export function judgeSent(name: string, { alerts, none, listening }: SentAlerts): CheckResult {
  if (!listening) {
    const message = 'nobody can send alerts here: no token of the settings has the scope `alerts`'
    return { name, ok: false, message }
  }
  const labelled = alerts.map((alert) => ({
    ...alert,
    labels: { ...(alert.app === undefined ? {} : { app: alert.app }), ...alert.labels },
  }))
  const judged = judgeFiring(name, { firing: labelled.filter(({ stale }) => !stale), none })
  const unknown = matchFiring(
    labelled.filter(({ stale }) => stale),
    none,
  ).length
  if (!judged.ok || unknown === 0) return judged
  return { ...judged, message: `${judged.message}; of ${unknown} it is unknown: they were not said again for long` }
}
