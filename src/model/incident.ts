export type Severity = 'info' | 'warning' | 'critical'

export type IncidentType =
  | 'drift'
  | 'failed' // rolled back, or stopped for a person
  | 'held-back'
  | 'stalled'
  | 'unhealthy'
  | 'target-unreachable'
  | 'source-unreachable'
  | 'suspension-ending'
  | 'guard'
  | 'invalid'
  | 'budget'
  | 'alert'
  | 'check'
  | 'run' // of a scheduled agent: it failed, or nobody could start it

/** Something that a person should know of, from its edge to its end (surface.md, Chat). Plain text, not yet escaped. */
export interface Incident {
  /** The same for the same thing at every tick: `failed:web`, `drift:prod/Service/web`. */
  readonly key: string
  readonly type: IncidentType
  readonly severity: Severity
  readonly app?: string
  /** One line. */
  readonly title: string
  /** Cause where known, field diffs, last log lines. No times: an incident is told again only when it changes. */
  readonly lines: readonly string[]
  /** What a person types to mend or accept it. */
  readonly command?: string
}

/** An incident as chat is told of it. */
export interface IncidentBody {
  readonly incident: Incident
  readonly state: 'open' | 'resolved'
  /** ISO times. */
  readonly since: string
  readonly resolvedAt?: string
}
