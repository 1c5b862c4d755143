import { groupBy } from '../lib/group-by.ts'
import {
  type AppOutcome,
  commandOf,
  type Departure,
  type FleetOutcome,
  type Guard,
  type OutcomeWord,
  type StepResult,
} from '../model/outcome.ts'
import { type Plan, waits } from '../model/plan.ts'
import type { Step } from '../model/target.ts'
import { heldTold } from './count-changes.ts'
import { SYMBOLS } from './describe-change.ts'
import { headOf, type OnHosts, onHosts } from './on-hosts.ts'
import type { Paint } from './paint.ts'
import { oneLine, plural, printable, revisionWords } from './printable.ts'
import { renderDeparture } from './render-departures.ts'
import { renderHeldOf } from './render-plan.ts'
import { errorsOf, renderProblems } from './render-problems.ts'
import { type LostTarget, lostTargets, renderLostTargets, withoutLost } from './unknowns.ts'

/** What was done, for people: failures with what they need, and what runs now. */
export function renderOutcome(fleet: FleetOutcome, paint: Paint): readonly string[] {
  const lost = lostTargets(fleet.apps.flatMap((app) => (app.outcome === 'unknown' && app.plan ? [app.plan] : [])))
  const news = fleet.apps.filter((app) => !isQuiet(app))
  const listed = news.filter((app) => !isLost(app, lost))
  const todos = new Set(news.filter((app) => isLost(app, lost)).flatMap((app) => app.todo ?? []))
  const errors = errorsOf(fleet.problems)
  return [
    ...renderProblems(errors, paint),
    ...(errors.length > 0 ? [''] : []),
    ...renderLostTargets(lost, paint),
    ...[...todos].map((todo) => `    ${paint.accent('=>')} ${printable(todo)}`),
    ...(lost.length > 0 ? [''] : []),
    ...alike(listed).flatMap((app) => [...renderAppOutcome(app, paint), '']),
    ...(fleet.stale ? [paint.careful('the repository could not be read: this was its last known state')] : []),
    `${paint.quiet(`${revisionWords(fleet)}:`)} ${paint.strong(summary(news, fleet.apps.length - news.length))}`,
  ]
}

/** What keeps several apps waiting (a freeze, say) is said once, with their names. */
function alike(apps: readonly AppOutcome[]): readonly AppOutcome[] {
  const isPlain = (app: AppOutcome): boolean =>
    app.outcome === 'waiting' && app.message !== undefined && heldIn(app).length === 0
  const saidOf = ({ reason, message, todo, guards }: AppOutcome): string =>
    JSON.stringify([reason, message, todo, guards.map(commandOf)])
  const groups = groupBy(apps, (app) => (isPlain(app) ? saidOf(app) : app))
  return [...groups.values()].flatMap(([first, ...more]) =>
    first ? [{ ...first, app: [first, ...more].map(({ app }) => app).join(', ') }] : [],
  )
}

/** Nothing was done, for everything stands as the revision declares it: not what is pinned, nor what only drifted. */
const isQuiet = (app: AppOutcome): boolean =>
  app.outcome === 'unchanged' && (app.departures ?? []).length === 0 && heldIn(app).length === 0

const heldIn = ({ plan }: AppOutcome): Plan['held'] => (plan === undefined ? [] : heldTold(plan))

/** All that there is to say of it stands under its target. */
const isLost = (app: AppOutcome, lost: readonly LostTarget[]): boolean =>
  app.outcome === 'unknown' &&
  app.steps.length + app.guards.length === 0 &&
  app.plan !== undefined &&
  app.plan.held.length > 0 &&
  withoutLost(app.plan.held, lost).length === 0

/** What stands may be less than all that the revision declares. */
const leavesSome = (app: AppOutcome): boolean =>
  app.outcome === 'unchanged' || (STANDS.has(app.outcome) && (app.plan?.held ?? []).some(({ why }) => waits(why)))

const wordOf = (app: AppOutcome): string =>
  app.outcome === 'unchanged' && !isQuiet(app) ? LEFT : WORDS[app.outcome].toLowerCase()

const LEFT = 'left as it is'

