/** What an agent supervisor told at the last look. What it does not tell is undefined: unknown, never fine. */
export interface SupervisorState {
  readonly target: string
  /** ISO time of the look; absent: none was taken yet. */
  readonly at?: string
  /** Why nothing could be asked, and what a person can do about that. */
  readonly unreachable?: string
  readonly todo?: string
  /** That it lists, that must be online, and that it listed before. */
  readonly nodes?: readonly SupervisedNode[]
  /** Sessions, where it has them. */
  readonly sessions?: readonly {
    readonly id: string
    readonly node: string
    readonly project: string
    readonly status: string
  }[]
  /** In dollars. `today` is unknown while a provider is degraded: the sum lacks what that one was paid. */
  readonly cost?: {
    readonly today?: number
    readonly byProject: Readonly<Record<string, number>>
    readonly degraded: readonly string[]
  }
  /** What it has none of, and the answer that said so: `sessions: 503 SERVICE_UNAVAILABLE`. */
  readonly absent: readonly string[]
}

export interface SupervisedNode extends NodeWords {
  readonly id: string
  /** ISO time at which it was last heard of there. */
  readonly heardAt?: string
  /** What was told before, of a node that not everything is told of now. */
  readonly last?: NodeWords & {
    /** ISO time of the last look that listed it. */
    readonly at: string
  }
}

interface NodeWords {
  readonly status: 'online' | 'offline' | 'degraded' | 'unknown'
  /** Tool -> its login, as the supervisor says it: `authenticated`, `unauthenticated`, `manual_required`… */
  readonly logins?: Readonly<Record<string, string>>
  readonly credentials: 'in_sync' | 'drift_detected' | 'unknown'
}

/** The newest that is known of a node: what is not told now has not become well by that. */
export function lastToldOf(node: SupervisedNode): NodeWords {
  const { status, logins = node.last?.logins, credentials } = node
  return {
    status: status === 'unknown' ? (node.last?.status ?? status) : status,
    ...(logins === undefined ? {} : { logins }),
    credentials: credentials === 'unknown' ? (node.last?.credentials ?? credentials) : credentials,
  }
}

/** A login that a person has to take up again; `error` says only that it could not be looked at. */
export const isLostLogin = (status: string): boolean => status === 'unauthenticated' || status === 'manual_required'
