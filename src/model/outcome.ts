import type { Agent, AgentRun } from './agent.ts'
import type { Alert } from './alert.ts'
import type { AppState } from './app-state.ts'
import type { BudgetState } from './budget.ts'
import type { ResourceId } from './id.ts'
import type { HealthStatus } from './live.ts'
import type { Action, Cause, Plan } from './plan.ts'
import type { Problem } from './problem.ts'
import type { CheckState } from './standing.ts'
import type { DriftSeen } from './store.ts'
import type { SupervisorState } from './supervisor.ts'
import type { Step, Unfit } from './target.ts'

/** Why a plan waits for a person, and the word that confirms it (`apply --confirm GUARD`). */
export interface Guard {
  readonly name: string
  readonly message: string
  /** What goes past it, where `apply --confirm NAME` alone does not: `apply --retry --confirm NAME --app web`. */
  readonly command?: string
}

/** The line that a person types to go past a guard. */
export const commandOf = (guard: Guard): string => `swarmkeeper ${guard.command ?? `apply --confirm ${guard.name}`}`

export interface AppPlan {
  readonly app: string
  readonly plan: Plan
  readonly guards: readonly Guard[]
  /** What no node can hold or what is missing: refused before the first write. */
  readonly unfit: readonly Unfit[]
  /** Why nothing of this app is applied now: suspended, stalled, backoff, waits for another app, does not render. */
  readonly blocked?: Blocked
  /** Where it stands, or goes, that is not what the revision declares. */
  readonly departures?: readonly Departure[]
  /** Of a pull request: new in it, and not looked at. What stands there already is found out by the apply. */
  readonly unobserved?: readonly ResourceId[]
  /** Of a pull request: what the tip changes by itself, and the plan therefore does not show. */
  readonly dueAnyway?: readonly ResourceId[]
}

/** Why an app, or a part of it, is not brought to what the revision declares. */
export interface Departure {
  readonly why: 'held-back' | 'pinned' | 'suspended' | 'budget'
  /** What is not as the revision declares it by this; of a pin it may be nothing, for now. */
  readonly ids: readonly ResourceId[]
  /** The revision that failed, or that a person chose instead; a suspension has none. */
  readonly revision?: string
  /** A pin to a folder that a person applied (`apply --from DIR`): it is in no repository. */
  readonly folder?: string
  /** The failure, or what the person said. */
  readonly message: string
  /** Of what is held back: where it stands. */
  readonly keptAt?: 'last-good' | 'as-it-is'
  readonly by?: string
  /** Of what rests for a budget: `Budget.key`, for which `message` says what was spent. */
  readonly budget?: string
  /** ISO time: since when. */
  readonly at: string
  /** ISO time: a suspension ends by itself, and so does a used-up budget with its window. */
  readonly until?: string
  /** What ends it. */
  readonly todo: string
}

export interface Blocked {
  readonly reason: string
  readonly message: string
  /** What ends it. */
  readonly todo?: string
}

export interface FleetPlan {
  readonly revision: string
  /** The source could not be reached: this is the last desired state, and nothing is pruned. */
  readonly stale: boolean
  readonly apps: readonly AppPlan[]
  readonly problems: readonly Problem[]
  /** Recorded on targets that are not declared any more. */
  readonly orphans: readonly ResourceId[]
  readonly orphanedTargets: readonly OrphanedTarget[]
  /** Of a pull request: to be said before all else. */
  readonly widened?: readonly Widened[]
  /** Target that could not be seen -> what ends that, where its error tells. */
  readonly targetTodos?: Readonly<Record<string, string>>
}

/** What of a pull request lets agents do or spend more, or edits what guards them. */
export interface Widened {
  readonly about: 'budget' | 'agent' | 'policy'
  /** `app/name` of a budget or an agent. */
  readonly name: string
  /** `limit: $100.00 to $500.00 a day` */
  readonly message: string
}