function summary(news: readonly AppOutcome[], unchanged: number): string {
  const words = news.map(wordOf)
  const parts = [...new Set(words)].map((word) => `${words.filter((other) => other === word).length} ${word}`)
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
  const [sign, look] = isQuiet(app) || !leavesSome(app) ? SIGNS[app.outcome] : SIGNS.waiting
  const reason = app.reason === undefined ? '' : `: ${app.reason}`
  const body = [
    ...(app.message === undefined || saysHeld(app) || tellsGroups(app) ? [] : printableLines(app.message)),
    ...app.diagnosis
      .filter((line) => !app.message?.endsWith(line))
      .flatMap((line) => printableLines(line).map((part) => paint.quiet(`| ${part}`))),
    ...renderSteps(app.steps, paint),
  ]
  return [
    `${paint[look](sign)} ${paint.strong(app.app)}  ${paint[look](`${wordOf(app)}${reason}`)}`,
    ...body.map((line) => `    ${line}`),
    ...departuresOf(app).flatMap((departure) => renderDeparture(departure, paint).map((line) => `  ${line}`)),
    ...heldOf(app, paint),
    ...app.guards.map((guard) => `    ${paint.accent('=>')} ${commandOf(guard)}${guardNote(guard, app)}`),
    ...(app.todo === undefined || tellsGroups(app) ? [] : [`    ${paint.accent('=>')} ${printable(app.todo)}`]),
  ]
}

/** What the guard is about, where the outcome did not just say it. */
const guardNote = (guard: Guard, app: AppOutcome): string =>
  guard.message === app.message ? '' : `  (${printable(guard.message)})`

const STANDS: ReadonlySet<OutcomeWord> = new Set(['unchanged', 'applied', 'healed', 'done', 'proven'])

/** Held back since an earlier run, with nothing tried now: each group says what failed, and what ends it. */
const tellsGroups = (app: AppOutcome): boolean =>
  app.outcome === 'held-back' && app.steps.length === 0 && (app.departures ?? []).length > 0

/** What was so before this run; what this run held back is told by its own words. */
function departuresOf(app: AppOutcome): readonly Departure[] {
  if (tellsGroups(app)) return app.departures ?? []
  return STANDS.has(app.outcome) ? (app.departures ?? []).filter(isOrStays(app)) : []
}

/** A group may have been released by what was just done. */
const isOrStays =
  (app: AppOutcome) =>
  (departure: Departure): boolean =>
    app.outcome === 'unchanged' || departure.why !== 'held-back'

/** What is held is news where nothing was done, and beside what was done; what just failed has other news. */
const heldNews = (app: AppOutcome): Plan['held'] =>
  STANDS.has(app.outcome) || app.outcome === 'waiting' || app.outcome === 'unknown' || stoodStill(app)
    ? heldIn(app)
    : []

/** Stopped since an earlier run, and nothing tried now: what drifted beside it is not said elsewhere. */
const stoodStill = (app: AppOutcome): boolean =>
  app.steps.length === 0 && app.diagnosis.length === 0 && STOPPED.has(app.outcome)

const STOPPED: ReadonlySet<OutcomeWord> = new Set(['held-back', 'stalled', 'suspended'])

const saysHeld = (app: AppOutcome): boolean =>
  heldNews(app).some((held) => app.message === `${held.id}: ${held.message}`)

const heldOf = (app: AppOutcome, paint: Paint): readonly string[] =>
  app.plan && heldNews(app).length > 0 ? renderHeldOf({ ...app, plan: app.plan }, paint).map((line) => `  ${line}`) : []

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
  const groups = onHosts(steps, (step) => [step.cause === 'rollback', step.action, step.step, whyOf(step)].join('\n'))
  const width = Math.max(...groups.map(({ ids }) => headOf(ids).length))
  const lineOf = ({ first: step, ids }: OnHosts<StepResult>): string => {
    const line = paint[STEP_LOOKS[step.step]](`${SYMBOLS[step.action]} ${headOf(ids).padEnd(width)}  ${step.step}`)
    return whyOf(step) === '' ? line : `${line}  ${oneLine(whyOf(step))}`
  }
  const back = groups.filter(({ first }) => first.cause === 'rollback')
  return [
    ...groups.filter(({ first }) => first.cause !== 'rollback').map(lineOf),
    ...(back.length > 0 ? [paint.quiet('back to last good:')] : []),
    ...back.map(lineOf),
  ]
}

const whyOf = ({ step, reason, message }: StepResult): string =>
  step === 'applied' ? '' : [reason, message].filter((part) => part).join(': ')
