import type { AppOutcome, AppPlan, FleetOutcome, FleetPlan } from '../model/outcome.ts'
import { isAsDesired, isUnread, summarize, visibleChanges } from './count-changes.ts'
import { disturbance } from './describe-change.ts'
import { cell, fenced, folded } from './markdown.ts'
import { plainPaint } from './paint.ts'
import { shortRevision } from './printable.ts'
import { planDiff } from './pull-apps.ts'
import { departureWords } from './render-departures.ts'
import { renderAppOutcome, WORDS } from './render-outcome.ts'
import { countProblems, errorsOf, renderProblems, toldOnce } from './render-problems.ts'
import { type LostTarget, lostTargets, renderLostTargets, withoutLost } from './unknowns.ts'

/** A plan for a pull request: a table of apps, then a folded diff of each. Live values only of what is ours. */
export function renderPlanMarkdown(fleet: FleetPlan): readonly string[] {
  const lost = lostTargets(fleet.apps.map((app) => app.plan))
  const failed = fleet.problems.some((problem) => problem.severity === 'error')
  const busy = fleet.apps.filter((app) => !isAsDesired(app))
  const rows = busy.map((app) => `| ${cell(app.app)} | ${cell(summarize([app]))} | ${cell(attention(app))} |`)
  const detailed = busy
    .map((app) => ({ ...app, plan: { ...app.plan, held: withoutLost(app.plan.held, lost) } }))
    .filter((app) => !isAsDesired(app))
  return [
    `**Plan of ${cell(shortRevision(fleet.revision))}:** ${cell(summarize(fleet.apps, { failed }))}`,
    ...(fleet.stale ? ['', '> The repository could not be read: this is its last known state.'] : []),
    ...(rows.length > 0 ? ['', '| app | changes | attention |', '|---|---|---|', ...rows] : []),
    ...lostSection(lost),
    ...problemsSection(toldOnce(fleet.problems, fleet.apps)),
    ...detailed.flatMap(foldedApp),
  ]
}

function attention(app: AppPlan): string {
  const disturbed = visibleChanges(app.plan).filter((change) =>
    ['restarts', 'removed and created again'].includes(disturbance(change) ?? ''),
  )
  const data = app.plan.held.filter((held) => held.why === 'data')
  return [
    ...(app.blocked ? [`${isUnread(app) ? 'not planned' : 'waits'}: ${app.blocked.reason}`] : []),
    ...data.map((held) => `data: ${held.message}`),
    ...app.unfit.map(({ message, comesAfter }) =>
      comesAfter === undefined ? `cannot work: ${message}` : `after ${comesAfter.join(', ')}: ${message}`,
    ),
    ...(app.departures ?? []).map(departureWords),
    ...app.guards.map((guard) => `guard: ${guard.name}`),
    ...(disturbed.length > 0 ? [`disturbs ${disturbed.map((change) => change.id).join(', ')}`] : []),
  ].join('; ')
}

const foldedApp = (app: AppPlan): readonly string[] => ['', ...folded(cell(app.app), planDiff(app))]

function lostSection(lost: readonly LostTarget[]): readonly string[] {
  return lost.length === 0 ? [] : ['', ...fenced(renderLostTargets(lost, plainPaint), 'text')]
}

export function renderOutcomeMarkdown(fleet: FleetOutcome): readonly string[] {
  const rows = fleet.apps.map(
    (app) => `| ${cell(app.app)} | ${cell(WORDS[app.outcome])} | ${cell(app.message ?? '')} |`,
  )
  const detailed = fleet.apps.filter((app) => app.steps.length > 0 || app.diagnosis.length > 0)
  return [
    `**Outcome of ${cell(shortRevision(fleet.revision))}**`,
    ...(rows.length > 0 ? ['', '| app | outcome | why |', '|---|---|---|', ...rows] : []),
    ...problemsSection(errorsOf(fleet.problems)),
    ...detailed.flatMap(foldedOutcome),
  ]
}

const foldedOutcome = (app: AppOutcome): readonly string[] => [
  '',
  ...folded(cell(app.app), fenced(renderAppOutcome(app, plainPaint), 'text')),
]

function problemsSection(problems: FleetPlan['problems']): readonly string[] {
  if (problems.length === 0) return []
  return ['', `${countProblems(problems)}:`, '', ...fenced(renderProblems(problems, plainPaint), 'text')]
}
