import type { ResourceId } from './id.ts'
import type { Position } from './problem.ts'

/**
 * A figure in integer millionths of its unit: of a dollar (or another currency), of a run, of a token. Up to 9 * 10^15, so
 * nine thousand million dollars are exact.
 */
export type Micros = number

export type BudgetUnit = 'cost' | 'runs' | 'tokens'

/** A `Budget` document, every default filled. */
export interface Budget {
  /** `app/name`: what states and messages know it by. */
  readonly key: string
  readonly app: string
  readonly name: string
  readonly window: 'day' | 'week' | 'month'
  /** IANA name. */
  readonly timezone: string
  readonly unit: BudgetUnit
  /** Of a cost: `USD`. */
  readonly currency: string
  readonly limit: Micros
  readonly burn?: { readonly limit: Micros; readonly inMs: number }
  readonly per: 'global' | 'agent' | 'user'
  readonly sources: readonly SpendSource[]
  /** Percent, ascending. */
  readonly warnAt: readonly number[]
  readonly onExceeded: 'suspend' | 'notify'
  readonly onUnknown: 'hold-new' | 'suspend' | 'keep'
  readonly resume: 'next-window' | 'manual'
  readonly origin: Position
}

interface SourceCommon {
  /** Tells a source from the others of its budget, and stays the same as long as it asks the same. */
  readonly key: string
  readonly covers: string
  /** Label that carries the agent or the user, of a budget that is `per` one. */
  readonly by?: string
}

export type SpendSource = SourceCommon &
  (
    | {
        readonly type: 'prometheus'
        readonly target: string
        readonly counter: string
        readonly match: Readonly<Record<string, string>>
        readonly startsAbsent: boolean
        readonly everyMs: number
      }
    | { readonly type: 'anthropic'; readonly credential: string; readonly workspace?: string; readonly url: string }
    | { readonly type: 'openai'; readonly credential: string; readonly project?: string; readonly url: string }
    | { readonly type: 'zerg'; readonly url: string; readonly credential: string }
    | { readonly type: 'supervisor'; readonly target: string; readonly project?: string }
    | { readonly type: 'reported' }
  )

/** Why agents stand at rest for their budget (rule 6, cause `budget`). Kept in the app's state, and in its marks. */
export interface Halt {
  /** `Budget.key`. */
  readonly budget: string
  readonly why: 'exceeded' | 'burn' | 'unknown'
  /** What stands at rest: the agents' resources in this app. */
  readonly ids: readonly ResourceId[]
  /** ISO time. */
  readonly since: string
  /** ISO time of the next window, where it ends by itself; absent: a person resumes it, or a reviewed change. */
  readonly until?: string
  /** One line for people: `budget web/daily: $103.20 of $100.00 (103 %), $3.20 over spent this day; at rest until …`. */
  readonly message: string
  /** ISO time: since when nothing of it runs. What was spent until then is the true overshoot. */
  readonly stoppedAt?: string
  /** Set when it ended, until what stood at rest runs again: the change that wakes it has the same cause. */
  readonly lifted?: true
}

/**
 * A person let the agents of an app run again in spite of their budget (`swarmkeeper resume APP`). Kept in the app's state
 * until whoever counts the budget was told of it (`Budgets.resume`): a command may say so while no daemon runs.
 */
export interface Waiver {
  /** `Budget.key`. */
  readonly budget: string
  /** ISO time. */
  readonly at: string
  readonly by: string
  readonly reason: string
}

/** What is known of a budget now, for status, pull requests, metrics and chat. One for each agent or user of a `per` one. */
export interface BudgetState {
  readonly budget: string
  readonly unit: BudgetUnit
  readonly currency: string
  /** The agent or user; absent for a global one. */
  readonly of?: string
  readonly limit: Micros
  /** ISO times. */
  readonly window: { readonly start: string; readonly end: string }
  readonly spent: Micros
  /** The figure may be lower than the truth: what of it is not known, and since when (ISO time). */
  readonly unknown?: { readonly why: string; readonly since: string }
  readonly covers: readonly {
    readonly covers: string
    readonly spent: Micros
    readonly sources: readonly { readonly source: string; readonly spent?: Micros; readonly message?: string }[]
  }[]
  /** Percent thresholds told in this window. */
  readonly warned: readonly number[]
  readonly halted?: Pick<Halt, 'why' | 'since' | 'until' | 'message'>
  /** No new runs are started, because the spend is not known. */
  readonly holdsNew?: true
  /** How far past the limit spending can come before it is stopped: seconds, and why. */
  readonly bound: { readonly seconds: number; readonly why: string }
}

/** On the shelf `budget-state`, by `budgetStateKey`. */
export interface KeptBudgetState {
  /** ISO time of the evaluation. */
  readonly at: string
  readonly state: BudgetState
  /** Of the window in which it was halted: what is spent in the next one says nothing of the overshoot. */
  readonly during?: Pick<BudgetState, 'spent' | 'limit'> & { readonly since: string }
  /** Percent thresholds that people were told of in this window: of several that were crossed at once, the highest. */
  readonly told: readonly number[]
}

/** `app/name`, or `app/name of` for each agent or user of a `per` one. */
export const budgetStateKey = ({ budget, of }: Pick<BudgetState, 'budget' | 'of'>): string =>
  of === undefined ? budget : `${budget} ${of}`
