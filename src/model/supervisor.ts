/** What an agent supervisor told at the last look. What it does not tell is undefined: unknown, never fine. */
export interface SupervisorState {
  readonly target: string
  /** ISO time of the look. */
  readonly at: string
  /** Why nothing could be asked. */
  readonly unreachable?: string
  readonly nodes?: readonly SupervisedNode[]
  /** Sessions, where it has them. */
  readonly sessions?: readonly {
    readonly id: string
    readonly node: string
    readonly project: string
    readonly status: string
  }[]
  readonly cost?: {
    readonly today?: number
    readonly byProject: Readonly<Record<string, number>>
    readonly degraded: readonly string[]
  }
  /** What it has none of, and the answer that said so: `sessions: 503 SERVICE_UNAVAILABLE`. */
  readonly absent: readonly string[]
}

export interface SupervisedNode {
  readonly id: string
  readonly status: 'online' | 'offline' | 'degraded' | 'unknown'
  /** Tool -> its login, as the supervisor says it. */
  readonly logins?: Readonly<Record<string, string>>
  readonly credentials: 'in_sync' | 'drift_detected' | 'unknown'
}
