import type { KeptBudgetState } from '../model/budget.ts'
import type { FleetStatus } from '../model/outcome.ts'
import type { View } from './view.ts'

/** What the daemon found of each budget at its last evaluation. */
export function budgetStates({ store }: Pick<View, 'store'>): Pick<FleetStatus, 'budgets'> {
  const kept = store.shelf<KeptBudgetState>('budget-state').all()
  if (kept.length === 0) return {}
  const byKey = [...kept].sort((a, b) => (a.key < b.key ? -1 : 1))
  return { budgets: byKey.map(({ value }) => value.state) }
}
