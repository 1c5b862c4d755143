import type { Agent } from '../model/agent.ts'
import type { Budget, BudgetState, BudgetUnit, Halt, Micros } from '../model/budget.ts'
import type { Clock } from '../model/clock.ts'
import type { SpendReport, SpendTaken } from '../model/spend.ts'
import type { Store } from '../model/store.ts'
import type { Prometheus } from '../prometheus/prometheus.ts'
import type { Settings } from '../settings/settings.ts'
import type { Resolve } from '../web/reach.ts'

/** What a budget tells once in a window: a threshold that was crossed, or the limit where nothing is stopped for it (100). */
export interface BudgetWarning {
  /** `Budget.key`, and its app. */
  readonly budget: string
  readonly app: string
  /** The agent or user. */
  readonly of?: string
  readonly percent: number
  readonly spent: Micros
  readonly limit: Micros
  readonly unit: BudgetUnit
  readonly currency: string
  /** ISO time at which its window ends. */
  readonly windowEnd: string
  /** One line for people. */
  readonly message: string
}

/** An agent that is to stand at rest as long as this is said: all that are in force, not only new ones. */
export interface WantedHalt {
  /** `Agent.key` */
  readonly agent: string
  readonly halt: Omit<Halt, 'ids' | 'lifted'>
}

/** A source that does not tell what it should, or two that do not agree. */
export interface SourceMessage {
  readonly budget: string
  readonly covers: string
  readonly message: string
}

export interface BudgetEvaluation {
  /** ISO time. */
  readonly at: string
  readonly states: readonly BudgetState[]
  /** New ones: each is here once. */
  readonly warnings: readonly BudgetWarning[]
  readonly halts: readonly WantedHalt[]
  /** Keys of agents of which no new run is started: their spend is not known. */
  readonly holdsNew: readonly string[]
  /** New ones, as long as this process runs; what holds on is in the states. */
  readonly messages: readonly SourceMessage[]
  /** When the next evaluation can tell anything new. */
  readonly nextInMs: number
}

export interface EvaluateOptions {
  readonly budgets: readonly Budget[]
  readonly agents: readonly Agent[]
  /** What stands at rest by the apps' state: taken over where the database knows nothing of the budget (it was lost). */
  readonly halts?: readonly Halt[]
  readonly signal: AbortSignal
}

export interface Budgets {
  /** Asks the sources that are due, decides, and keeps it all in one transaction. Calls wait for each other. */
  evaluate(options: EvaluateOptions): Promise<BudgetEvaluation>
  /**
   * What a program says that it spent (`POST /api/v1/spend`).
   * @throws ReconcileError `Usage`, `NotFound`, `Conflict` (the key was used for something else)
   */
  report(report: SpendReport): SpendTaken
  /** As of the last evaluation; none before the first. */
  states(): readonly BudgetState[]
  /**
   * A person resumes these agents: what stands at rest of them for a budget may run again, until as much as the limit is spent
   * once more, or it burns anew. Gives how many halts that ended.
   */
  resume(agents: readonly Agent[]): number
}

/**
 * What an agent supervisor says that was paid today, in micro-dollars; or why nobody knows. Undefined: what is declared was
 * not read yet.
 */
export type SupervisorCost = (
  of: { readonly target: string; readonly project?: string },
  signal: AbortSignal,
) => Promise<{ readonly micros: Micros } | { readonly unknown: string } | undefined>

export interface BudgetsOptions {
  readonly store: Pick<Store, 'shelf' | 'transaction'>
  readonly clock: Clock
  readonly settings: Pick<Settings, 'credentials'>
  /** The declared Prometheus of this name; undefined: what is declared was not read yet. @throws ReconcileError */
  prometheusFor(target: string): Pick<Prometheus, 'query'> | undefined
  readonly supervisorCost?: SupervisorCost
  readonly resolve?: Resolve
  /** From the decision until agents stand still, for the bound that is told. 60 where it is not said. */
  readonly stopSeconds?: number
  /** After a report: an evaluation may decide something new. */
  onReport?(): void
}
