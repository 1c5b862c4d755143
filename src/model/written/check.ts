// Generated from schemas/check.json by `npm run schemas`. Do not edit.

/**
 * A length of time, with its unit: ns, us, ms, s, m, h or d. At most 100 days.
 */
export type Duration = string

/**
 * A standing check, and a gate after the changes of its app.
 */
export interface Check {
  /**
   * The type of this document.
   */
  readonly kind: 'Check'
  /**
   * Name of the check.
   */
  readonly name: string
  /**
   * Swarm or Host that a command runs on, or a Host that the check is made from; optional where the fleet has one Swarm.
   */
  readonly target?: string
  readonly keeper?: Keeper
  readonly http?: Http
  readonly tcp?: Tcp
  readonly command?: Command
  readonly interval?: Duration
  /**
   * Of a check with an interval: failures in a row that count, or so many `failures` `of` the last attempts. Absent: 3.
   */
  readonly failAfter?:
    | number
    | {
        /**
         * So many failures.
         */
        readonly failures: number
        /**
         * Of so many attempts.
         */
        readonly of: number
      }
  readonly promql?: Promql
  readonly alerts?: Alerts
  /**
   * Of a check with an interval: how loud chat says that it fails. Absent: critical.
   */
  readonly severity?: 'info' | 'warning' | 'critical'
}
/**
 * What is about swarmkeeper and not about the thing itself: ownership, order, proof, drift.
 */
export interface Keeper {
  /**
   * What is applied, and proven, before this: `Kind/name`, or `target/Kind/name` where that is ambiguous.
   */
  readonly dependsOn?: ReadonlyArray<string>
  /**
   * Promotion: a new revision of this app waits until another app has what it declares, proven, and was healthy for a time since.
   */
  readonly after?: {
    /**
     * The app that goes first.
     */
    readonly app: string
    readonly healthyFor?: Duration
  }
  /**
   * What exists live under this name and is not ours: `true` takes it over if nothing but the stamp would change, `converge` takes it over and changes what differs, `false` is a conflict.
   */
  readonly adopt?: true | false | 'converge'
  /**
   * The name or the volume of this resource is another one than before, on purpose. Of a Stack: what it is live already, and stays, so that nothing restarts.
   */
  readonly moved?: {
    /**
     * The live name that it had before. Of a Stack: the stack that all of its services are of live.
     */
    readonly from?: string
    /**
     * Of a Stack: services that are live as those of another stack, or under another name, each as STACK/SERVICE.
     */
    readonly services?: {
      readonly [k: string]: string
    }
  }
  /**
   * Whether the live thing is removed when its document is gone: `allow`, or `keep` leaves it as it is, no longer ours.
   */
  readonly prune?: 'allow' | 'keep'
  /**
   * When live differs although the desired state did not change: `safe` heals what restarts nothing and reports the rest, `heal` heals all, `report` only reports, `ignore` says nothing. Absent: as the Fleet says.
   */
  readonly drift?: 'safe' | 'heal' | 'report' | 'ignore'
  /**
   * Fields that are not ours: an update sends the live value of them.
   */
  readonly ignore?: ReadonlyArray<{
    /**
     * JSON pointer into the resource.
     */
    readonly field: string
    /**
     * Why; reports repeat it.
     */
    readonly reason: string
  }>
  /**
   * Kept at rest: a service has no tasks until this line is gone.
   */
  readonly suspend?: boolean
  /**
   * When a new revision fails: `app` rolls back even where data may have been written by the new program, `hold` never rolls back. Absent: rolls back, unless the resource has data.
   */
  readonly rollback?: 'app' | 'hold'
  /**
   * When it fails before it was ever proven: it stays for inspection, or is removed. Absent: stay.
   */
  readonly onFirstFailure?: 'stay' | 'remove'
  readonly stableFor?: Duration
  readonly bake?: Duration
  readonly timeout?: Duration
  /**
   * What must pass after each change before the stage is done.
   */
  readonly checks?: ReadonlyArray<string | InlineCheck>
}
/**
 * Asked before the resource counts as proven.
 */
