import type { AppState } from '../model/app-state.ts'
import { partsOf } from '../model/id.ts'
import type { AppStatus, Attention, FleetStatus, ResourceStatus } from '../model/outcome.ts'
import { ageOf } from './ages.ts'
import type { Paint } from './paint.ts'
import { columns, plural, printable, shortRevision } from './printable.ts'
import { renderAgents } from './render-agents.ts'
import { renderBudgets } from './render-budgets.ts'
import { renderOrphans } from './render-orphans.ts'
import { renderPassing, renderStandingOf } from './render-standing.ts'
import { renderSupervisors } from './render-supervisors.ts'

/** What is so: each app in a line, and below it only what is not well, and what ends that. */
export function renderStatus(status: FleetStatus, now: Date, paint: Paint): readonly string[] {
  const rows = columns(
    status.apps.map((app) => [app.state.app, app.health, revisionOf(app.state), stateWords(app.state, now)]),
  )
  const fleet = status.attention ?? []
  const at = { now, paint }
  const names = new Set(status.apps.map((app) => app.state.app))
  const lost = new Set(status.targets.filter((target) => !target.reachable).map((target) => target.name))
  const said = new Set(fleet.map((one) => one.message))
  const apps = status.apps.flatMap((app, index) => [
    `${signOf(app, paint)} ${rows[index] ?? app.state.app}`,
    ...(app.attention ?? [])
      .filter((one) => !said.has(one.message))
      .flatMap((one) => renderAttention(one, paint))
      .map((line) => `    ${line}`),
    ...renderUnwell(app.resources, { lost, now }, paint).map((line) => `    ${line}`),
    ...renderStandingOf(status, (concerned) => concerned === app.state.app, at).map((line) => `    ${line}`),
  ])
  return [
    ...fleet.flatMap((one) => renderAttention(one, paint, 'nothing is applied: ')),
    ...(status.stale ? STALE.map((line) => paint.careful(line)) : []),
    ...(apps.length > 0 ? apps : ['no apps yet; `swarmkeeper plan` shows what an apply would do']),
    ...renderAgents(status, now, paint),
    ...renderStandingOf(status, (app) => app === undefined || !names.has(app), at),
    ...renderPassing(status, paint),
    ...renderTargets(status.targets, paint),
    ...renderBudgets(status, now, paint),
    ...renderSupervisors(status, now, paint),
    ...renderOrphans(status, paint),
    paint.quiet(footOf(status, now)),
  ]
}

const STALE = [
  '! the repository could not be reached: this is its last known state',
  '=> `swarmkeeper doctor` says why; nothing is pruned meanwhile',
]

/** How old what is said is: of the repository, and of the targets. */
function footOf({ revision, stale, knownSince, at, targets }: FleetStatus, now: Date): string {
  const known = shortRevision(revision ?? 'not known yet')
  const nothing = targets.length > 0 && targets.every((target) => !target.reachable)
  const seen = nothing ? 'no target was seen' : stale ? `targets seen ${ageOf(at, now)}` : `seen ${ageOf(at, now)}`
  if (!stale) return `revision ${known}, ${seen}`
  const since = knownSince === undefined ? '' : `, first seen ${ageOf(knownSince, now)}`
  return `revision ${known}${since}, not looked up now; ${seen}`
}

/** Said by the line of the app already: only what ends it is news. */
const IN_LINE: ReadonlySet<Attention['about']> = new Set(['held-back', 'pinned', 'suspended'])

function renderAttention({ about, message, todo }: Attention, paint: Paint, words = ABOUT[about]): readonly string[] {
  return [
    ...(IN_LINE.has(about) ? [] : [paint.careful(`! ${words ?? ''}${printable(message)}`)]),
    ...(todo === undefined ? [] : [`${paint.accent('=>')} ${printable(todo)}`]),
  ]
}

const ABOUT: Readonly<Partial<Record<Attention['about'], string>>> = {
  blocked: 'nothing of it is applied: ',
  guard: 'guard: ',
  unfit: 'cannot work: ',
  waiting: 'waits: ',
  failing: 'failed: ',
}

/** Why a target is not reached is said once, beside it. */
function renderUnwell(
  resources: readonly ResourceStatus[],
  { lost, now }: { readonly lost: ReadonlySet<string>; readonly now: Date },
  paint: Paint,
): readonly string[] {
  const isLost = ({ id, state }: ResourceStatus): boolean => state === 'unknown' && lost.has(partsOf(id).target)
  const unseen = resources.filter(isLost)
  const names = [...new Set(unseen.map(({ id }) => partsOf(id).target))].join(', ')
  return [
    ...resources
      .filter((resource) => isUnwell(resource) && !isLost(resource))
      .map((resource) => renderResource(resource, now, paint)),
    ...(unseen.length === 0
      ? []
      : [
          paint.careful(
            `${plural(unseen.length, 'resource')} unknown: ${names} ${names.includes(', ') ? 'are' : 'is'} not reached`,
          ),
        ]),
  ]
}

