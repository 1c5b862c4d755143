import type { FieldDiff } from '../model/live.ts'
import type { AppPlan, FleetPlan, Widened } from '../model/outcome.ts'
import type { RevisionReport } from '../model/revision-report.ts'
import { isAsDesired, summarize } from './count-changes.ts'
import { cell, code, folded, shortCell } from './markdown.ts'
import { plural } from './printable.ts'
import { planAttention, planDiff, problemLines } from './pull-apps.ts'
import { planNotes } from './pull-notes.ts'
import { renderRevisionSection } from './revision-section.ts'
import { lostTargets, withoutLost } from './unknowns.ts'

/** A pull request as it was planned. */
export interface PullPlan {
  readonly install: string
  /** Commit of its head. */
  readonly head: string
  /** Commit of the tracked branch that the head was merged into. */
  readonly tip: string
  /** Undefined where there is none: it conflicts, it could not be read. */
  readonly plan?: FleetPlan
  /** Why there is no plan, in a sentence. */
  readonly failure?: string
  /** What else a person should know of how it was planned: of a fork nothing is compared with live. */
  readonly notes?: readonly string[]
  /** Prints the same plan again. */
  readonly command: string
}

/** The whole comment, without its marker: what happened after the merge stands above what was planned. */
export function renderPullComment({
  plan,
  report,
}: {
  readonly plan: string
  readonly report?: RevisionReport
}): string {
  if (!report) return plan
  return [renderRevisionSection(report), '', ...folded('The plan before the merge', plan.split('\n'))].join('\n')
}

/** Of the room; the rest is for diffs. */
const FOR_FIXED = 0.75

/** GitHub takes 65,536 characters; with what happened after the merge on top it stays below 60,000. */
const LONGEST_PLAN = 40_000

/** Rows of the table, and lines below each heading: fewer where they are long. */
const SIZES = [
  { rows: 100, lines: 10 },
  { rows: 40, lines: 5 },
  { rows: 15, lines: 2 },
] as const

/**
 * What a pull request would do, for the people who decide about it: a table of apps, what they must not overlook, then a
 * folded diff of each app. Of a long plan the biggest diffs are left out.
 */
export function renderPullPlan(pull: PullPlan, longest = LONGEST_PLAN): string {
  const { plan } = pull
  const head = [
    titleOf(pull),
    '',
    ...widenedLines(plan?.widened),
    ...(pull.notes ?? []).map((note) => `> ${cell(note)}`),
    ...gapAfter(pull.notes),
  ]
  if (!plan)
    return [...head, `**No plan:** ${cell(pull.failure ?? 'it could not be made')}`, '', ...footOf(pull)].join('\n')
  const shown = onlyOurs(plan)
  const busy = shown.apps.filter((app) => !isAsDesired(app))
  const failed = plan.problems.some(({ severity }) => severity === 'error')
  const fixedOf = ({ rows, lines }: (typeof SIZES)[number]): readonly string[] => [
    ...head,
    `**${cell(summarize(shown.apps, { failed }))}**`,
    ...tableOf(busy, rows),
    ...planNotes(shown, lines),
    ...problemLines(shown, lines * 5),
  ]
  const fits = SIZES.find((size) => lengthOf(fixedOf(size)) < longest * FOR_FIXED)
  const fixed = fixedOf(fits ?? SIZES[2])
  const foot = ['', ...footOf(pull)]
  const room = longest - lengthOf([...fixed, ...foot])
  return [...fixed, ...foldedDiffs(withoutLostTargets(shown, busy), room), ...foot].join('\n')
}

const MOST_WIDENED = 30
const KIND_OF: Readonly<Record<Widened['about'], string>> = { budget: 'Budget', agent: 'Agent', policy: 'Policy' }

/** Above everything: whoever wrote this may be one of the agents. */
function widenedLines(widened: readonly Widened[] = []): readonly string[] {
  if (widened.length === 0) return []
  const shown = widened.slice(0, MOST_WIDENED).map(({ about, name, message }) => {
    return `> - ${KIND_OF[about]} **${shortCell(name, LONGEST_NAME)}**: ${shortCell(message, LONGEST_CELL)}`
  })
  const more = widened.length - shown.length
  return [
    '> [!WARNING]',
    '> **This lets agents do or spend more, or edits what guards them:**',
    ...shown,
    ...(more > 0 ? [`> - and ${more} more`] : []),
    '',
  ]
}

