import type { KeptBudgetState } from '../model/budget.ts'
import { type Attention, commandOf, type Departure, type Guard } from '../model/outcome.ts'
import { changesOf, type HeldWhy } from '../model/plan.ts'
import { formatProblem } from '../model/problem.ts'
import { TODO_OF } from '../model/todo.ts'
import { departuresOf } from '../reconcile/departures.ts'
import { isWaiting, lateWords } from '../reconcile/late.ts'
import type { PlannedApp } from '../reconcile/plan-apps.ts'
import { failuresGuard, heldTodo, wayOut } from '../reconcile/ways-out.ts'
import type { View } from './view.ts'

/** What keeps every app from being applied: said once for the fleet. */
export function fleetAttention({ store, look }: View): readonly Attention[] {
  const { frozen } = store.fleet()
  const at = { engine: { store }, look }
  const blocked = (message: string, todo: string | undefined): Attention => ({
    about: 'blocked',
    message,
    ...(todo === undefined ? {} : { todo }),
  })
  return [
    ...(frozen
      ? [blocked(`the fleet is frozen by ${frozen.by}${frozen.reason && `: ${frozen.reason}`}`, 'swarmkeeper unfreeze')]
      : []),
    ...(look.observeOnly ? [blocked(look.observeOnly, TODO_OF.RecordDisagrees)] : []),
    ...(look.astray ? [blocked(look.astray, wayOut('RevisionNotDescendant', '', at))] : []),
  ]
}

/** What keeps an app from being as the repository declares it, and what ends that: the most urgent first. */
export function attentionOf(planned: PlannedApp, view: View): readonly Attention[] {
  const at = { engine: { store: view.store }, look: view.look }
  return [
    ...blockedOf(planned, view),
    ...guardsOf(planned, view),
    ...planned.unfit.filter(cannotWork).map(({ id, message, reason = 'Unschedulable' }): Attention => {
      return { about: 'unfit', message: `${id}: ${message}`, todo: TODO_OF[reason] }
    }),
    ...waitingOf(planned, view),
    ...lateOf(planned.app, view).map((late): Attention => {
      return { about: 'waiting', message: lateWords(late), todo: 'it goes on by itself when it answers' }
    }),
    // What cannot work failed for just that.
    ...(planned.unfit.some(cannotWork) ? [] : failingOf(planned.app, view)),
    ...departuresOf(planned, at).map((departure): Attention => {
      return { about: departure.why, message: wordsOf(newest(departure, view)), todo: departure.todo }
    }),
    ...retiringOf(planned.app, view),
  ]
}

/** What another app gives up in the same run is no reason to worry. */
const cannotWork = ({ comesAfter }: PlannedApp['unfit'][number]): boolean => comesAfter === undefined

/** What a budget overshot goes on to be counted after its agents were told to stop: one figure, the newest, is shown. */
function newest(departure: Departure, { store }: View): Departure {
  if (departure.why !== 'budget') return departure
  const states = store.shelf<KeptBudgetState>('budget-state').all()
  const found = states.find(
    ({ value: { state } }) => state.budget === departure.budget && state.halted?.since === departure.at,
  )
  return { ...departure, message: found?.value.state.halted?.message ?? departure.message }
}

function wordsOf(departure: Departure): string {
  const { why, revision, by, until, message } = departure
  const said = message === '' ? '' : `: ${message}`
  const commit = revision?.slice(0, 12)
  if (why === 'held-back') return `${commit} is held back${said}`
  if (why === 'budget') return `at rest for ${message}`
  return why === 'pinned' ? `pinned to ${commit} by ${by}${said}` : `suspended by ${by} until ${until}${said}`
}

function blockedOf({ app, blocked }: PlannedApp, { look }: View): readonly Attention[] {
  // A person looks, and a person's apply does not wait for the time of a next try.
  if (!blocked || blocked.reason === 'Backoff' || blocked.reason === 'Usage') return []
  const { reason, message, todo } = blocked
  const problems = look.desired.problems.filter((problem) => problem.severity === 'error' && problem.app === app)
  const [first] = reason === 'InvalidDesired' ? problems : []
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : ''
  const said = first ? `${formatProblem(first)}${more}` : message
  return [{ about: 'blocked', message: said, ...(todo === undefined ? {} : { todo }) }]
}

function guardsOf(planned: PlannedApp, view: View): readonly Attention[] {
  return pendingGuards(planned, view).map(
    (guard): Attention => ({ about: 'guard', message: guard.message, todo: commandOf(guard) }),
  )
}

/** Those of the plan, and the one that stops a revision in which too many apps failed. */
export function pendingGuards({ app, plan, guards }: PlannedApp, { store, look }: View): readonly Guard[] {
  const begins = changesOf(plan).some((change) => change.cause === 'revision')
  const failures = begins ? failuresGuard(store.app(app), { engine: { store }, look }) : undefined
  return failures ? [...guards, failures] : guards
}

/** What is held and said by nothing else: drift and what is unknown stand beside their resources. */
const WAITS: ReadonlySet<HeldWhy> = new Set(['conflict', 'data', 'dependency', 'image'])

function waitingOf(planned: PlannedApp, { look }: View): readonly Attention[] {
  if (planned.blocked) return []
  return planned.plan.held
    .filter((held) => WAITS.has(held.why))
    .map((held): Attention => {
      const todo = heldTodo(held, planned, look)
      return { about: 'waiting', message: `${held.id}: ${held.message}`, ...(todo === undefined ? {} : { todo }) }
    })
}

function failingOf(app: string, { store }: View): readonly Attention[] {
  const { failures } = store.app(app)
  const last = failures > 0 ? store.history({ app, limit: 50 }).find((entry) => entry.what === 'failed') : undefined
  return last ? [{ about: 'failing', message: last.message, todo: `now: swarmkeeper apply --app ${app}` }] : []
}

const lateOf = (app: string, { store, look }: View) =>
  (store.app(app).late ?? []).filter((late) => isWaiting(late, look))

function retiringOf(app: string, { store }: View): readonly Attention[] {
  const left = store.record().filter((entry) => entry.app === app && entry.state === 'retiring')
  if (left.length === 0) return []
  const message = `not removed yet: ${left.map((entry) => entry.id).join(', ')}`
  return [{ about: 'retiring', message, todo: 'each apply tries again, and says what uses it still' }]
}
