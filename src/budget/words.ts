import { amountText } from '../lib/amount.ts'
import type { Budget, Micros, SpendSource } from '../model/budget.ts'

/** How messages call a source. */
export function sourceText(source: SpendSource): string {
  switch (source.type) {
    case 'prometheus':
      return `prometheus ${source.target}: ${source.counter}`
    case 'anthropic':
      return source.workspace === undefined ? 'anthropic' : `anthropic ${source.workspace}`
    case 'openai':
      return source.project === undefined ? 'openai' : `openai ${source.project}`
    case 'zerg':
      return `zerg ${source.url}`
    case 'supervisor':
      return source.project === undefined
        ? `supervisor ${source.target}`
        : `supervisor ${source.target}, project ${source.project}`
    case 'reported':
      return 'reported'
  }
}

export const budgetText = (budget: Pick<Budget, 'key'>, of: string | undefined): string =>
  of === undefined ? `budget ${budget.key}` : `budget ${budget.key} of ${of}`

export const percentOf = (spent: Micros, limit: Micros): number => Math.floor((spent / limit) * 100)

/** `$102.40 of $100.00 (102 %), $2.40 over` */
export function spentText(budget: Budget, spent: Micros): string {
  const over = spent > budget.limit ? `, ${amountText(spent - budget.limit, budget)} over` : ''
  const share = `${amountText(spent, budget)} of ${amountText(budget.limit, budget)} (${percentOf(spent, budget.limit)} %)`
  return `${share}${over}`
}

export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

/** `2026-11-22 00:00 UTC` */
export const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
