import { alertSeverity } from '../lib/firing.ts'
import type { Alert } from '../model/alert.ts'
import type { Severity } from '../model/incident.ts'
import type { FleetStatus } from '../model/outcome.ts'
import type { CheckState } from '../model/standing.ts'
import { ageOf } from './ages.ts'
import type { Paint } from './paint.ts'
import { oneLine, plural, printable, shorten } from './printable.ts'

type Standing = Pick<FleetStatus, 'checks' | 'alerts'>

/** Texts of others are as long as they like. */
const LONGEST = 200

/** Below the line of an app: checks of it that do not pass, alerts that concern it. Without one: what concerns no app of these. */
export function renderStandingOf(
  { checks = [], alerts = [] }: Standing,
  concerns: (app: string | undefined) => boolean,
  { now, paint }: { readonly now: Date; readonly paint: Paint },
): readonly string[] {
  return [
    ...checks
      .filter(({ app, state }) => concerns(app) && state !== 'passing')
      .map((check) => renderCheck(check, now, paint)),
    ...renderAlerts(
      alerts.filter(({ app }) => concerns(app)),
      { now, paint },
    ),
  ]
}

/** Of one app: in a storm the worst are shown, and how many more there are. */
const MOST_ALERTS = 20
const WORST_FIRST: readonly Severity[] = ['critical', 'warning', 'info']

function renderAlerts(
  alerts: readonly Alert[],
  { now, paint }: { readonly now: Date; readonly paint: Paint },
): readonly string[] {
  if (alerts.length <= MOST_ALERTS) return alerts.map((alert) => renderAlert(alert, now, paint))
  const worst = WORST_FIRST.flatMap((severity) => alerts.filter(({ labels }) => alertSeverity(labels) === severity))
  const shown = worst.slice(0, MOST_ALERTS)
  return [
    ...shown.map((alert) => renderAlert(alert, now, paint)),
    paint.careful(`! ${plural(alerts.length - shown.length, 'more alert')}: --format json has them all`),
  ]
}

function renderCheck({ name, state, since, message, at }: CheckState, now: Date, paint: Paint): string {
  const said = printable(shorten(message, LONGEST))
  if (state === 'failing') return `${paint.bad(`✗ check ${printable(name)} fails, ${begunWords(since, now)}`)}: ${said}`
  const made = at === undefined ? '' : `, made ${ageOf(at, now)}`
  return `${paint.careful(`? check ${printable(name)} is unknown`)}: ${said}${made}`
}

function renderAlert({ labels, annotations, startsAt, seenAt, stale }: Alert, now: Date, paint: Paint): string {
  const name = printable(shorten(labels.alertname ?? 'without a name', LONGEST))
  const summary = annotations.summary ?? annotations.description ?? annotations.message
  const said = summary === undefined ? '' : `: ${oneLine(shorten(summary, LONGEST))}`
  if (stale) return `${paint.careful(`? alert ${name} may still fire: last heard of ${ageOf(seenAt, now)}`)}${said}`
  const severity = alertSeverity(labels)
  const look = severity === 'critical' ? paint.bad : paint.careful
  return `${look(`! alert ${name} (${severity}) fires, ${begunWords(startsAt, now)}`)}${said}`
}

const begunWords = (at: string, now: Date): string => `begun ${ageOf(at, now)}`

/** How many pass: what passes is not listed. */
export function renderPassing({ checks = [] }: Standing, paint: Paint): readonly string[] {
  const count = checks.filter(({ state }) => state === 'passing').length
  if (checks.length === 0) return []
  const words = count === checks.length ? `${plural(count, 'check')} ${count === 1 ? 'passes' : 'pass'}` : undefined
  return [paint.quiet(words ?? `${count} of ${plural(checks.length, 'check')} ${count === 1 ? 'passes' : 'pass'}`)]
}
