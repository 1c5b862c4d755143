/** A PromQL expression as Prometheus 2.42 understands it: parentheses kept, modifiers at what they modify. */
export type Expr = NumberExpr | StringExpr | Selector | Range | Subquery | Call | Aggregation | Binary | Unary | Paren

interface Placed {
  /** In the expression's text: UTF-16 units from 0. */
  readonly from: number
  readonly to: number
}

export interface NumberExpr extends Placed {
  readonly type: 'number'
  readonly value: number
}

interface StringExpr extends Placed {
  readonly type: 'string'
  readonly value: string
}

/** `offset` and `@`. */
export interface Moved {
  /** Milliseconds, negative for later; 0: none. */
  readonly offset: number
  /** Unix milliseconds, or an end of the query's range. */
  readonly at: number | 'start' | 'end' | undefined
}

export interface Selector extends Placed, Moved {
  readonly type: 'selector'
  /** As it stands before the braces; empty where it does not. */
  readonly name: string
  readonly matchers: readonly Matcher[]
}

export interface Matcher extends Placed {
  readonly label: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
  readonly valueFrom: number
}

export interface Range extends Placed {
  readonly type: 'range'
  readonly selector: Selector
  /** Milliseconds. */
  readonly range: number
}

export interface Subquery extends Placed, Moved {
  readonly type: 'subquery'
  readonly expr: Expr
  /** Milliseconds; a step of 0 is Prometheus' own. */
  readonly range: number
  readonly step: number
}

export interface Call extends Placed {
  readonly type: 'call'
  readonly name: string
  readonly args: readonly Expr[]
}

export interface Aggregation extends Placed {
  readonly type: 'aggregation'
  readonly operator: string
  readonly without: boolean
  readonly labels: readonly string[]
  readonly parameter: Expr | undefined
  readonly expr: Expr
}

export interface Binary extends Placed {
  readonly type: 'binary'
  readonly operator: string
  readonly operatorFrom: number
  readonly bool: boolean
  readonly matching: Matching
  readonly left: Expr
  readonly right: Expr
}

/** Which labels decide what belongs to what: `on`, or all others than those of `ignoring`, which may be none. */
export interface Matching {
  readonly on: boolean
  readonly labels: readonly string[]
  readonly group: 'left' | 'right' | undefined
  readonly include: readonly string[]
}

export interface Unary extends Placed {
  readonly type: 'unary'
  readonly operator: '+' | '-'
  readonly expr: Expr
}

export interface Paren extends Placed {
  readonly type: 'paren'
  readonly expr: Expr
}

/** The parts of an expression that are expressions. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.type) {
    case 'range':
      return [expr.selector]
    case 'call':
      return expr.args
    case 'aggregation':
      return expr.parameter ? [expr.parameter, expr.expr] : [expr.expr]
    case 'binary':
      return [expr.left, expr.right]
    case 'subquery':
    case 'unary':
    case 'paren':
      return [expr.expr]
    default:
      return []
  }
}
