import type { AppState } from './app-state.ts'
import type { ResourceId } from './id.ts'
import type { HealthStatus } from './live.ts'
import type { Action, Cause, Plan } from './plan.ts'
import type { Problem } from './problem.ts'
import type { DriftSeen } from './store.ts'
import type { Step } from './target.ts'

/** Why a plan waits for a person, and the word that confirms it (`apply --confirm GUARD`). */
export interface Guard {
  readonly name: string
  readonly message: string
}

export interface AppPlan {
  readonly app: string
  readonly plan: Plan
  readonly guards: readonly Guard[]
  /** What no node can hold or what is missing: refused before the first write. */
  readonly unfit: readonly { readonly id: ResourceId; readonly message: string }[]
  /** Why nothing of this app is applied now: suspended, stalled, backoff, waits for another app, does not render. */
  readonly blocked?: { readonly reason: string; readonly message: string }
}

export interface FleetPlan {
  readonly revision: string
  /** The source could not be reached: this is the last desired state, and nothing is pruned. */
  readonly stale: boolean
  readonly apps: readonly AppPlan[]
  readonly problems: readonly Problem[]
  /** Recorded, but neither app nor target is declared any more. */
  readonly orphans: readonly ResourceId[]
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
}

export interface AppStatus {
  readonly state: AppState
  readonly health: HealthStatus | 'unknown' | 'absent'
  readonly resources: readonly ResourceStatus[]
}

export interface FleetStatus {
  readonly at: string
  readonly revision?: string
  readonly stale: boolean
  readonly frozen?: string
  readonly apps: readonly AppStatus[]
  readonly targets: readonly { readonly name: string; readonly reachable: boolean; readonly message?: string }[]
  readonly orphans: readonly ResourceId[]
}
