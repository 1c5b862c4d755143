import {
  type AppOutcome,
  commandOf,
  type FleetOutcome,
  type Guard,
  type OutcomeWord,
  type StepResult,
} from '../model/outcome.ts'
import type { Plan } from '../model/plan.ts'
import type { Step } from '../model/target.ts'
import { SYMBOLS } from './describe-change.ts'
import type { Paint } from './paint.ts'
import { plural, printable, shortRevision } from './printable.ts'
import { renderHeldOf } from './render-plan.ts'
import { renderProblems } from './render-problems.ts'

/** What was done, for people: failures with what they need, and what runs now. */
export function renderOutcome(fleet: FleetOutcome, paint: Paint): readonly string[] {
  const news = fleet.apps.filter((app) => app.outcome !== 'unchanged')
  const quiet = fleet.apps.length - news.length
  return [
    ...renderProblems(fleet.problems, paint),
    ...(fleet.problems.length > 0 ? [''] : []),
    ...news.flatMap((app) => [...renderAppOutcome(app, paint), '']),
    ...(fleet.stale ? [paint.careful('the repository could not be reached: this was its last known state')] : []),
    `${paint.quiet(`revision ${shortRevision(fleet.revision)}:`)} ${paint.strong(summary(news, quiet))}`,
  ]
}

function summary(news: readonly AppOutcome[], unchanged: number): string {
  const words = [...new Set(news.map((app) => app.outcome))]
  const parts = words.map((word) => `${news.filter((app) => app.outcome === word).length} ${WORDS[word].toLowerCase()}`)
  if (unchanged > 0 || parts.length === 0) parts.push(`${plural(unchanged, 'app')} as desired`)
  return parts.join(', ')
}

export const WORDS: Readonly<Record<OutcomeWord, string>> = {
  unchanged: 'As desired',
  applied: 'Applied, baking',
  healed: 'Healed',
  done: 'Done',
  proven: 'Proven',
  'rolled-back': 'Rolled back',
  'rolling-back': 'Rolling back, not done',
  'held-back': 'Held back',
  failed: 'Failed',
  stalled: 'Stalled',
  waiting: 'Waiting',
  suspended: 'Suspended',
  unknown: 'Unknown',
}

const SIGNS: Readonly<Record<OutcomeWord, readonly [string, keyof Paint]>> = {
  unchanged: ['✓', 'quiet'],
  applied: ['✓', 'good'],
  healed: ['✓', 'good'],
  done: ['✓', 'good'],
  proven: ['✓', 'good'],
  'rolled-back': ['✗', 'bad'],
  'rolling-back': ['✗', 'bad'],
  'held-back': ['!', 'careful'],
  failed: ['✗', 'bad'],
  stalled: ['✗', 'bad'],
  waiting: ['!', 'careful'],
  suspended: ['‖', 'careful'],
  unknown: ['?', 'careful'],
}

export function renderAppOutcome(app: AppOutcome, paint: Paint): readonly string[] {
  const [sign, look] = SIGNS[app.outcome]
  const reason = app.reason === undefined ? '' : `: ${app.reason}`
  const body = [
    ...(app.message === undefined || saysHeld(app) ? [] : printableLines(app.message)),
    ...app.diagnosis.flatMap((line) => printableLines(line).map((part) => paint.quiet(`| ${part}`))),
    ...renderSteps(app.steps, paint),
  ]
  return [
    `${paint[look](sign)} ${paint.strong(app.app)}  ${paint[look](`${WORDS[app.outcome].toLowerCase()}${reason}`)}`,
    ...body.map((line) => `    ${line}`),
    ...heldOf(app, paint),
    ...app.guards.map((guard) => `    ${paint.accent('=>')} ${commandOf(guard)}${guardNote(guard, app)}`),
    ...(app.todo === undefined ? [] : [`    ${paint.accent('=>')} ${printable(app.todo)}`]),
  ]
}

/** What the guard is about, where the outcome did not just say it. */
const guardNote = (guard: Guard, app: AppOutcome): string =>
  guard.message === app.message ? '' : `  (${printable(guard.message)})`

/** What is held is the news where nothing was done. */
const heldNews = (app: AppOutcome): Plan['held'] =>
  app.outcome === 'waiting' || app.outcome === 'unknown' ? (app.plan?.held ?? []) : []

const saysHeld = (app: AppOutcome): boolean =>
  heldNews(app).some((held) => app.message === `${held.id}: ${held.message}`)

const heldOf = (app: AppOutcome, paint: Paint): readonly string[] =>
  app.plan && heldNews(app).length > 0
    ? renderHeldOf({ plan: app.plan, guards: app.guards }, paint).map((line) => `  ${line}`)
    : []

const printableLines = (text: string): readonly string[] => text.trimEnd().split(/\r?\n/).map(printable)

const STEP_LOOKS: Readonly<Record<Step, keyof Paint>> = {
  'not-run': 'quiet',
  started: 'careful',
  applied: 'good',
  failed: 'bad',
  unknown: 'careful',
}

/** What was tried, then what the way back did. */
function renderSteps(steps: readonly StepResult[], paint: Paint): readonly string[] {
  const back = steps.filter((step) => step.cause === 'rollback')
  const tried = steps.filter((step) => step.cause !== 'rollback')
  return [
    ...tried.map((step) => renderStep(step, steps, paint)),
    ...(back.length > 0 ? [paint.quiet('back to last good:')] : []),
    ...back.map((step) => renderStep(step, steps, paint)),
  ]
}

function renderStep(step: StepResult, all: readonly StepResult[], paint: Paint): string {
  const width = Math.max(...all.map(({ id }) => id.length))
  const why = step.step === 'applied' ? '' : [step.reason, step.message].filter((part) => part).join(': ')
  const line = paint[STEP_LOOKS[step.step]](`${SYMBOLS[step.action]} ${step.id.padEnd(width)}  ${step.step}`)
  return why === '' ? line : `${line}  ${printable(why)}`
}
