import type { BudgetUnit, Micros } from '../model/budget.ts'

export interface AmountOf {
  readonly unit: BudgetUnit
  readonly currency: string
}

const MILLION = 1_000_000

/** For people: `$12.35`, `12.35 EUR`, `1 run`, `2,000,000 tokens`. Less than a cent keeps its digits. */
export function amountText(micros: Micros, { unit, currency }: AmountOf): string {
  if (unit !== 'cost') return `${grouped(micros / MILLION, 0)} ${micros === MILLION ? unit.slice(0, -1) : unit}`
  const text = grouped(micros / MILLION, micros !== 0 && Math.abs(micros) < MILLION / 100 ? 6 : 2)
  return currency === 'USD' ? `$${text}` : `${text} ${currency}`
}

const grouped = (value: number, places: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places })

/** Whole units, exactly: `12.35`, for programs. */
export function amountDecimal(micros: Micros): string {
  const digits = String(Math.abs(micros)).padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '')
  return `${micros < 0 ? '-' : ''}${digits.slice(0, -6)}${fraction === '' ? '' : `.${fraction}`}`
}
