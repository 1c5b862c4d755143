import type { Position } from '../model/problem.ts'

/** Something wrong in a rule file. An error is what Prometheus refuses; a warning is a rule that will not do what it says. */
export interface RuleProblem {
  readonly severity: 'error' | 'warning'
  readonly position: Position
  readonly message: string
}

/** What a Prometheus rule file holds, with where it stands. */
export interface RuleFile {
  readonly groups: readonly RuleGroup[]
  readonly problems: readonly RuleProblem[]
}

export interface RuleGroup {
  readonly name: string
  /** Of its name. */
  readonly position: Position
  /** Milliseconds; 0 where Prometheus' own evaluation interval holds. */
  readonly interval: number
  /** The most series or alerts a rule may make; 0: any number. */
  readonly limit: number
  readonly rules: readonly Rule[]
}

export interface Rule {
  /** With both `alert` and `record`, which is an error, it is an alert. */
  readonly type: 'alert' | 'record'
  /** Of the alert, or of the metric that is recorded; empty, which is an error, where there is neither. */
  readonly name: string
  /** Of its name. */
  readonly position: Position
  readonly alert: string
  readonly record: string
  /** PromQL. */
  readonly expr: Written
  /** Milliseconds. */
  readonly for: number
  /** Milliseconds. */
  readonly keepFiringFor: number
  readonly labels: readonly Label[]
  readonly annotations: readonly Label[]
}

export interface Label {
  readonly name: Written
  /** Of an annotation and of an alert's label: a template. */
  readonly value: Written
}

/** A text, YAML's quotes and escapes taken off. */
export interface Written {
  readonly text: string
  readonly position: Position
  /** Where in the file one of its characters stands. */
  readonly placeOf: (index: number) => Position
}
