import type { AppPlan, FleetPlan } from '../model/outcome.ts'
import { isUnread, visibleChanges } from './count-changes.ts'
import { disturbance } from './describe-change.ts'
import { cell, fenced } from './markdown.ts'
import { plainPaint } from './paint.ts'
import { plural } from './printable.ts'
import { departureWords } from './render-departures.ts'
import { renderAppPlan } from './render-plan.ts'
import { countProblems, renderProblems, toldOnce } from './render-problems.ts'

/** What a person should look at in an app, worst first, in few words. */
export function planAttention(app: AppPlan): string {
  const { blocked, unfit, guards, departures = [], plan } = app
  const disturbs = (word: string): number =>
    visibleChanges(plan).filter((change) => disturbance(change) === word).length
  const count = (many: number, words: string): readonly string[] => (many === 0 ? [] : [`${many} ${words}`])
  const held = (why: string): number => plan.held.filter((entry) => entry.why === why).length
  return [
    ...(blocked ? [`${isUnread(app) ? 'not planned' : 'waits'}: ${blocked.reason}`] : []),
    ...(held('data') > 0 ? ['blocked: data would be left behind'] : []),
    ...unfit.filter(({ comesAfter }) => comesAfter === undefined).map(({ message }) => `cannot work: ${message}`),
    ...count(held('conflict'), 'in conflict'),
    ...guards.map(({ name }) => `guard ${name}`),
    ...departures.map(departureWords),
    ...count(disturbs('removed and created again'), 'removed and created again'),
    ...count(disturbs('restarts'), 'restarts').map((words) => words.replace('1 restarts', '1 restart')),
    ...count(disturbs('runs'), 'to run'),
    ...count(held('unknown'), 'unknown'),
  ].join('; ')
}

/** A plain plan, without the app's name: the fence keeps everything of it in its place. */
export const planDiff = (app: AppPlan): readonly string[] =>
  fenced(
    renderAppPlan(app, plainPaint)
      .slice(1)
      .map((line) => line.replace(/^ {2}/, '')),
    'diff',
  )

/** `most`: lines of them. */
export function problemLines(plan: FleetPlan, most: number): readonly string[] {
  const problems = toldOnce(plan.problems, plan.apps)
  if (problems.length === 0) return []
  // What stops something comes before what is only worth a thought.
  const sorted = [...problems].sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
  const shown = renderProblems(sorted.slice(0, most), plainPaint)
  const more = problems.length > most ? [`and ${plural(problems.length - most, 'more')}`] : []
  return ['', `**${cell(countProblems(problems))}:**`, '', ...fenced([...shown, ...more].map(clipLine), 'text')]
}

const LONGEST_LINE = 300

const clipLine = (line: string): string => (line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE - 1)}…`)
