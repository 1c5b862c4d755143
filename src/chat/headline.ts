import type { Incident, IncidentBody, IncidentType } from '../model/incident.ts'
import { printable } from '../report/printable.ts'

const SIGNS = { critical: '🔴', warning: '🟠', info: '🔵' } as const
const RESOLVED = '🟢'

const TYPES: Readonly<Record<IncidentType, string>> = {
  drift: 'drift',
  failed: 'apply failed',
  'held-back': 'held back',
  stalled: 'stalled',
  unhealthy: 'unhealthy',
  'target-unreachable': 'target unreachable',
  'source-unreachable': 'repository unreachable',
  'suspension-ending': 'suspension ends',
  guard: 'waits for a person',
  invalid: 'invalid',
  budget: 'budget',
  alert: 'alert',
  check: 'check fails',
  run: 'run failed',
}

/** What is read on a locked telephone at night: how bad, which app, what. Plain, not yet escaped. */
export interface Headline {
  readonly sign: string
  /** `critical`, `resolved`. */
  readonly state: string
  readonly app?: string
  readonly title: string
}

export function headlineOf({ incident, state }: IncidentBody): Headline {
  const app = incident.app === undefined ? {} : { app: oneLine(incident.app) }
  const title = oneLine(withoutApp(incident))
  if (state === 'resolved') return { sign: RESOLVED, state: 'resolved', ...app, title }
  return { sign: SIGNS[incident.severity], state: incident.severity, ...app, title }
}

/** An app that the title begins with is not said twice. */
function withoutApp({ app, title, type }: Incident): string {
  const said = app !== undefined && title.startsWith(`${app}: `) ? title.slice(app.length + 2) : title
  return said.trim() === '' ? TYPES[type] : said
}

const oneLine = (text: string): string => printable(text.replace(/\s+/g, ' ').trim())

/** As one line of plain text. */
export const headlineText = ({ sign, state, app, title }: Headline): string =>
  `${sign} ${state} · ${app === undefined ? '' : `${app}: `}${title}`

/** Lines as they can be shown: no control signs, no signs that turn text around. */
export const shownLines = ({ lines }: Incident): readonly string[] =>
  lines.flatMap((text) => text.split(/\r?\n/)).map((line) => printable(line.replaceAll('\t', '  ')).trimEnd())

/** `34 min`, `2 h 5 min`, `3 d 4 h`: how long it lasted. */
export function lasted(since: string, until: string): string | undefined {
  const minutes = Math.round((Date.parse(until) - Date.parse(since)) / 60_000)
  if (!(minutes >= 0)) return undefined
  if (minutes < 60) return minutes === 0 ? 'less than a minute' : `${minutes} min`
  const [hours, days] = [Math.floor(minutes / 60), Math.floor(minutes / 1440)]
  return days > 0 ? `${days} d ${hours % 24} h` : `${hours} h ${minutes % 60} min`
}

/** Seconds since 1970, where the text is a time. */
export function unixOf(iso: string | undefined): number | undefined {
  const ms = Date.parse(iso ?? '')
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000)
}

export const AGAIN = 'may have been told before'
