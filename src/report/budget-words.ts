import type { Budget, BudgetState, Micros } from '../model/budget.ts'

const MILLION = 1_000_000

type Unit = Pick<Budget, 'unit' | 'currency'>

/** `103.20 USD`, `0.000012 USD`, `50 runs`. */
export function amountWords(micros: Micros, unit: Unit): string {
  return `${figure(micros, unit)} ${unitWords(unit)}`
}

/** `103.20 of 100.00 USD`. */
export const spentWords = (state: Pick<BudgetState, 'spent' | 'limit'> & Unit): string =>
  `${figure(state.spent, state)} of ${amountWords(state.limit, state)}`

const unitWords = ({ unit, currency }: Unit): string => (unit === 'cost' ? currency : unit)

/** Money has two places, and more only where they say something. */
function figure(micros: Micros, { unit }: Unit): string {
  const whole = micros / MILLION
  if (unit !== 'cost') return String(whole)
  return micros % 10_000 === 0
    ? whole.toFixed(2)
    : Math.abs(whole) >= 1
      ? whole.toFixed(2)
      : String(Number(whole.toFixed(6)))
}

export const percentOf = ({ spent, limit }: Pick<BudgetState, 'spent' | 'limit'>): number =>
  limit === 0 ? 100 : Math.floor((spent / limit) * 100)

/** How far past the limit it came. */
export const overshootOf = ({ spent, limit }: Pick<BudgetState, 'spent' | 'limit'>): Micros =>
  Math.max(0, spent - limit)
