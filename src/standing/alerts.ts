import type { Alert, SentAlert } from '../model/alert.ts'
import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { Kept, Shelf } from '../model/shelf.ts'

export interface AlertsOptions {
  /** `alert` */
  readonly shelf: Shelf<Alert>
  readonly clock: Clock
  /** Without a word for so long, what fired is unknown. Alertmanager says it again at each `repeat_interval`. */
  readonly staleAfterMs: number
  readonly most?: number
}

/** The app that an alert with these labels concerns. */
export type Placing = (labels: Alert['labels']) => string | undefined

/**
 * Alerts that were sent to us, by fingerprint:
 *
 *   (none) --firing--> firing --said again--> firing
 *   firing --resolved--> resolved --an hour--> (none)
 *   firing --not said again until `believedUntil`--> stale --a day--> (none); --firing--> firing
 *
 * The last word holds: the same one twice, or from two Alertmanagers, changes nothing.
 */
export interface Alerts {
  /** @throws ReconcileError `Aborted` where there are too many: whoever sent them sends them again. */
  take(sent: readonly SentAlert[], place: Placing): void
  /** After each look: what the rules and apps are by now, and nothing that is over for long. */
  place(place: Placing): void
}

const MOST = 2_000
const RESOLVED_MS = 3_600_000
const STALE_MS = 24 * 3_600_000

export function createAlerts({ shelf, clock, staleAfterMs, most = MOST }: AlertsOptions): Alerts {
  const sweep = (now: Date): void => {
    for (const { key, value } of shelf.all()) if (isOver(value, now)) shelf.drop(key)
  }
  return {
    take: (sent, place) => {
      const now = clock.now()
      sweep(now)
      const fires = new Set(shelf.all().flatMap(({ key, value }) => (value.status === 'firing' ? [key] : [])))
      const fresh = sent.filter(({ fingerprint, status }) => status === 'firing' && !fires.has(fingerprint)).length
      if (fresh > 0 && fires.size + fresh > most) throw tooMany(most)
      // What ended makes room: it is kept for those who read, and only while there is some.
      if (fresh > 0) forgetEnded(shelf, most - fires.size - fresh)
      for (const one of sent) {
        // That something ended of which nobody knew is no news.
        if (one.status === 'resolved' && !shelf.get(one.fingerprint)) continue
        shelf.put(one.fingerprint, placed(keptOf(one, now, staleAfterMs), place), now.toISOString())
      }
    },
    place: (place) => {
      const now = clock.now()
      sweep(now)
      for (const { key, value } of shelf.all()) {
        const next = placed(value, place)
        if (next.app !== value.app) shelf.put(key, next, now.toISOString())
      }
    },
  }
}

/** So many of those that ended stay, the latest of them. */
function forgetEnded(shelf: AlertsOptions['shelf'], most: number): void {
  const ended = shelf.all().filter(({ value }) => value.status === 'resolved')
  const oldest = [...ended].sort((a, b) => Date.parse(a.value.seenAt) - Date.parse(b.value.seenAt))
  for (const { key } of oldest.slice(0, Math.max(0, ended.length - most))) shelf.drop(key)
}

function keptOf(sent: SentAlert, now: Date, staleAfterMs: number): Alert {
  const latest = now.getTime() + staleAfterMs
  const end = Date.parse(sent.endsAt ?? '')
  const until = sent.status === 'firing' && end > now.getTime() ? Math.min(end, latest) : latest
  return { ...sent, seenAt: now.toISOString(), believedUntil: new Date(until).toISOString() }
}

function placed({ app: _app, ...alert }: Alert, place: Placing): Alert {
  const app = place(alert.labels)
  return { ...alert, ...(app === undefined ? {} : { app }) }
}

function isOver({ status, seenAt, believedUntil }: Alert, now: Date): boolean {
  if (status === 'resolved') return now.getTime() - Date.parse(seenAt) > RESOLVED_MS
  return now.getTime() - Date.parse(believedUntil) > STALE_MS
}

const tooMany = (most: number): ReconcileError =>
  new ReconcileError('Aborted', {
    message: `more than ${most} alerts fire at once: no more are kept`,
    todo: 'route fewer alerts to swarmkeeper, or let Alertmanager inhibit those that follow from others',
    retryable: true,
  })

/** Those that fire, or did when they were last heard of. */
export const firingOf = (kept: readonly Kept<Alert>[], now: Date): readonly Alert[] =>
  kept.flatMap(({ value }) => {
    if (value.status !== 'firing') return []
    return now.getTime() > Date.parse(value.believedUntil) ? [{ ...value, stale: true as const }] : [value]
  })
