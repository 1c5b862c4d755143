import type { AgentRun } from './agent.ts'
import type { CheckResult } from './check.ts'
import type { ResourceId } from './id.ts'
import type { AppOutcome } from './outcome.ts'
import type { Action, Cause, Plan } from './plan.ts'
import type { Step } from './target.ts'

/** What the engine says while it works: progress lines, logs, metrics and tests listen. */
export type EngineEvent = Happening & {
  /** The tick that it belongs to, in a daemon: every line of one reconcile carries it. */
  readonly tick?: string
}

type Happening =
  | { readonly type: 'source:resolved'; readonly revision: string; readonly stale: boolean }
  /** The database was empty: what targets and git still tell. */
  | {
      readonly type: 'store:rebuilt'
      readonly resources: number
      readonly holds: number
      readonly pins: number
      readonly suspensions: number
    }
  | { readonly type: 'target:observed'; readonly target: string }
  | { readonly type: 'target:unreachable'; readonly target: string; readonly message: string }
  /** A confirmation that confirms nothing: no such guard waits, or waits any more. */
  | { readonly type: 'guard:not-pending'; readonly name: string; readonly pending: readonly string[] }
  | { readonly type: 'app:planned'; readonly app: string; readonly plan: Plan }
  | {
      readonly type: 'change'
      readonly app: string
      readonly id: ResourceId
      readonly action: Action
      readonly cause: Cause
      readonly step: Step
      readonly reason?: string
      readonly message?: string
    }
  | {
      readonly type: 'proof:waiting'
      readonly app: string
      readonly ids: readonly ResourceId[]
      readonly message: string
    }
  | { readonly type: 'check'; readonly app: string; readonly result: CheckResult }
  | { readonly type: 'app:rolling-back'; readonly app: string; readonly reason: string; readonly message: string }
  | { readonly type: 'app:done'; readonly app: string; readonly outcome: AppOutcome }
  /** A threshold of a budget was crossed: once in each window. */
  | { readonly type: 'budget:warning'; readonly budget: string; readonly percent: number; readonly message: string }
  /** Agents are to rest for their budget, or may run again. */
  | {
      readonly type: 'budget:halted' | 'budget:lifted'
      readonly budget: string
      readonly app: string
      readonly ids: readonly ResourceId[]
      readonly message: string
    }
  /** A source that does not tell what it should. */
  | { readonly type: 'budget:source'; readonly budget: string; readonly covers: string; readonly message: string }
  /** A run of a scheduled agent began, or ended. */
  | ({ readonly type: 'agent:run'; readonly app: string; readonly tookMs?: number } & RunEvent)
  /** A stop was asked for: these are being applied, and may end. */
  | { readonly type: 'loop:draining'; readonly apps: readonly string[] }
  /** They took too long: their waiting is ended, and the next start goes on from what was written. */
  | { readonly type: 'loop:aborting'; readonly apps: readonly string[] }

type RunEvent = Pick<AgentRun, 'agent' | 'id' | 'outcome' | 'message'> & {
  /** ISO time of the minute that it was due. */
  readonly due: string
}

export type Emit = (event: EngineEvent) => void
