import type { Budget, Halt, Micros } from '../model/budget.ts'
import type { Figure } from './combine.ts'
import type { Window } from './windows.ts'

/** Why agents stand at rest, until when, and what the budget said then: a reviewed change of that ends it. */
export interface HaltMemory {
  readonly why: Halt['why']
  /** ISO times. */
  readonly since: string
  readonly until?: string
  readonly message: string
  readonly limit: Micros
  readonly burn?: Micros
  /** Keys of agents that a person resumed, of those that it stopped. */
  readonly resumed: readonly string[]
}

/** What is kept of one part of a budget (all of it, an agent, a user) between evaluations. */
export interface PartMemory {
  /** Start of its window (ms). */
  readonly window: number
  /** Thresholds told in this window; 100: the limit, where it stops nothing. */
  readonly warned: readonly number[]
  readonly halt?: HaltMemory
  /** As much may be spent in this window, for a person resumed it; as long as the limit is not lowered. */
  readonly allowed?: { readonly upTo: Micros; readonly limit: Micros }
  /** A person resumed it since the last evaluation: as much as the limit is allowed once more. */
  readonly resumes?: true
  /** When (ms) a person last resumed it: what is not known is waited for anew. */
  readonly resumedAt?: number
}

export interface Deciding {
  readonly budget: Budget
  /** The agent or user. */
  readonly of: string | undefined
  readonly figure: Figure
  readonly before: PartMemory | undefined
  readonly window: Window
  readonly now: number
  /** How long (ms) the spend may be unknown before agents are stopped for it. */
  readonly graceMs: number
}

/** What was decided of a budget. */
export interface Decided {
  readonly windowEnd: number
  /** By the agent or user; `''`: of all. */
  readonly parts: Readonly<Record<string, PartMemory>>
}
