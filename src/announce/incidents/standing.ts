import { alertSeverity } from '../../lib/firing.ts'
import type { Alert } from '../../model/alert.ts'
import type { Incident } from '../../model/incident.ts'
import type { CheckState, StandingCheck } from '../../model/standing.ts'
import type { Store } from '../../model/store.ts'
import { firingOf } from '../../standing/alerts.ts'
import { checkKey } from '../../standing/states.ts'
import type { Found } from './found.ts'

/** Standing checks and alerts come and go between the looks: no look tells of them, or that they are over. */
export const isOfStanding = ({ key }: Pick<Incident, 'key'>): boolean => /^(check|alert):/.test(key)

export interface StandingNow {
  readonly store: Pick<Store, 'shelf'>
  /** Those that are declared. */
  readonly checks: readonly StandingCheck[]
  readonly now: Date
}

/** What fails and fires now, and of which incidents that says something: what is unknown is not over. */
export function standingNow({ store, checks, now }: StandingNow): {
  readonly found: readonly Found[]
  covers(incident: Incident): boolean
} {
  const states = store.shelf<CheckState>('standing')
  const declared = new Map(checks.map((check) => [checkKey(check), check]))
  const known = states.all().map(({ key, value }) => ({ key, state: value, check: declared.get(key) }))
  const failing = known.flatMap(({ check, state }) => {
    return check && state.state === 'failing' ? [checkFound(check, state)] : []
  })
  // Of what cannot be read now nobody knows whether it is declared.
  const unknown = new Set(
    known.flatMap(({ key, check, state }) => (check && state.state !== 'unknown' ? [] : [`check:${key}`])),
  )
  const alerts = firingOf(store.shelf<Alert>('alert').all(), now)
  return {
    found: [...failing, ...alerts.map(alertFound)],
    covers: (incident) => isOfStanding(incident) && !unknown.has(incident.key),
  }
}

function checkFound(check: StandingCheck, { message, last }: CheckState): Found {
  const { app, name, severity } = check
  const bad = last.filter((ok) => !ok).length
  return {
    incident: {
      key: `check:${checkKey(check)}`,
      type: 'check',
      severity,
      app,
      title: `${app}: the check ${name} fails`,
      lines: [message, `${bad} of the last ${last.length} attempts failed`],
    },
    // What it answers is another text at each attempt.
    material: severity,
  }
}

/** Labels that the title says. */
const SAID: ReadonlySet<string> = new Set(['alertname', 'severity'])

function alertFound(alert: Alert): Found {
  const { fingerprint, labels, annotations, app, stale } = alert
  const severity = alertSeverity(labels)
  const name = labels.alertname ?? 'an alert without a name'
  const rest = Object.entries(labels).filter(
    ([label, value]) => !SAID.has(label) && !(label === 'app' && value === app),
  )
  return {
    incident: {
      key: `alert:${fingerprint}`,
      type: 'alert',
      severity,
      ...(app === undefined ? {} : { app }),
      title: `${app === undefined ? '' : `${app}: `}${name} ${stale ? 'may still fire: nobody says so any more' : 'fires'}`,
      lines: [...Object.values(annotations), rest.map(([label, value]) => `${label}=${value}`).join(', ')].filter(
        (line) => line !== '',
      ),
    },
    material: `${severity}${stale ? ', stale' : ''}`,
  }
}
