import { amountText } from '../lib/amount.ts'
import type { Deciding } from './part.ts'
import { budgetText, durationText, spentText, timeText } from './words.ts'

/** `a/daily: $102.40 of $100.00 (102 %), $2.40 over; at rest until 2026-11-22 00:00 UTC` */
export function exceededMessage({ budget, of, figure }: Deciding, until: string | undefined): string {
  const ends = until === undefined ? 'until a person resumes them' : `until ${timeText(Date.parse(until))}`
  return `${budgetText(budget, of)}: ${spentText(budget, figure.spent)} spent this ${budget.window}; at rest ${ends}`
}

export function burnMessage({ budget, of, figure }: Deciding): string {
  const { burn } = budget
  const fast = `${amountText(figure.burned, budget)} spent within ${durationText(burn?.inMs ?? 0)}`
  const limit = `the limit is ${amountText(burn?.limit ?? 0, budget)}`
  return `${budgetText(budget, of)}: ${fast}, ${limit}; ${spentText(budget, figure.spent)} this ${budget.window}; at rest until a person resumes them`
}

export const unknownMessage = ({ budget, of, figure }: Deciding): string =>
  `${budgetText(budget, of)}: what is spent is not known since ${timeText(figure.unknown?.since ?? 0)}: ${figure.unknown?.why ?? ''}`

export const warningMessage = ({ budget, of, figure, window }: Deciding, percent: number): string =>
  `${budgetText(budget, of)}: ${percent >= 100 ? 'used up: ' : ''}${spentText(budget, figure.spent)} spent this ${budget.window}, which ends ${timeText(window.end)}`
