import { type Expr, type Matcher, partsOf } from './ast.ts'
import { NotPromql } from './flaw.ts'
import { parseExpr } from './parse.ts'

/** Series that a query asks for. */
export interface SelectorOf {
  /** Empty where the metric is not named, or by a matcher that is no `=`. */
  readonly metric: string
  readonly matchers: readonly Pick<Matcher, 'label' | 'operator' | 'value'>[]
  /** As `/api/v1/series?match[]=` takes it. */
  readonly text: string
  /** Where it stands in the query: UTF-16 units from 0. */
  readonly at: number
  /** Inside `absent` or `absent_over_time`, which ask for what is not there. */
  readonly absent: boolean
}

/** Every selector of a query, in its order; none where it is no PromQL. */
export function selectorsOf(text: string): readonly SelectorOf[] {
  try {
    return found(parseExpr(text), false)
  } catch (error) {
    if (error instanceof NotPromql) return []
    throw error
  }
}

function found(expr: Expr, absent: boolean): readonly SelectorOf[] {
  if (expr.type !== 'selector') {
    const inAbsent = absent || (expr.type === 'call' && /^absent/.test(expr.name))
    return partsOf(expr).flatMap((part) => found(part, inAbsent))
  }
  const { name, from: at } = expr
  const named = expr.matchers.find(({ label, operator }) => label === '__name__' && operator === '=')
  const matchers = expr.matchers.map(({ label, operator, value }) => ({ label, operator, value }))
  const inside = matchers.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`).join(', ')
  const text = inside === '' ? name : `${name}{${inside}}`
  return [{ metric: name || (named?.value ?? ''), matchers, text, at, absent }]
}