/** A target that is not declared any more, with something of ours on it. */
export interface OrphanedTarget {
  readonly target: string
  /** The same machine, or Swarm, under the name that it is declared by now: nothing is left over there. */
  readonly isNow?: string
  /** Lines for a shell there, as root: they take away what is left. */
  readonly cleanUp: readonly string[]
}

export interface StepResult {
  readonly id: ResourceId
  readonly action: Action
  readonly cause: Cause
  readonly step: Step
  readonly reason?: string
  readonly message?: string
}

export type OutcomeWord =
  | 'unchanged'
  | 'applied' // applied and baking
  | 'healed' // drift was put right
  | 'done' // a person's decision was carried out
  | 'proven'
  | 'rolled-back'
  | 'rolling-back' // a step of the rollback is unknown: the loop goes on
  | 'held-back'
  | 'failed' // before the first write, or drift that could not be healed: tried again later
  | 'stalled'
  | 'waiting'
  | 'suspended'
  | 'unknown'

export interface AppOutcome {
  readonly app: string
  readonly revision: string
  readonly outcome: OutcomeWord
  readonly reason?: string
  readonly message?: string
  /** What to do about it. */
  readonly todo?: string
  readonly steps: readonly StepResult[]
  /** Task errors, exit codes, last log lines, the failing check. */
  readonly diagnosis: readonly string[]
  readonly plan?: Plan
  readonly guards: readonly Guard[]
  readonly departures?: readonly Departure[]
}

export interface FleetOutcome {
  readonly revision: string
  readonly stale: boolean
  readonly apps: readonly AppOutcome[]
  readonly problems: readonly Problem[]
}

export interface ResourceStatus {
  readonly id: ResourceId
  readonly app: string
  readonly state: 'present' | 'absent' | 'unknown'
  readonly health?: HealthStatus
  readonly message?: string
  readonly drift?: DriftSeen
  /** It is there, and somebody else's. */
  readonly foreign?: true
}

/** What keeps an app from being as the repository declares it, and what ends that. */
export interface Attention {
  readonly about: Departure['why'] | 'blocked' | 'guard' | 'unfit' | 'waiting' | 'failing' | 'retiring'
  readonly message: string
  readonly todo?: string
}

export interface AppStatus {
  readonly state: AppState
  /** Most urgent first; absent where nobody asked. */
  readonly attention?: readonly Attention[]
  readonly health: HealthStatus | 'unknown' | 'absent'
  readonly resources: readonly ResourceStatus[]
}

export interface FleetStatus {
  readonly at: string
  readonly revision?: string
  readonly stale: boolean
  readonly frozen?: string
  /** What keeps all apps from being applied. */
  readonly attention?: readonly Attention[]
  readonly apps: readonly AppStatus[]
  readonly targets: readonly {
    readonly name: string
    readonly reachable: boolean
    readonly message?: string
    readonly todo?: string
  }[]
  /** ISO time at which the revision was first seen; what a stale status is as old as. */
  readonly knownSince?: string
  readonly orphans: readonly ResourceId[]
  readonly orphanedTargets: readonly OrphanedTarget[]
  /** What the daemon keeps beside the looks, as far as it is known; absent where there is none. */
  readonly agents?: readonly AgentStatus[]
  /** `at`: ISO time of the evaluation. */
  readonly budgets?: readonly (BudgetState & { readonly at?: string })[]
  /** Keys of budgets that are declared and were never evaluated: nothing is stopped for them. */
  readonly unevaluated?: readonly string[]
  readonly checks?: readonly CheckState[]
  /** That fire. */
  readonly alerts?: readonly Alert[]
  readonly supervisors?: readonly SupervisorState[]
}

/** A declared agent, and its last run where it has a schedule. */
export interface AgentStatus extends Pick<Agent, 'key' | 'app' | 'name' | 'description' | 'model' | 'budget' | 'ids'> {
  readonly schedule?: Agent['schedule']
  readonly lastRun?: AgentRun
}
