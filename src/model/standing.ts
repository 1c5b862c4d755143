import type { CheckSpec } from './check.ts'
import type { Severity } from './incident.ts'

/** A `Check` with an interval: made again and again by the daemon. */
export interface StandingCheck {
  readonly app: string
  readonly name: string
  readonly spec: CheckSpec
  readonly intervalMs: number
  /** So many failures of the last `of` attempts count; in a row where both are the same. */
  readonly failAfter: { readonly failures: number; readonly of: number }
  readonly severity: Severity
}

/** What is known of a standing check. */
export interface CheckState {
  readonly app: string
  readonly name: string
  readonly state: 'passing' | 'failing' | 'unknown'
  /** Of the last attempts, newest last. */
  readonly last: readonly boolean[]
  readonly message: string
  /** ISO time of the last attempt; absent: none was made yet. */
  readonly at?: string
  /** ISO time: since when it is in this state. */
  readonly since: string
  readonly latencyMs?: number
}
