import type { Digest } from './digest.ts'
import type { ResourceId } from './id.ts'

export type Owner =
  | { readonly who: 'us'; readonly app: string; readonly digest: Digest }
  | { readonly who: 'nobody' }
  | { readonly who: 'other'; readonly install: string }

export type HealthStatus = 'healthy' | 'progressing' | 'degraded' | 'suspended'

export interface Health {
  readonly status: HealthStatus
  /** Word from the target's own vocabulary, for people: `update paused`, `1/2 running`. */
  readonly message?: string
  /** Set when the target itself took the last change back: a failed apply for us (swarm.md 4, 5). */
  readonly revertedByTarget?: boolean
  /** What runs now (task ids, main pid and start time). It changes when something restarts: the measure of stability. */
  readonly instance?: string
  /** How often it came back by itself since somebody started it, where its target counts that. */
  readonly restarts?: number
  /** A resource that ends: a job that ran to its end. */
  readonly finished?: boolean
}

export type Observed<L = unknown> =
  | {
      readonly state: 'present'
      readonly live: L
      readonly owner: Owner
      readonly health: Health
      /** Version index for optimistic locking. */
      readonly version: string
      /** Names of the machines that it runs on, or ran on last. */
      readonly on?: readonly string[]
    }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly reason: string }

export interface LiveState {
  readonly at: Date
  readonly of: ReadonlyMap<ResourceId, Observed>
  /** Facts that pre-flight needs, by name of the target. */
  readonly facts: ReadonlyMap<string, unknown>
}

/** What a change of a field does to what runs. */
export type Effect = 'none' | 'reload' | 'restart' | 'replace'

export interface FieldDiff {
  /** JSON pointer into the normalised spec. */
  readonly path: string
  readonly from?: unknown
  readonly to?: unknown
  /** The values are secret: say only that they differ. */
  readonly opaque?: true
  readonly effect: Effect
  /** Another or a new volume under an existing mount: blocks until declared (rule 12). */
  readonly data?: string
}
