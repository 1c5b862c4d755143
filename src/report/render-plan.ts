import { groupBy } from '../lib/group-by.ts'
import { type AppPlan, commandOf, type FleetPlan, type Guard } from '../model/outcome.ts'
import type { Action, Change, HeldChange, Plan, Stage } from '../model/plan.ts'
import { summarize, visibleChanges } from './count-changes.ts'
import { aside, describeDiff, disturbance, SYMBOLS } from './describe-change.ts'
import type { Paint } from './paint.ts'
import { columns, plural, printable, shortRevision } from './printable.ts'
import { renderProblems } from './render-problems.ts'

/** A plan for people: what would be done, in which order, why, and what waits for whom. */
export function renderPlan(fleet: FleetPlan, paint: Paint): readonly string[] {
  const busy = fleet.apps.filter(hasNews)
  return [
    ...renderProblems(fleet.problems, paint),
    ...(fleet.problems.length > 0 ? [''] : []),
    ...busy.flatMap((app) => [...renderAppPlan(app, paint), '']),
    ...renderOrphans(fleet.orphans, paint),
    ...renderFoot(fleet, busy.length, paint),
  ]
}

const hasNews = (app: AppPlan): boolean =>
  visibleChanges(app.plan).length > 0 ||
  app.plan.held.length > 0 ||
  app.guards.length > 0 ||
  app.unfit.length > 0 ||
  app.blocked !== undefined

function renderFoot(fleet: FleetPlan, busy: number, paint: Paint): readonly string[] {
  const quiet = fleet.apps.length - busy
  const rest = quiet === 0 ? '' : `; ${plural(quiet, 'app')} as desired`
  const summary = `${summarize(fleet.apps.map((app) => app.plan))}${rest}`
  const stale = fleet.stale
    ? [paint.careful('the repository could not be reached: this is its last known state, and nothing is pruned')]
    : []
  return [...stale, `${paint.quiet(`revision ${shortRevision(fleet.revision)}:`)} ${paint.strong(summary)}`]
}

function renderOrphans(orphans: FleetPlan['orphans'], paint: Paint): readonly string[] {
  if (orphans.length === 0) return []
  const lines = orphans.map((id) => `  ${id}`)
  return [paint.careful('orphans: ours, but their target is not declared any more'), ...lines, '']
}

function renderAppPlan(app: AppPlan, paint: Paint): readonly string[] {
  const { plan, blocked } = app
  const goal = plan.goal === 'last-good' ? paint.careful('  back to last good') : ''
  return [
    `${paint.strong(app.app)}${goal}`,
    ...(blocked ? [`  ${paint.careful(`waits: ${blocked.reason}: ${printable(blocked.message)}`)}`] : []),
    ...(blocked?.todo === undefined ? [] : [`    ${paint.accent('=>')} ${printable(blocked.todo)}`]),
    ...app.unfit.map(({ id, message }) => `  ${paint.bad(`cannot work: ${id}: ${printable(message)}`)}`),
    ...renderStages(plan, paint),
    ...renderHeldOf(app, paint),
    ...app.guards.flatMap((guard) => [
      `  ${paint.careful(`guard: ${printable(guard.message)}`)}`,
      ...guardedBy(guard, plan.held).map((held) => `    - ${held.id}`),
      `    confirm it with: ${commandOf(guard)}`,
    ]),
  ]
}

function renderStages(plan: Plan, paint: Paint): readonly string[] {
  const settled = plan.settled.filter((change) => change.action !== 'unchanged')
  const record = settled.length > 0 ? renderChanges(settled, paint) : []
  const stages = plan.stages.map((stage) => renderStage(stage, paint))
  return [record, ...stages]
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => {
      return index === 0 ? lines : [paint.quiet('  then'), ...lines]
    })
}

function renderStage(stage: Stage, paint: Paint): readonly string[] {
  const checks = stage.gates.map((gate) => paint.quiet(`  ? ${printable(gate.name)}`))
  return [...renderChanges(stage.changes, paint), ...checks]
}

function renderChanges(changes: readonly Change[], paint: Paint): readonly string[] {
  const heads = columns(changes.map((change) => [change.id, notesOf(change)]))
  return changes.flatMap((change, index) => [
    `  ${symbolOf(change.action, paint)} ${heads[index] ?? change.id}`,
    ...change.diffs.map((diff) => `      ${paint.quiet(describeDiff(diff))}`),
  ])
}

function notesOf(change: Change): string {
  const cause = change.cause === 'revision' ? '' : change.cause
  return [cause, disturbance(change), aside(change)].filter((note) => note).join(', ')
}

const LOOKS: Readonly<Record<Action, keyof Paint>> = {
  create: 'good',
  update: 'careful',
  replace: 'bad',
  prune: 'bad',
  move: 'accent',
  adopt: 'accent',
  unchanged: 'quiet',
}

const symbolOf = (action: Action, paint: Paint): string => paint[LOOKS[action]](SYMBOLS[action])

const HELD_WORDS: Readonly<Record<HeldChange['why'], string>> = {
  conflict: 'conflict',
  unknown: 'unknown',
  guard: 'guarded',
  ignored: 'ignored',
  reported: 'reported only',
  'held-back': 'held back',
  data: 'data',
  dependency: 'waits',
  kept: 'kept',
  stalled: 'stalled',
  image: 'image',
  window: 'window',
}

const CALM: ReadonlySet<HeldChange['why']> = new Set(['ignored', 'reported', 'kept'])

const guardedBy = (guard: Guard, held: Plan['held']): Plan['held'] =>
  held.filter((entry) => entry.why === 'guard' && entry.message === guard.message)

/** What is held, but for what stands under its guard; one reason is said once, however many it holds. */
export function renderHeldOf(
  of: { readonly plan: Plan; readonly guards: readonly Guard[] },
  paint: Paint,
): readonly string[] {
  const guarded = new Set(of.guards.flatMap((guard) => guardedBy(guard, of.plan.held)))
  const rest = of.plan.held.filter((held) => !guarded.has(held))
  return [...groupBy(rest, (held) => `${held.why} ${held.message}`).values()].flatMap((group) => {
    const [first, second] = group
    if (!first || !second || group.some((held) => held.diffs)) return group.flatMap((held) => renderHeld(held, paint))
    const look = CALM.has(first.why) ? paint.quiet : paint.careful
    const ids = group.map((held) => `      ${held.id}`)
    return [`  ${look(`! ${HELD_WORDS[first.why]}: ${printable(first.message)}`)}`, ...ids]
  })
}

export function renderHeld(held: HeldChange, paint: Paint): readonly string[] {
  const look = CALM.has(held.why) ? paint.quiet : paint.careful
  return [
    `  ${look('!')} ${held.id}  ${look(`${HELD_WORDS[held.why]}: ${printable(held.message)}`)}`,
    ...(held.diffs ?? []).map((diff) => `      ${paint.quiet(describeDiff(diff))}`),
  ]
}
