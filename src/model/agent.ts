import type { Micros } from './budget.ts'
import type { ResourceId } from './id.ts'
import type { Position } from './problem.ts'

/** An `Agent` document, and what it became. */
export interface Agent {
  /** `app/name` */
  readonly key: string
  readonly app: string
  readonly name: string
  readonly description?: string
  readonly model?: string
  readonly tools: readonly string[]
  readonly policies: readonly string[]
  /** `Budget.key`; the document's own word where no budget of that name was found, which was reported. */
  readonly budget?: string
  readonly schedule?: Schedule
  /** What runs of it: a service, or a unit or program on each of its hosts. */
  readonly ids: readonly ResourceId[]
  readonly origin: Position
}

export interface Schedule {
  /** Five fields: read by src/lib/cron.ts. */
  readonly cron: string
  readonly timezone: string
  readonly missed: 'skip' | 'once'
  readonly timeoutMs: number
}

export type RunOutcome =
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'stopped' // by its budget, its timeout or a person
  | 'missed' // its time went by while nobody could start it
  | 'refused' // the run before was still going on, its budget is used up, its app is suspended
  | 'unknown' // its target does not answer, or nothing is left of it

/** One run of a scheduled agent on one of its targets. */
export interface AgentRun {
  /** `Agent.key`. */
  readonly agent: string
  readonly id: ResourceId
  /** ISO time of the minute that it was due. */
  readonly tick: string
  readonly outcome: RunOutcome
  readonly message: string
  /** ISO times. */
  readonly startedAt?: string
  readonly endedAt?: string
  /** What its budget's sources counted for the agent meanwhile, where they can tell. */
  readonly cost?: { readonly micros: Micros; readonly currency: string }
  /** Its last lines. */
  readonly lines: readonly string[]
}

/** Which run: the same key never starts twice. */
export interface RunKey {
  readonly id: ResourceId
  readonly tick: string
}

export type RunLook =
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly startedAt: string }
  | {
      readonly state: 'ended'
      readonly ok: boolean
      /** Its exit code, or what its target says. */
      readonly message: string
      readonly startedAt: string
      readonly endedAt: string
      readonly lines: readonly string[]
    }
