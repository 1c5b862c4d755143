import type { AppReport, RevisionReport } from '../model/revision-report.ts'
import { cell, code, fenced, folded, shortCell } from './markdown.ts'
import { printable, shorten } from './printable.ts'
import { appStateOf, isDecided, revisionStateOf } from './report-state.ts'
import { appWords, revisionStatus } from './status-text.ts'

const MOST_ROWS = 40
const MOST_DETAILS = 5
const LONGEST_CELL = 120
const LONGEST_NAME = 60
const LONGEST_TODO = 240
/** Of the lines that tell why an app failed, over all apps. */
const MOST_LOG = 6_000

/** What happened to a revision of the tracked branch, for the pull request that it came from. */
export function renderRevisionSection(report: RevisionReport): string {
  const rows = Object.entries(report.apps).sort(([, a], [, b]) => rank(a) - rank(b))
  const failed = rows.filter(
    ([, app]) => appStateOf(app) === 'failure' || (app.word === 'waiting' && app.todo !== undefined),
  )
  return [
    `### ${SIGNS[revisionStateOf(report)]} Merged as ${cell(report.revision.slice(0, 7))}: ${cell(revisionStatus(report).description)}`,
    ...tableOf(rows),
    ...failed
      .slice(0, MOST_DETAILS)
      .flatMap(([name, app]) => detailsOf(name, app, MOST_LOG / Math.min(failed.length, MOST_DETAILS))),
  ].join('\n')
}

const SIGNS = { pending: '⏳', success: '✅', failure: '❌' } as const

const RANKS = { failure: 0, pending: 1, success: 2 } as const
const rank = (app: AppReport): number => RANKS[appStateOf(app)]

function tableOf(rows: readonly (readonly [string, AppReport])[]): readonly string[] {
  if (rows.length === 0) return []
  const shown = rows
    .slice(0, MOST_ROWS)
    .map(([name, app]) => `| ${shortCell(name, LONGEST_NAME)} | ${shortCell(appWords(app), LONGEST_CELL)} |`)
  const more = rows.length > shown.length ? [`| … | ${rows.length - shown.length} more |`] : []
  return ['', '| app | what became of it |', '|---|---|', ...shown, ...more]
}

function detailsOf(name: string, app: AppReport, room: number): readonly string[] {
  const log = lastLines(app.diagnosis, room)
  return [
    '',
    ...folded(`<b>${shortCell(name, LONGEST_NAME)}</b>: ${shortCell(appWords(app), LONGEST_CELL)}`, [
      ...(log.length > 0 ? fenced(log, 'text') : []),
      ...(app.running ? ['', ...runningLines(app.running)] : []),
      ...(app.todo === undefined ? [] : ['', `**Next:** ${shortCell(app.todo, LONGEST_TODO)}`]),
    ]).map((line, index) => (index === 0 && isDecided(app) ? line.replace('<details>', '<details open>') : line)),
  ]
}

/** The end of a log is where it says why it ended. */
function lastLines(lines: readonly string[], room: number): readonly string[] {
  const kept: string[] = []
  let left = room
  for (const line of [...lines].reverse().map(printable)) {
    left -= line.length + 1
    if (left < 0) break
    kept.unshift(line)
  }
  return kept
}

const MOST_IMAGES = 3
const LONGEST_IMAGE = 200

function runningLines({ revision, images }: NonNullable<AppReport['running']>): readonly string[] {
  const what = revision === undefined ? 'what was applied of it, for you to look at' : code(revision.slice(0, 12))
  const more = images.length > MOST_IMAGES ? [`- and ${images.length - MOST_IMAGES} more`] : []
  return [
    `**Runs now:** ${what}`,
    ...images.slice(0, MOST_IMAGES).map((image) => `- ${code(shorten(image, LONGEST_IMAGE))}`),
    ...more,
  ]
}