const isUnwell = (resource: ResourceStatus): boolean =>
  resource.state !== 'present' || resource.health !== 'healthy' || resource.drift !== undefined

function renderResource(resource: ResourceStatus, now: Date, paint: Paint): string {
  const word = resource.foreign
    ? 'not ours'
    : resource.state === 'present'
      ? (resource.health ?? 'present')
      : resource.state
  const message = resource.message === undefined ? '' : `: ${printable(resource.message)}`
  const drift = resource.drift === undefined ? '' : `, drifted ${ageOf(resource.drift.firstSeen, now)}`
  return `${resource.id}  ${paint[lookOf(word)](`${word}${drift}`)}${message}`
}

function renderTargets(targets: FleetStatus['targets'], paint: Paint): readonly string[] {
  const lost = targets.filter((target) => !target.reachable)
  const lines = lost.flatMap(({ name, message, todo }) => [
    paint.bad(`✗ target ${name}: not reached: ${printable(message ?? '')}`),
    ...(todo === undefined ? [] : [`    ${paint.accent('=>')} ${printable(todo)}`]),
  ])
  const reached = targets.filter((target) => target.reachable).map((target) => target.name)
  return reached.length === 0
    ? lines
    : [...lines, paint.quiet(`${plural(reached.length, 'target')}: ${reached.join(', ')}`)]
}

function lookOf(word: AppStatus['health'] | 'present' | 'not ours'): keyof Paint {
  if (word === 'healthy' || word === 'present') return 'good'
  return word === 'degraded' || word === 'absent' ? 'bad' : 'careful'
}

const SIGNS: Readonly<Record<AppStatus['health'], string>> = {
  healthy: '✓',
  progressing: '…',
  degraded: '✗',
  suspended: '‖',
  absent: '✗',
  unknown: '?',
}

/** A tick means: healthy, and as the repository declares it. */
function signOf({ health, attention }: AppStatus, paint: Paint): string {
  if (health === 'healthy' && attention !== undefined && attention.length > 0) return paint.careful('!')
  return paint[lookOf(health)](SIGNS[health])
}

const revisionOf = (state: AppState): string => shortRevision(state.lastApplied?.revision ?? '-')

/** What is going on with an app, what a person must know first. */
export function stateWords(state: AppState, now: Date): string {
  const words = [
    state.stalled && `stalled ${ageOf(state.stalled.at, now)}: ${state.stalled.reason}: ${state.stalled.message}`,
    ...[...(state.heldBefore ?? []), state.held].map(
      (held) => held && `${shortRevision(held.revision)} held back ${ageOf(held.at, now)}: ${held.message}`,
    ),
    state.suspension &&
      `suspended by ${state.suspension.by}, ends ${ageOf(state.suspension.until, now)}: ${state.suspension.reason}`,
    state.pin &&
      `pinned by ${state.pin.by} ${ageOf(state.pin.at, now)}${state.pin.reason ? `: ${state.pin.reason}` : ''}`,
    state.attempt && attemptWords(state.attempt, now),
    state.failures > 0 && `failed ${plural(state.failures, 'time')}${nextTry(state, now)}`,
  ].filter((word) => word)
  return printable(words.length > 0 ? words.join('; ') : restWords(state, now))
}

function nextTry({ notBefore }: AppState, now: Date): string {
  if (notBefore === undefined) return ''
  return Date.parse(notBefore) > now.getTime() ? `, again ${ageOf(notBefore, now)}` : ', again with the next apply'
}

function attemptWords(attempt: NonNullable<AppState['attempt']>, now: Date): string {
  if (attempt.phase !== 'baking') return `${attempt.phase}, begun ${ageOf(attempt.at, now)}`
  if (attempt.bakeUntil === undefined) return 'baking'
  const over = Date.parse(attempt.bakeUntil) <= now.getTime()
  return over
    ? 'its bake is over: the next apply tells whether it is proven'
    : `baking, its bake ends ${ageOf(attempt.bakeUntil, now)}`
}

function restWords(state: AppState, now: Date): string {
  if (!state.lastApplied) return 'not applied yet'
  const proven = state.lastGood?.revision === state.lastApplied.revision
  return `${proven ? 'proven' : 'applied'} ${ageOf((proven ? state.lastGood : state.lastApplied)?.at ?? '', now)}`
}
