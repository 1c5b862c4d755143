import { formatDuration } from '../lib/duration.ts'
import { groupBy } from '../lib/group-by.ts'
import { type AppPlan, type Blocked, commandOf, type Departure, type FleetPlan, type Guard } from '../model/outcome.ts'
import type { Action, Change, HeldChange, Plan, Stage } from '../model/plan.ts'
import { heldTold, isAsDesired, isUnread, summarize } from './count-changes.ts'
import { aside, describeDetails, describeDiff, disturbance, SYMBOLS } from './describe-change.ts'
import { headOf, headsOf, onHosts } from './on-hosts.ts'
import type { Paint } from './paint.ts'
import { columns, oneLine, plural, printable, revisionWords } from './printable.ts'
import { renderDeparture } from './render-departures.ts'
import { renderOrphans } from './render-orphans.ts'
import { renderProblems, toldOnce } from './render-problems.ts'
import { lostTargets, renderLostTargets, renderTodos, withoutLost } from './unknowns.ts'

/** A plan for people: what would be done, in which order, why, and what waits for whom. */
export function renderPlan(fleet: FleetPlan, paint: Paint): readonly string[] {
  const lost = lostTargets(fleet.apps.map((app) => app.plan))
  const apps = fleet.apps.map((app) => ({ ...app, plan: { ...app.plan, held: withoutLost(app.plan.held, lost) } }))
  const shared = blockedAlike(apps)
  const news = apps.filter((app) => !isAsDesired(shared ? withoutBlock(app) : app))
  const problems = toldOnce(fleet.problems, fleet.apps)
  const todos = fleet.targetTodos ?? {}
  const plans = fleet.apps.map(({ plan }) => plan)
  const unseen = [...renderLostTargets(lost, paint, todos), ...renderTodos(plans, { lost, todos }, paint)]
  return [
    ...renderProblems(problems, paint),
    ...(problems.length > 0 ? [''] : []),
    ...(unseen.length > 0 ? [...unseen, ''] : []),
    ...(shared ? [...renderBlocked(shared, paint).map((line) => line.slice(2)), ''] : []),
    ...news.flatMap((app) => [...renderAppPlan(shared ? withoutBlock(app) : app, paint), '']),
    ...renderOrphans(fleet, paint),
    ...renderFoot(fleet, paint),
  ]
}

/** What stops every app (a freeze, say) is said once. */
function blockedAlike(apps: readonly AppPlan[]): Blocked | undefined {
  const [first] = apps
  const alike = first?.blocked && apps.length > 1 && !isUnread(first)
  return alike && apps.every(({ blocked }) => blocked?.message === first.blocked?.message) ? first.blocked : undefined
}

const withoutBlock = ({ blocked: _blocked, ...app }: AppPlan): AppPlan => app

function renderFoot(fleet: FleetPlan, paint: Paint): readonly string[] {
  const quiet = fleet.apps.filter(isAsDesired).length
  const rest = quiet === 0 ? '' : `; ${plural(quiet, 'app')} as desired`
  const failed = fleet.problems.some((problem) => problem.severity === 'error')
  const summary = `${summarize(fleet.apps, { failed })}${rest}`
  const note = 'the repository could not be read: this is its last known state, and nothing is pruned'
  return [
    ...(fleet.stale ? [paint.careful(note)] : []),
    `${paint.quiet(`${revisionWords(fleet)}:`)} ${paint.strong(summary)}`,
  ]
}

export function renderAppPlan(app: AppPlan, paint: Paint): readonly string[] {
  const { plan, blocked } = app
  const goal = plan.goal === 'last-good' ? paint.careful('  back to last good') : ''
  return [
    `${paint.strong(app.app)}${goal}`,
    ...(blocked ? renderBlocked(blocked, paint) : []),
    ...app.unfit.map((unfit) => renderUnfit(unfit, paint)),
    ...renderStages(plan, paint),
    ...(app.departures ?? []).flatMap((departure) => renderDeparture(departure, paint)),
    ...renderHeldOf(app, paint),
    ...app.guards.flatMap((guard) => [
      `  ${paint.careful(`guard: ${printable(guard.message)}`)}`,
      ...renderGuarded(guardedBy(guard, plan.held), paint),
      `    confirm it with: ${commandOf(guard)}`,
    ]),
  ]
}

function renderUnfit({ id, message, comesAfter }: AppPlan['unfit'][number], paint: Paint): string {
  const said = `${id}: ${printable(message)}`
  return comesAfter === undefined
    ? `  ${paint.bad(`cannot work: ${said}`)}`
    : `  ${paint.careful(`after ${comesAfter.join(', ')}, which gives that up: ${said}`)}`
}

