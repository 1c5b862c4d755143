import type { AppState } from '../model/app-state.ts'
import type { BudgetState, KeptBudgetState } from '../model/budget.ts'
import type { FleetStatus } from '../model/outcome.ts'
import { haltsFor } from '../reconcile/halts.ts'
import type { View } from './view.ts'

/** What the daemon found of each budget at its last evaluation. */
export function budgetStates({ store }: Pick<View, 'store'>): Pick<FleetStatus, 'budgets'> {
  const kept = store.shelf<KeptBudgetState>('budget-state').all()
  if (kept.length === 0) return {}
  const apps = store.apps()
  const byKey = [...kept].sort((a, b) => (a.key < b.key ? -1 : 1))
  return { budgets: byKey.map(({ value }) => inForce(value.state, apps)) }
}

/** What a person resumed is stopped no longer, until it is stopped anew. */
function inForce(state: BudgetState, apps: readonly AppState[]): BudgetState {
  const { halted: _halted, ...rest } = state
  return state.halted && haltsFor(state, apps).length === 0 ? rest : state
}
