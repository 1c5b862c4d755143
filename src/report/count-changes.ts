import type { AppPlan, FleetPlan } from '../model/outcome.ts'
import { type Change, changesOf, type HeldWhy, type Plan } from '../model/plan.ts'
import { disturbance } from './describe-change.ts'
import { plural } from './printable.ts'

/** Changes that an apply would make: those of the stages, and those that only our own record notices. */
export function visibleChanges(plan: Plan): readonly Change[] {
  return [...changesOf(plan), ...plan.settled.filter((change) => change.action !== 'unchanged')]
}

/** What is held and worth telling: of `drift: ignore` only `drift` and `explain` speak. */
export const heldTold = ({ held }: Pick<Plan, 'held'>): Plan['held'] => held.filter(({ why }) => why !== 'ignored')

/** Held things that wait for somebody to do something. */
const WAITING: ReadonlySet<HeldWhy> = new Set(['conflict', 'guard', 'data', 'dependency', 'stalled', 'image', 'window'])

/** Nothing differs, and yet what comes next waits until a person ends it. A freeze of what is as declared holds nothing. */
const STOPS: ReadonlySet<string> = new Set(['RevisionNotDescendant', 'RecordDisagrees', 'Stalled'])

const isWaiting = ({ blocked, guards, plan }: AppPlan): boolean =>
  guards.length > 0 ||
  plan.held.some(({ why }) => WAITING.has(why)) ||
  (blocked !== undefined && STOPS.has(blocked.reason))

export type PlanVerdict = 'nothing' | 'changes' | 'error' | 'unknown'

/**
 * What a plan comes to, worst first: it is also the exit code. What waits for a person is a change that is still to be
 * made; what is held back, pinned or suspended stands as somebody decided, and is none.
 */
export function verdictOf(fleet: FleetPlan): PlanVerdict {
  if (fleet.problems.some((problem) => problem.severity === 'error')) return 'error'
  if (fleet.apps.some(isUnread)) return 'error'
  const plans = fleet.apps.map((app) => app.plan)
  const held = plans.flatMap((plan) => plan.held)
  if (held.some((entry) => entry.why === 'unknown')) return 'unknown'
  return fleet.apps.some(isWaiting) || plans.some((plan) => visibleChanges(plan).length > 0) ? 'changes' : 'nothing'
}

/** Something of it could not be read: nothing is planned for it. */
export const isUnread = ({ blocked }: Pick<AppPlan, 'blocked'>): boolean => blocked?.reason === 'InvalidDesired'

/** Nothing changes, nothing is held, and nothing stands elsewhere than the revision says. */
export const isAsDesired = (app: AppPlan): boolean =>
  visibleChanges(app.plan).length === 0 &&
  heldTold(app.plan).length === 0 &&
  app.guards.length === 0 &&
  app.unfit.length === 0 &&
  app.blocked === undefined &&
  (app.departures ?? []).length === 0

/** `1 to create, 2 to change (1 restarts); 3 changes wait; 1 held back`. */
export function summarize(apps: readonly AppPlan[], options: { readonly failed?: boolean } = {}): string {
  const now = apps.filter((app) => app.blocked === undefined).flatMap(({ plan }) => visibleChanges(plan))
  const later = apps.filter((app) => app.blocked !== undefined).flatMap(({ plan }) => visibleChanges(plan))
  const unread = apps.filter(isUnread).length
  const done = countActions(now)
  const nothing = options.failed || unread > 0 ? 'nothing planned' : nothingWords(apps, later.length)
  const rest = [
    later.length === 0 ? '' : `${plural(later.length, 'change waits', 'changes wait')}`,
    unread === 0 ? '' : `${plural(unread, 'app')} not planned`,
    ...standingElsewhere(apps),
  ].filter((part) => part !== '')
  return [done === '' ? nothing : done, ...rest].join('; ')
}

function nothingWords(apps: readonly AppPlan[], later: number): string {
  if (apps.some(({ plan }) => plan.held.some(({ why }) => why === 'unknown'))) return 'nothing known to do'
  const waits = apps.some(({ plan }) => plan.held.some(({ why }) => WAITING.has(why)))
  return later > 0 || waits ? 'nothing to do now' : 'nothing to do'
}

function countActions(changes: readonly Change[]): string {
  const of = (...actions: readonly Change['action'][]): readonly Change[] =>
    changes.filter((change) => actions.includes(change.action))
  return [
    count(of('create'), 'to create'),
    count(of('update'), 'to change', disturbed(of('update'))),
    count(of('replace'), 'to replace'),
    count(of('adopt'), 'to adopt'),
    // What a split or a merge is looked at for: only the record and the stamp change hands.
    count(of('move'), 'to move', ' (0 restarts)'),
    count(of('prune'), 'to prune'),
  ]
    .filter((part) => part !== '')
    .join(', ')
}

const count = (changes: readonly Change[], words: string, rest = ''): string =>
  changes.length === 0 ? '' : `${changes.length} ${words}${rest}`

function disturbed(changes: readonly Change[]): string {
  const words = (['restarts', 'runs'] as const).map((word): string => {
    const many = changes.filter((change) => disturbance(change) === word).length
    return many === 0 ? '' : `${many} ${many === 1 ? word : word.slice(0, -1)}`
  })
  const said = words.filter((word) => word !== '')
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}

const HELD_COUNTS: readonly (readonly [HeldWhy, string])[] = [
  ['conflict', 'in conflict'],
  ['data', 'held for its data'],
  ['guard', 'guarded'],
  ['window', 'waiting for the end of a window'],
  ['dependency', 'waiting for others'],
  ['stalled', 'stalled'],
  ['reported', 'drifted, only reported'],
  ['kept', 'let go of'],
  ['unknown', 'unknown'],
]

/** Each id once, though it may be held by a group and by the plan. */
function standingElsewhere(apps: readonly AppPlan[]): readonly string[] {
  const held = apps.flatMap(({ plan }) => plan.held)
  const departures = apps.flatMap((app) => app.departures ?? [])
  const heldBack = new Set([
    ...held.filter(({ why }) => why === 'held-back').map(({ id }) => id),
    ...departures.filter(({ why }) => why === 'held-back').flatMap(({ ids }) => ids),
  ]).size
  const counts = HELD_COUNTS.map(([why, words]): readonly [number, string] => [
    held.filter((entry) => entry.why === why).length,
    words,
  ])
  const atRest = new Set(departures.filter(({ why }) => why === 'budget').flatMap(({ ids }) => ids)).size
  const appsWith = (asked: 'pinned' | 'suspended'): string => {
    const many = departures.filter(({ why }) => why === asked).length
    return many === 0 ? '' : `${plural(many, 'app')} ${asked}`
  }
  const all: readonly (readonly [number, string])[] = [[heldBack, 'held back'], ...counts]
  return [
    ...all.map(([many, words]) => (many === 0 ? '' : `${many} ${words}`)),
    appsWith('pinned'),
    appsWith('suspended'),
    atRest === 0 ? '' : `${atRest} at rest for a budget`,
  ]
}
