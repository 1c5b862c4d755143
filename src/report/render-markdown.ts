import { type AppOutcome, type AppPlan, commandOf, type FleetOutcome, type FleetPlan } from '../model/outcome.ts'
import type { Change } from '../model/plan.ts'
import { summarize, visibleChanges } from './count-changes.ts'
import { aside, describeDiff, disturbance, SYMBOLS } from './describe-change.ts'
import { plainPaint } from './paint.ts'
import { printable, shortRevision } from './printable.ts'
import { renderAppOutcome, WORDS } from './render-outcome.ts'
import { countProblems, renderProblems } from './render-problems.ts'

/** A plan for a pull request: a table of apps, then a folded diff of each. Live values only of what is ours. */
export function renderPlanMarkdown(fleet: FleetPlan): readonly string[] {
  const busy = fleet.apps.filter(
    (app) => summarize([app.plan]) !== 'nothing to do' || app.blocked || app.guards.length > 0,
  )
  const rows = busy.map((app) => `| ${cell(app.app)} | ${cell(summarize([app.plan]))} | ${cell(attention(app))} |`)
  return [
    `**Plan of ${cell(shortRevision(fleet.revision))}:** ${cell(summarize(fleet.apps.map((app) => app.plan)))}`,
    ...(fleet.stale ? ['', '> The repository could not be reached: this is its last known state.'] : []),
    ...(rows.length > 0 ? ['', '| app | changes | attention |', '|---|---|---|', ...rows] : []),
    ...problemsSection(fleet.problems),
    ...busy.flatMap(foldedApp),
  ]
}

function attention(app: AppPlan): string {
  const disturbed = visibleChanges(app.plan).filter((change) =>
    ['restarts', 'removed and created again'].includes(disturbance(change) ?? ''),
  )
  const data = app.plan.held.filter((held) => held.why === 'data')
  return [
    ...(app.blocked ? [`waits: ${app.blocked.reason}`] : []),
    ...data.map((held) => `data: ${held.message}`),
    ...app.unfit.map((unfit) => `cannot work: ${unfit.message}`),
    ...app.guards.map((guard) => `guard: ${guard.name}`),
    ...(disturbed.length > 0 ? [`disturbs ${disturbed.map((change) => change.id).join(', ')}`] : []),
  ].join('; ')
}

function foldedApp(app: AppPlan): readonly string[] {
  const lines = [
    ...visibleChanges(app.plan).flatMap(changeLines),
    ...app.plan.held.map((held) => `! ${held.id}  ${held.why}: ${printable(held.message)}`),
    ...app.guards.map((guard) => `! guard: ${printable(guard.message)}: ${commandOf(guard)}`),
  ]
  return ['', `<details><summary>${cell(app.app)}</summary>`, '', ...fenced(lines, 'diff'), '', '</details>']
}

function changeLines(change: Change): readonly string[] {
  const notes = [change.cause === 'revision' ? undefined : change.cause, disturbance(change), aside(change)]
  const tail = notes.filter((note) => note).join(', ')
  const hideLive = change.action === 'adopt'
  return [
    `${SYMBOLS[change.action]} ${change.id}${tail === '' ? '' : `  ${tail}`}`,
    ...change.diffs.map((diff) => `    ${describeDiff(diff, { hideLive })}`),
  ]
}

export function renderOutcomeMarkdown(fleet: FleetOutcome): readonly string[] {
  const rows = fleet.apps.map(
    (app) => `| ${cell(app.app)} | ${cell(WORDS[app.outcome])} | ${cell(app.message ?? '')} |`,
  )
  const detailed = fleet.apps.filter((app) => app.steps.length > 0 || app.diagnosis.length > 0)
  return [
    `**Outcome of ${cell(shortRevision(fleet.revision))}**`,
    ...(rows.length > 0 ? ['', '| app | outcome | why |', '|---|---|---|', ...rows] : []),
    ...problemsSection(fleet.problems),
    ...detailed.flatMap(foldedOutcome),
  ]
}

const foldedOutcome = (app: AppOutcome): readonly string[] => [
  '',
  `<details><summary>${cell(app.app)}</summary>`,
  '',
  ...fenced(renderAppOutcome(app, plainPaint), 'text'),
  '',
  '</details>',
]

function problemsSection(problems: FleetPlan['problems']): readonly string[] {
  if (problems.length === 0) return []
  return ['', `${countProblems(problems)}:`, '', ...fenced(renderProblems(problems, plainPaint), 'text')]
}

/** A fence longer than any in the text: nothing that is written in a repository can leave it. */
function fenced(lines: readonly string[], language: string): readonly string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map((ticks) => ticks.length)))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}${language}`, ...lines, fence]
}

/** Text of others in a table or heading: no markup, no mentions, no links. */
const cell = (text: string): string =>
  printable(text)
    .replace(/[\\`*_{}[\]()#+!|<>~&]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll('@', '@\u200b')
    .replaceAll('://', ':&#47;/')
