import type { AppState } from '../model/app-state.ts'
import type { Budget, BudgetState, KeptBudgetState } from '../model/budget.ts'
import type { FleetStatus } from '../model/outcome.ts'
import { haltsFor } from '../reconcile/halts.ts'
import type { View } from './view.ts'

/** What the daemon found of each budget at its last evaluation. */
export function budgetStates({ store, look }: View): Pick<FleetStatus, 'budgets' | 'unevaluated'> {
  const kept = store.shelf<KeptBudgetState>('budget-state').all()
  const known = new Set(kept.map(({ value }) => value.state.budget))
  const { budgets, agents } = look.desired
  // What is of nobody yet has no state: one per user before somebody spent something, one per agent before an agent names it.
  const hasState = ({ key, per }: Budget): boolean =>
    per === 'global' || (per === 'agent' && agents.some(({ budget }) => budget === key))
  const unevaluated = budgets.flatMap((one) => (known.has(one.key) || !hasState(one) ? [] : [one.key])).sort()
  const never = unevaluated.length === 0 ? {} : { unevaluated }
  if (kept.length === 0) return never
  const apps = store.apps()
  const byKey = [...kept].sort((a, b) => (a.key < b.key ? -1 : 1))
  return { budgets: byKey.map(({ value: { at, state } }) => ({ ...inForce(state, apps), at })), ...never }
}

/** What a person resumed is stopped no longer, until it is stopped anew. */
function inForce(state: BudgetState, apps: readonly AppState[]): BudgetState {
  const { halted: _halted, ...rest } = state
  return state.halted && haltsFor(state, apps).length === 0 ? rest : state
}