const gapAfter = (notes: readonly string[] = []): readonly string[] => (notes.length > 0 ? [''] : [])

const titleOf = ({ install, head, tip }: PullPlan): string =>
  `### swarmkeeper ${cell(install)}: plan of ${cell(head.slice(0, 7))} merged into ${cell(tip.slice(0, 7))}`

const footOf = ({ command }: PullPlan): readonly string[] => [
  `<sub>The same plan again: ${code(command)}, or a comment that says ${code('/swarmkeeper plan')}.</sub>`,
]

const LONGEST_CELL = 160
const LONGEST_NAME = 80

function tableOf(busy: readonly AppPlan[], most: number): readonly string[] {
  if (busy.length === 0) return []
  const rows = busy.slice(0, most).map((app) => {
    return `| ${nameOf(app)} | ${cell(summarize([app]))} | ${shortCell(planAttention(app), LONGEST_CELL)} |`
  })
  const more = busy.length - rows.length
  const rest = more > 0 ? [`| … | ${plural(more, 'more app')} | |`] : []
  return ['', '| app | changes | attention |', '|---|---|---|', ...rows, ...rest]
}

/** In a comment a name stands for what is looked up elsewhere: it may be cut. */
const nameOf = ({ app }: Pick<AppPlan, 'app'>): string => shortCell(app, LONGEST_NAME)

/** What hangs on a target that did not answer is said once, for the target. */
function withoutLostTargets(plan: FleetPlan, busy: readonly AppPlan[]): readonly AppPlan[] {
  const lost = lostTargets(plan.apps.map((app) => app.plan))
  return busy
    .map((app) => ({ ...app, plan: { ...app.plan, held: withoutLost(app.plan.held, lost) } }))
    .filter((app) => !isAsDesired(app))
}

/** The biggest diffs are left out first, until the rest has room. */
function foldedDiffs(apps: readonly AppPlan[], room: number): readonly string[] {
  const diffs = apps.map((app) => {
    const lines = planDiff(app)
    const whole = ['', ...folded(`<b>${nameOf(app)}</b>: ${cell(summarize([app]))}`, lines)]
    return { app: app.app, whole, length: lengthOf(whole) }
  })
  const kept = new Set(diffs)
  let left = room - diffs.reduce((sum, { length }) => sum + length, 0)
  for (const diff of [...diffs].sort((a, b) => b.length - a.length)) {
    if (left >= 0) break
    kept.delete(diff)
    // The note that stands for all of them is about as long as this.
    left += diff.length - (kept.size === diffs.length - 1 ? LONGEST_NOTE : 0)
  }
  const out = diffs.filter((diff) => !kept.has(diff)).map(({ app }) => app)
  return [...diffs.flatMap((diff) => (kept.has(diff) ? diff.whole : [])), ...leftOut(out)]
}

const LONGEST_NOTE = 1_100
const MOST_NAMED = 10

function leftOut(apps: readonly string[]): readonly string[] {
  if (apps.length === 0) return []
  const named = apps.slice(0, MOST_NAMED).map((app) => shortCell(app, LONGEST_NAME))
  const more = apps.length > named.length ? ` and ${apps.length - named.length} more` : ''
  return [
    '',
    `> Too long for a comment, and left out: the ${apps.length === 1 ? 'diff' : 'diffs'} of ${named.join(', ')}${more}. The command below shows all of them.`,
  ]
}

const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length + 1, 0)

/** What somebody else owns is compared, and never shown (architecture, section 4). */
function onlyOurs(plan: FleetPlan): FleetPlan {
  const apps = plan.apps.map((app) => {
    const held = app.plan.held.map((entry) =>
      entry.why === 'conflict' && entry.diffs ? { ...entry, diffs: entry.diffs.map(withoutLive) } : entry,
    )
    return { ...app, plan: { ...app.plan, held } }
  })
  return { ...plan, apps }
}

const withoutLive = (diff: FieldDiff): FieldDiff =>
  diff.opaque || diff.from === undefined ? diff : { ...diff, from: '(not ours, not shown)' }
