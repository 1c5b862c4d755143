import type { AppReport, RevisionReport } from '../model/revision-report.ts'
import { plural, printable, shortRevision } from './printable.ts'
import { appStateOf, isUnreadApp, type ReportState, revisionStateOf } from './report-state.ts'

/** As GitHub takes them; with more it answers 422. */
const LONGEST_DESCRIPTION = 140

export interface StatusText {
  readonly state: ReportState
  /** At most 140 characters, and no times in it: it would be another one at each look (reliability.md 26). */
  readonly description: string
}

/** One line of how a revision goes, over all apps that it touches. */
export function revisionStatus(report: RevisionReport): StatusText {
  const state = revisionStateOf(report)
  return { state, description: statusLine(`${supersededWords(report.supersededBy)}${revisionWords(report)}`) }
}

/** One line of an app in a revision; `supersededBy`: the revision that took its place in this app. */
export function appStatus(app: AppReport, supersededBy?: string): StatusText {
  return { state: appStateOf(app), description: statusLine(`${supersededWords(supersededBy)}${appWords(app)}`) }
}

/** What commits between two that were looked at are told of the one that took their place. */
export function skippedStatus(report: RevisionReport): StatusText {
  const { state, description } = revisionStatus({ ...report, supersededBy: report.supersededBy ?? report.revision })
  return { state, description }
}

const supersededWords = (revision: string | undefined): string =>
  revision === undefined ? '' : `superseded by ${revision.slice(0, 7)}: `

function revisionWords({ apps, waits, unread, supersededBy }: RevisionReport): string {
  if (unread) return `could not be read: ${waits}`
  if (waits !== undefined && supersededBy === undefined) return `waits for a person: ${waits}`
  const all = Object.entries(apps)
  const [only] = all
  if (!only) return 'no app is touched'
  if (all.length === 1) return `${only[0]}: ${appWords(only[1])}`
  const unknown = all.reduce((sum, [, app]) => sum + app.unknown, 0)
  const notRead = all.filter(([, app]) => isUnreadApp(app))
  const rest = all.filter(([, app]) => !isUnreadApp(app))
  const applying = rest.some(([, { word }]) => word === 'pending')
  const count = (say: string, apps: Apps): readonly string[] =>
    applying && apps.length > MOST_NAMES ? [`more than ${MOST_NAMES} apps ${say}`] : countWords(say, apps, MOST_NAMES)
  return [
    ...count('could not be read', notRead),
    ...TROUBLES.flatMap(([say, word]) => (applying && WAITING.has(word) ? [] : count(say, named(rest, [word])))),
    ...calmWords(rest),
    ...(unknown > 0 && !applying ? [`${unknown} unknown`] : []),
  ].join(', ')
}

type Apps = readonly (readonly [string, AppReport])[]

/** What needs a look comes first, and has names. */
const TROUBLES: readonly (readonly [string, AppReport['word']])[] = [
  ['rolled back', 'rolled-back'],
  ['rolling back', 'rolling-back'],
  ['held back', 'held-back'],
  ['stalled', 'stalled'],
  ['failed', 'failed'],
  ['waiting', 'waiting'],
  ['suspended', 'suspended'],
  ['not to be seen', 'unknown'],
]

const ARRIVED: readonly (readonly [string, readonly AppReport['word'][]])[] = [
  ['proven', ['proven', 'healed']],
  ['as declared', ['unchanged']],
  ['left as a person decided', ['done']],
]

const MOST_NAMES = 3

/** As long as others are applied they are on their way like them. */
const WAITING: ReadonlySet<AppReport['word']> = new Set(['waiting', 'suspended', 'unknown'])

/** Counted together until the last one arrived: a line for each of 200 apps would be a flood. */
function calmWords(all: Apps): readonly string[] {
  const underWay = named(all, ['pending', 'applied'])
  if (underWay.length === 0) return ARRIVED.flatMap(([say, words]) => countWords(say, named(all, words), 0))
  const begun = underWay.every(([, { word }]) => word === 'applied')
  const waiting = begun ? [] : named(all, [...WAITING])
  const calm = [...underWay, ...waiting, ...ARRIVED.flatMap(([, words]) => named(all, words))]
  return [`${begun ? 'applied, baking:' : 'applying'} ${plural(calm.length, 'app')}`]
}

const named = (all: Apps, words: readonly AppReport['word'][]): Apps =>
  all.filter(([, { word }]) => words.includes(word))

function countWords(say: string, apps: Apps, names: number): readonly string[] {
  if (apps.length === 0) return []
  const listed = apps.length <= names ? ` (${apps.map(([name]) => name).join(', ')})` : ''
  return [`${plural(apps.length, 'app')} ${say}${listed}`]
}

const WORDS: Readonly<Record<AppReport['word'], string>> = {
  pending: 'applying',
  unchanged: 'as declared',
  applied: 'applied, baking',
  healed: 'as declared, drift was healed',
  done: 'left as a person decided',
  proven: 'proven',
  'rolled-back': 'rolled back',
  'rolling-back': 'rolling back, not done',
  'held-back': 'held back, for a person',
  failed: 'failed, and is tried again',
  stalled: 'stalled, for a person',
  waiting: 'waits',
  suspended: 'applied, not proven: suspended',
  unknown: 'not to be seen now',
}

export function appWords(app: AppReport): string {
  if (isUnreadApp(app)) return `could not be read: ${app.message}`
  const reason = app.word === 'done' ? undefined : app.reason
  const why = TELLS_WHY.has(app.word) ? [reason, app.message].filter((part) => part).join(': ') : ''
  const unknown = app.unknown > 0 && app.word !== 'unknown' ? `, ${app.unknown} unknown` : ''
  return `${WORDS[app.word]}${unknown}${why === '' ? '' : `: ${why}`}`
}

const TELLS_WHY: ReadonlySet<AppReport['word']> = new Set([
  'done',
  'rolled-back',
  'rolling-back',
  'held-back',
  'failed',
  'stalled',
  'waiting',
  'unknown',
])

/** What others wrote may tell the time of its failure, or how long it took. */
const TIMES =
  /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|(?<![\d.])\d\d:\d\d(?::\d\d(?:\.\d+)?)?\b|\b\d+(?:\.\d+)?\s?(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?|days?)\b/gi

/** One line that fits a status: no times, no control characters, 140 characters. */
export function statusLine(text: string): string {
  const line = printable(text.trim().replace(/\s+/g, ' ').replace(TIMES, '…'))
  const points = [...line.replace(/\b([0-9a-f]{40})\b/g, (commit) => shortRevision(commit))]
  return points.length <= LONGEST_DESCRIPTION
    ? points.join('')
    : `${points.slice(0, LONGEST_DESCRIPTION - 1).join('')}…`
}
