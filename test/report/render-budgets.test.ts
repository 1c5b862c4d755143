import { expect, it } from 'vitest'
import type { BudgetState } from '../../src/model/budget.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderBudgets } from '../../src/report/render-budgets.ts'

const now = new Date('2026-03-01T12:00:00Z')
const state: BudgetState = {
  ...{
    budget: 'team/daily',
    unit: 'cost',
    currency: 'USD',
    limit: 20_000_000,
    spent: 5_000_000,
    covers: [],
    warned: [],
  },
  window: { start: '2026-03-01T00:00:00.000Z', end: '2026-03-02T00:00:00.000Z' },
  bound: { seconds: 90, why: 'asked every 30 s; 60 s to stop' },
}
const shown = (budgets: readonly (BudgetState & { readonly at?: string })[], unevaluated: readonly string[] = []) =>
  renderBudgets({ budgets, unevaluated }, now, plainPaint)

it('a budget is a line, and below it what is not well', () => {
  expect(shown([{ ...state, at: '2026-03-01T11:59:00.000Z' }])).toEqual([
    '✓ budget team/daily: [##--------] 25 % $5.00 of $20.00, until 2026-03-02T00:00:00Z',
  ])
})

it('that nobody evaluated for hours is not known to be well', () => {
  expect(shown([{ ...state, at: '2026-03-01T08:00:00.000Z' }])).toEqual([
    '? budget team/daily: [##--------] 25 % at least $5.00 of $20.00, until 2026-03-02T00:00:00Z',
    '    not known since 4 h ago: nothing was evaluated since: is the daemon running?',
  ])
})

it('that was never evaluated is said to stop nothing', () => {
  expect(shown([], ['team/daily'])).toEqual([
    '? budget team/daily: never evaluated, and nothing is stopped for it: the daemon does',
  ])
})
