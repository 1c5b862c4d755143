import type { FleetPlan } from '../model/outcome.ts'
import { type Change, changesOf, type HeldWhy, type Plan } from '../model/plan.ts'
import { disturbance } from './describe-change.ts'
import { plural } from './printable.ts'

/** Changes that an apply would make: those of the stages, and those that only our own record notices. */
export function visibleChanges(plan: Plan): readonly Change[] {
  return [...changesOf(plan), ...plan.settled.filter((change) => change.action !== 'unchanged')]
}

/** Held things that wait for somebody to do something. */
const WAITING: ReadonlySet<HeldWhy> = new Set(['conflict', 'guard', 'data', 'dependency', 'stalled', 'image', 'window'])

export type PlanVerdict = 'nothing' | 'changes' | 'error' | 'unknown'

/** What a plan comes to, worst first: it is also the exit code. */
export function verdictOf(fleet: FleetPlan): PlanVerdict {
  if (fleet.problems.some((problem) => problem.severity === 'error')) return 'error'
  const plans = fleet.apps.map((app) => app.plan)
  const held = plans.flatMap((plan) => plan.held)
  if (held.some((entry) => entry.why === 'unknown')) return 'unknown'
  const waits = held.some((entry) => WAITING.has(entry.why)) || fleet.apps.some((app) => app.guards.length > 0)
  return waits || plans.some((plan) => visibleChanges(plan).length > 0) ? 'changes' : 'nothing'
}

/** `1 to create, 2 to change (1 restarts), 1 to prune; 1 held`. */
export function summarize(plans: readonly Plan[]): string {
  const changes = plans.flatMap(visibleChanges)
  const of = (...actions: readonly Change['action'][]): readonly Change[] =>
    changes.filter((change) => actions.includes(change.action))
  const held = plans.reduce((sum, plan) => sum + plan.held.length, 0)
  const parts = [
    count(of('create'), 'to create'),
    count(of('update'), 'to change', disturbed(of('update'))),
    count(of('replace'), 'to replace'),
    count(of('adopt'), 'to adopt'),
    count(of('move'), 'to move'),
    count(of('prune'), 'to prune'),
  ].filter((part) => part !== '')
  const said = parts.length === 0 ? 'nothing to do' : parts.join(', ')
  return held === 0 ? said : `${said}; ${plural(held, 'held', 'held')}`
}

const count = (changes: readonly Change[], words: string, rest = ''): string =>
  changes.length === 0 ? '' : `${changes.length} ${words}${rest}`

function disturbed(changes: readonly Change[]): string {
  const restarts = changes.filter((change) => disturbance(change) === 'restarts').length
  return restarts === 0 ? '' : ` (${restarts} ${restarts === 1 ? 'restarts' : 'restart'})`
}
