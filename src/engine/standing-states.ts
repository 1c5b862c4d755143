import type { Alert } from '../model/alert.ts'
import type { FleetStatus } from '../model/outcome.ts'
import type { CheckState } from '../model/standing.ts'
import { firingOf } from '../standing/alerts.ts'
import { checkKey, knownStates } from '../standing/states.ts'
import type { View } from './view.ts'

/** What the daemon found by its standing checks, and what Alertmanager told it. */
export function standingStates({ store, look }: View): Pick<FleetStatus, 'checks' | 'alerts'> {
  const { standing, apps } = look.desired
  const shelf = store.shelf<CheckState>('standing')
  const now = look.live.at
  const declared = new Set(standing.map(checkKey))
  // Of an app that cannot be read now, the checks go on as they were declared.
  const unread = shelf.all().flatMap(({ key, value }) => {
    return !declared.has(key) && apps.get(value.app)?.broken ? [value] : []
  })
  const checks = [...knownStates(standing, { shelf, now }), ...unread]
  const alerts = firingOf(store.shelf<Alert>('alert').all(), now)
  return { ...(checks.length > 0 ? { checks } : {}), ...(alerts.length > 0 ? { alerts } : {}) }
}
