/** The rules of one file, as Prometheus has them once it read it. Members of an `AlertRules` document alone are such. */
export interface RuleFileSpec {
  /** Absolute, as Prometheus sees it. */
  readonly path: string
  readonly groups: readonly GroupSpec[]
  /** Metrics that need not have series; `true`: none of them needs any. */
  readonly expectAbsent: true | readonly string[]
}

export interface GroupSpec {
  readonly name: string
  /** Seconds; 0: as often as Prometheus evaluates what says nothing of it. */
  readonly interval: number
  /** 0: none. */
  readonly limit: number
  readonly rules: readonly RuleSpec[]
}

export interface RuleFields {
  readonly type: 'alert' | 'record'
  readonly name: string
  /** PromQL in one form for all that mean the same by it (src/promql). */
  readonly expr: string
  /** Seconds. */
  readonly for: number
  readonly keepFiringFor: number
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface RuleSpec extends RuleFields {
  /** `file:line:column` of its expression in the repository, for messages. */
  readonly at: string
  /** What it reads. */
  readonly selectors: readonly SelectorSpec[]
}

export interface SelectorSpec {
  /** `http_requests_total{status=~"5.."}` */
  readonly text: string
  /** Undefined where it is chosen by other means than `__name__="…"`. */
  readonly metric?: string
  readonly at: string
}

export interface RuleFileLive {
  readonly groups: readonly LiveGroup[]
  /** Seconds; undefined where Prometheus does not tell. */
  readonly evaluationInterval?: number
  /** Whether it could read its configuration the last time that it was told to; `unknown`: it does not say. */
  readonly reload: 'ok' | 'failed' | 'unknown'
}

export interface LiveGroup extends Omit<GroupSpec, 'rules'> {
  readonly rules: readonly RuleFields[]
}