function renderBlocked(blocked: Blocked, paint: Paint): readonly string[] {
  const word = isUnread({ blocked }) ? 'not planned' : 'waits'
  return [
    `  ${paint.careful(`${word}: ${blocked.reason}: ${oneLine(blocked.message)}`)}`,
    ...(blocked.todo === undefined ? [] : [`    ${paint.accent('=>')} ${printable(blocked.todo)}`]),
  ]
}

function renderStages(plan: Plan, paint: Paint): readonly string[] {
  const settled = plan.settled.filter((change) => change.action !== 'unchanged')
  const record = settled.length > 0 ? renderChanges(settled, paint) : []
  const parts = [
    { lines: record, pauseMs: 0 },
    ...plan.stages.map((stage) => ({ lines: renderStage(stage, paint), pauseMs: stage.pauseMs })),
  ].filter(({ lines }) => lines.length > 0)
  return parts.flatMap(({ lines }, index) => {
    if (index === 0) return lines
    const pauseMs = parts[index - 1]?.pauseMs ?? 0
    return [paint.quiet(pauseMs > 0 ? `  then, after ${formatDuration(pauseMs)}` : '  then'), ...lines]
  })
}

function renderStage(stage: Stage, paint: Paint): readonly string[] {
  const checks = stage.gates.map((gate) => paint.quiet(`  ? ${printable(gate.name)}`))
  return [...renderChanges(stage.changes, paint), ...checks]
}

function renderChanges(changes: readonly Change[], paint: Paint): readonly string[] {
  const groups = onHosts(changes, (change) => [change.action, notesOf(change), ...describeDetails(change)].join('\n'))
  const heads = columns(groups.map(({ first, ids }) => [headOf(ids), notesOf(first)]))
  return groups.flatMap(({ first }, index) => [
    `  ${symbolOf(first.action, paint)} ${heads[index] ?? first.id}`,
    ...describeDetails(first).map((line) => `      ${paint.quiet(line)}`),
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

/** What would go; or, of what waits for the end of a window, what would change. */
function renderGuarded(held: Plan['held'], paint: Paint): readonly string[] {
  const prunes = held.filter(({ why }) => why === 'guard').map(({ id }) => id)
  const changes = held.filter(({ why }) => why !== 'guard')
  return [
    ...headsOf(prunes).map((head) => `    - ${head}`),
    ...changes.flatMap(({ id, diffs = [] }) => [
      `    ${SYMBOLS.update} ${id}`,
      ...diffs
        .flatMap((diff) => describeDiff(diff, { hideUndeclared: true }))
        .map((line) => `        ${paint.quiet(line)}`),
    ]),
  ]
}

const CALM: ReadonlySet<HeldChange['why']> = new Set(['ignored', 'reported', 'kept'])

const guardedBy = (guard: Guard, held: Plan['held']): Plan['held'] =>
  held.filter((entry) => (entry.why === 'guard' || entry.why === 'window') && entry.message === guard.message)

/** What is held, but for what stands under its guard or its group; one reason is said once, however many it holds. */
export function renderHeldOf(
  of: { readonly plan: Plan; readonly guards: readonly Guard[]; readonly departures?: readonly Departure[] },
  paint: Paint,
): readonly string[] {
  const guarded = new Set(of.guards.flatMap((guard) => guardedBy(guard, of.plan.held)))
  const told = new Set((of.departures ?? []).flatMap(({ why, ids }) => (why === 'held-back' ? ids : [])))
  const isTold = (held: HeldChange): boolean => held.why === 'held-back' && told.has(held.id)
  const rest = heldTold(of.plan).filter((held) => !guarded.has(held) && !isTold(held))
  return [...groupBy(rest, (held) => `${held.why} ${held.message}`).values()].flatMap((group) => {
    const [first, second] = group
    if (!first || !second || group.some((held) => held.diffs)) return group.flatMap((held) => renderHeld(held, paint))
    const look = CALM.has(first.why) ? paint.quiet : paint.careful
    const ids = headsOf(group.map(({ id }) => id)).map((head) => `      ${head}`)
    return [`  ${look(`! ${HELD_WORDS[first.why]}: ${oneLine(first.message)}`)}`, ...ids]
  })
}

export function renderHeld(held: HeldChange, paint: Paint): readonly string[] {
  const look = CALM.has(held.why) ? paint.quiet : paint.careful
  return [
    `  ${look('!')} ${held.id}  ${look(`${HELD_WORDS[held.why]}: ${oneLine(held.message)}`)}`,
    ...(held.diffs ?? [])
      .flatMap((diff) => describeDiff(diff, { hideUndeclared: true }))
      .map((line) => `      ${paint.quiet(line)}`),
  ]
}
