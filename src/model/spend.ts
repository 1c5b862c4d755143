import type { BudgetState } from './budget.ts'

/** The body of `POST /api/v1/spend`. */
export interface SpendReport {
  /** Chosen by whoever reports: the same key counts once. */
  readonly key: string
  /** `app/name`, or the name where only one budget has it. */
  readonly budget: string
  /** Of the budget's sources that are `reported`; absent: it has only one. */
  readonly covers?: string
  /** Whole units (dollars, runs, tokens): a number, or a decimal as text, which is exact. Never below zero. */
  readonly amount: string | number
  /** Of a cost: refused where the budget has another one. */
  readonly currency?: string
  /** Name of the agent or the user, for a budget that is `per` one. */
  readonly agent?: string
  readonly user?: string
  /** ISO time at which it was spent; absent: now. */
  readonly at?: string
}

export interface SpendTaken {
  readonly key: string
  readonly budget: string
  /** Of the report, as text in whole units. */
  readonly amount: string
  /** ISO time that it counts for. */
  readonly at: string
  /** It was taken before: nothing was added now. */
  readonly again: boolean
}

/** Takes what programs report, and tells what is known; of budgets, as far as the HTTP surface needs them. */
export interface SpendLedger {
  /** @throws ReconcileError `Usage`, `NotFound`, `Conflict` (the key was used for something else) */
  report(report: SpendReport): SpendTaken
  states(): readonly BudgetState[]
}