export interface InlineCheck {
  /**
   * How reports name it.
   */
  readonly name?: string
  readonly http?: Http
  readonly tcp?: Tcp
  readonly command?: Command
  readonly promql?: Promql
  readonly alerts?: Alerts
}
/**
 * A request, and what must come back.
 */
export interface Http {
  /**
   * Address; the operator's settings say which are allowed.
   */
  readonly url: string
  /**
   * Request method.
   */
  readonly method?: 'GET' | 'HEAD' | 'POST'
  /**
   * Request headers.
   */
  readonly headers?: {
    readonly [k: string]: string | number | boolean
  }
  /**
   * Accepted status codes; 200 to 206 where absent.
   */
  readonly status?: number | ReadonlyArray<number>
  /**
   * Response headers: equal, or matching where written `/regex/`.
   */
  readonly expectHeaders?: {
    readonly [k: string]: string | number | boolean
  }
  /**
   * JSON pointer to the value that must stand there.
   */
  readonly json?: {
    readonly [k: string]: unknown
  }
  /**
   * Text that must be in the answer.
   */
  readonly body?: string
  /**
   * Follow up to five redirects, or judge the answer itself.
   */
  readonly redirect?: 'follow' | 'manual'
  readonly timeout?: Duration
  readonly latency?: Duration
  readonly within?: Duration
  readonly every?: Duration
  /**
   * Where the check is made from: `controller`, where swarmkeeper runs, or `host`, the Host of the document or the `target` of the check: its 127.0.0.1 is its own, and needs no allowed address.
   */
  readonly from?: 'controller' | 'host'
}
/**
 * A connection that must be accepted.
 */
export interface Tcp {
  /**
   * Name or address.
   */
  readonly host: string
  /**
   * Port.
   */
  readonly port: number
  readonly timeout?: Duration
  readonly latency?: Duration
  readonly within?: Duration
  readonly every?: Duration
  /**
   * Where the check is made from: `controller`, where swarmkeeper runs, or `host`, the Host of the document or the `target` of the check: its 127.0.0.1 is its own, and needs no allowed address.
   */
  readonly from?: 'controller' | 'host'
}
/**
 * A command that must end with 0: run once as a job of the Swarm, in an image; on a Host without one, as root.
 */
export interface Command {
  /**
   * Image that it runs in; none on a Host.
   */
  readonly image?: string
  /**
   * Arguments: a list, or a text split as a shell does.
   */
  readonly command: string | ReadonlyArray<string>
  /**
   * Names of Network documents; none on a Host.
   */
  readonly networks?: ReadonlyArray<string>
  /**
   * Variables.
   */
  readonly env?: {
    readonly [k: string]: string | number | boolean
  }
  readonly timeout?: Duration
  readonly within?: Duration
  readonly every?: Duration
}
/**
 * A query to a Prometheus, and whether it must find something.
 */
export interface Promql {
  /**
   * Name of a Prometheus.
   */
  readonly target: string
  /**
   * PromQL; a comparison filters.
   */
  readonly query: string
  /**
   * `some`: the query must find at least one series; `none`: it must find none. Absent: some.
   */
  readonly expect?: 'some' | 'none'
  readonly within?: Duration
  readonly every?: Duration
  readonly timeout?: Duration
}
/**
 * No alert of this kind may be firing.
 */
export interface Alerts {
  /**
   * Name of a Prometheus. Absent: alerts that Alertmanager sent to the daemon.
   */
  readonly target?: string
  /**
   * Labels: no alert that has all of them may be firing.
   */
  readonly none: {
    readonly [k: string]: string | number | boolean
  }
  readonly within?: Duration
  readonly every?: Duration
  readonly timeout?: Duration
}
