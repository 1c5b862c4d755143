import type { Clock } from '../../model/clock.ts'
import { canonicalJson } from '../../model/digest.ts'
import type { Incident, IncidentBody, IncidentType } from '../../model/incident.ts'
import type { Message, Outbox } from '../../model/message.ts'
import type { Store } from '../../model/store.ts'
import type { Found } from './found.ts'

/**
 * An incident as it is kept (reliability.md 28):
 *
 *   (none) --seen--> suspect --seen at enough looks--> open --not seen--> resolved --five minutes--> (none)
 *   resolved --seen again--> open, quietly: what comes and goes is told once it stays
 */
export type KeptIncident =
  | { readonly state: 'suspect'; readonly incident: Incident; readonly looks: number; readonly countedAt: string }
  | {
      readonly state: 'open'
      readonly incident: Incident
      /** What was told of it; another one is told again. */
      readonly material: string
      /** ISO times. */
      readonly since: string
      readonly toldAt: string
      /** It was resolved a moment before: nothing is said of it until this time. */
      readonly quietUntil?: string
      readonly sinks: readonly string[]
    }
  | { readonly state: 'resolved'; readonly since: string; readonly resolvedAt: string }

type Open = Extract<KeptIncident, { state: 'open' }>

/** What a look can tell of: what it did not look at is as it was. */
interface Scope {
  covers(incident: Incident): boolean
  /** An attempt is under way in the app: whether it mends what failed is not known yet. */
  undecided(app: string): boolean
}

interface LedgerOptions {
  readonly store: Store
  readonly outbox: Outbox
  readonly clock: Clock
  /** Names of the sinks that hear of it: `chat:ops`. */
  readonly routes: (incident: Incident) => readonly string[]
}

interface Ledger {
  seen(found: readonly Found[], scope: Scope): void
}

const FLAP_MS = 300_000
/** Drift that is another one at each look is not told at each. */
const RETELL_MS = 300_000
/** Looks that follow each other at once, for something was just written, are one. */
const LOOK_GAP_MS = 5_000

export function createLedger({ store, outbox, clock, routes }: LedgerOptions): Ledger {
  const shelf = store.shelf<KeptIncident>('incident')
  const seen: Ledger['seen'] = (found, scope) => {
    const now = clock.now()
    const at = now.toISOString()
    const messages: Message<IncidentBody>[] = []
    const byKey = new Map(found.map((one) => [one.incident.key, one]))
    const kept = new Map(shelf.all().map(({ key, value }) => [key, value]))
    for (const [key, one] of byKey) {
      const known = kept.get(key)
      const next = nextOf(one, { known, now, sinks: routes })
      if (next.kept === known) continue
      if (known?.state !== 'open' && next.kept.state === 'open') shelf.drop(key)
      shelf.put(key, next.kept, at)
      if (next.told && next.kept.state === 'open') messages.push(...messagesOf(next.kept, { state: 'open' }))
    }
    for (const [key, known] of kept) {
      if (byKey.has(key)) continue
      const gone = goneOf(known, { scope, now })
      if (gone === known) continue
      if (gone === undefined) shelf.drop(key)
      else shelf.put(key, gone, at)
      if (known.state === 'open' && known.quietUntil === undefined) {
        messages.push(...messagesOf(known, { state: 'resolved', resolvedAt: at }))
      }
    }
    if (messages.length > 0) outbox.put(messages)
  }
  return { seen: (found, scope) => store.transaction(() => seen(found, scope)) }
}

interface Before {
  readonly known: KeptIncident | undefined
  readonly now: Date
  readonly sinks: LedgerOptions['routes']
}

function nextOf(found: Found, before: Before): { readonly kept: KeptIncident; readonly told: boolean } {
  const { known, now } = before
  if (known?.state === 'open') return nextOpen(found, known, now)
  if (known?.state === 'resolved' && now.getTime() - Date.parse(known.resolvedAt) < FLAP_MS) {
    const quietUntil = new Date(Date.parse(known.resolvedAt) + FLAP_MS).toISOString()
    return { kept: { ...opened(found, before), since: known.since, quietUntil }, told: false }
  }
  const looks = looksOf(known, now)
  if (known?.state === 'suspect' && looks === known.looks) return { kept: known, told: false }
  if (looks >= (found.looks ?? 1)) return { kept: opened(found, before), told: true }
  return { kept: { state: 'suspect', incident: found.incident, looks, countedAt: now.toISOString() }, told: false }
}

function looksOf(known: KeptIncident | undefined, now: Date): number {
  if (known?.state !== 'suspect') return 1
  return now.getTime() - Date.parse(known.countedAt) < LOOK_GAP_MS ? known.looks : known.looks + 1
}

function opened(found: Found, { now, sinks }: Pick<Before, 'now' | 'sinks'>): Open {
  const { incident } = found
  const at = now.toISOString()
  return { state: 'open', incident, material: materialOf(found), since: at, toldAt: at, sinks: sinks(incident) }
}

const materialOf = ({ incident, material }: Found): string => material ?? canonicalJson(incident)

function nextOpen(found: Found, known: Open, now: Date): { readonly kept: Open; readonly told: boolean } {
  const { quietUntil, ...rest } = known
  const material = materialOf(found)
  const at = now.toISOString()
  if (quietUntil !== undefined) {
    const told = Date.parse(quietUntil) <= now.getTime()
    return told ? { kept: { ...rest, incident: found.incident, material, toldAt: at }, told } : { kept: known, told }
  }
  if (material === known.material) return { kept: known, told: false }
  const soon = now.getTime() - Date.parse(known.toldAt) < RETELL_MS
  if (soon && !AT_ONCE.has(found.incident.type)) return { kept: known, told: false }
  return { kept: { ...known, incident: found.incident, material, toldAt: at }, told: true }
}

/** They change when a person, or a commit, changed something; what is live changes by itself. */
const AT_ONCE: ReadonlySet<IncidentType> = new Set([
  'failed',
  'held-back',
  'stalled',
  'guard',
  'invalid',
  'run',
  'budget',
])

/** Undefined: nothing is to be known of it any more. */
function goneOf(
  known: KeptIncident,
  { scope, now }: { readonly scope: Scope; readonly now: Date },
): KeptIncident | undefined {
  if (known.state === 'resolved') return now.getTime() - Date.parse(known.resolvedAt) < FLAP_MS ? known : undefined
  if (!scope.covers(known.incident)) return known
  if (known.state === 'suspect') return undefined
  const { incident, since, quietUntil } = known
  const { app, type } = incident
  if (app !== undefined && ENDS_PROVEN.has(type) && scope.undecided(app)) return known
  const resolvedAt = quietUntil === undefined ? now : new Date(Date.parse(quietUntil) - FLAP_MS)
  return { state: 'resolved', since, resolvedAt: resolvedAt.toISOString() }
}

/** What failed is mended when what follows it is proven, and not when it begins; drift is not judged while the app is written. */
const ENDS_PROVEN: ReadonlySet<IncidentType> = new Set(['failed', 'held-back', 'stalled', 'unhealthy', 'drift'])

function messagesOf(
  { incident, since, sinks }: Open,
  rest: Pick<IncidentBody, 'state' | 'resolvedAt'>,
): readonly Message<IncidentBody>[] {
  const body: IncidentBody = { incident, since, ...rest }
  const final = rest.state === 'resolved' || incident.severity === 'critical'
  return sinks.map((sink) => ({ sink, subject: `incident:${incident.key}`, body, final }))
}
