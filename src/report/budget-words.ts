import { amountText } from '../lib/amount.ts'
import type { BudgetState, Micros } from '../model/budget.ts'

type Spent = Pick<BudgetState, 'spent' | 'limit' | 'unit' | 'currency'>

/** `$103.20 of $100.00` */
export const spentWords = (state: Spent): string =>
  `${amountText(state.spent, state)} of ${amountText(state.limit, state)}`

export const percentOf = ({ spent, limit }: Pick<Spent, 'spent' | 'limit'>): number =>
  limit === 0 ? 100 : Math.floor((spent / limit) * 100)

/** How far past the limit it came. */
export const overshootOf = ({ spent, limit }: Pick<Spent, 'spent' | 'limit'>): Micros => Math.max(0, spent - limit)
