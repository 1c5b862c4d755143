import type { SentAlert } from '../model/alert.ts'
import { digestOf } from '../model/digest.ts'
import { at } from './webhook-payload.ts'

/** Of one message; Alertmanager sends a group of alerts in one. */
const MOST_ALERTS = 1_000
const MOST_LABELS = 64
const LONGEST_NAME = 128
/** Texts of others are kept as far as somebody reads them. */
const LONGEST_LABEL = 512
const LONGEST_ANNOTATION = 2_048
/** Annotations that say something to a person; others are for other programs. */
const ANNOTATIONS = ['summary', 'description', 'message', 'runbook_url'] as const

export interface Message {
  readonly alerts: readonly SentAlert[]
  /** What is wrong with the first that cannot be read: one bad alert stops only itself (architecture, rule 19). */
  readonly wrong?: string
  /** How many Alertmanager left out (`max_alerts`). */
  readonly truncated: number
}

/**
 * Alertmanager's webhook JSON, version 4 (its `template.Data`): `{version, groupKey, status, receiver, groupLabels,
 * commonLabels, commonAnnotations, externalURL, truncatedAlerts, alerts: [{status, labels, annotations, startsAt, endsAt,
 * generatorURL, fingerprint}]}`. Addresses in it are not kept: nobody here follows them. A text: what is wrong with it.
 */
export function readMessage(payload: unknown): Message | string {
  const version = at(payload, 'version')
  if (version !== '4') return `the version is ${shown(version)}; Alertmanager's version "4" is understood`
  const alerts = at(payload, 'alerts')
  if (!Array.isArray(alerts)) return '`alerts` is no list'
  if (alerts.length > MOST_ALERTS)
    return `more than ${MOST_ALERTS} alerts in one message; see \`max_alerts\` of Alertmanager`
  const read = alerts.map(readAlert)
  const wrong = read.findIndex((one) => typeof one === 'string')
  const truncated = at(payload, 'truncatedAlerts')
  return {
    alerts: read.filter((one) => typeof one !== 'string'),
    ...(wrong >= 0 ? { wrong: `alerts[${wrong}]: ${read[wrong]}` } : {}),
    truncated: Number.isSafeInteger(truncated) ? Math.max(truncated as number, 0) : 0,
  }
}

function readAlert(alert: unknown): SentAlert | string {
  const [status, startsAt] = [at(alert, 'status'), timeOf(at(alert, 'startsAt'))]
  if (status !== 'firing' && status !== 'resolved') return `the status is ${shown(status)}, neither firing nor resolved`
  const labels = textsOf(at(alert, 'labels'))
  if (!labels) return `the labels are not ${MOST_LABELS} texts at most`
  if (startsAt === undefined) return '`startsAt` is no time'
  const said = textsOf(at(alert, 'annotations') ?? {}) ?? {}
  const endsAt = timeOf(at(alert, 'endsAt'))
  return {
    fingerprint: fingerprintOf(at(alert, 'fingerprint'), labels),
    ...{ status, startsAt },
    labels: clipped(Object.entries(labels), LONGEST_LABEL),
    annotations: clipped(
      ANNOTATIONS.flatMap((name) => (Object.hasOwn(said, name) ? [[name, said[name] ?? ''] as const] : [])),
      LONGEST_ANNOTATION,
    ),
    ...(endsAt === undefined ? {} : { endsAt }),
  }
}

/** Made by Alertmanager of the labels; old ones send none. Only what can be one becomes a key of the database. */
const fingerprintOf = (said: unknown, labels: Readonly<Record<string, string>>): string =>
  typeof said === 'string' && /^[0-9a-f]{1,32}$/i.test(said) ? said.toLowerCase() : digestOf(labels).slice(0, 16)

function textsOf(found: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined
  const entries = Object.entries(found)
  const sound = entries.every(([name, value]) => name.length <= LONGEST_NAME && typeof value === 'string')
  return sound && entries.length <= MOST_LABELS ? (found as Readonly<Record<string, string>>) : undefined
}

const clipped = (entries: readonly (readonly [string, string])[], longest: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    entries.map(([name, value]) => [name, value.length > longest ? `${value.slice(0, longest - 1)}…` : value]),
  )

/** Of one that fires it is the year 1: no end is known. */
function timeOf(found: unknown): string | undefined {
  const time = typeof found === 'string' && found.length <= 64 ? Date.parse(found) : Number.NaN
  return Number.isNaN(time) || time <= 0 ? undefined : new Date(time).toISOString()
}

const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : 'missing')
