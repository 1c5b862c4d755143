import { type Expr, partsOf, type Selector } from '../expr/ast.ts'

/** An expression and all inside it, the outermost first. */
export function everyPart(expr: Expr): readonly Expr[] {
  return [expr, ...partsOf(expr).flatMap(everyPart)]
}

export const withoutParens = (expr: Expr): Expr => (expr.type === 'paren' ? withoutParens(expr.expr) : expr)

/**
 * The one selector that an expression is made of series by series: through functions, ranges and operations with numbers,
 * which keep every label. Undefined where there is an aggregation, or more than one selector.
 */
export function perSeries(expr: Expr): Selector | undefined {
  if (expr.type === 'selector') return expr
  if (expr.type === 'aggregation') return undefined
  const within = partsOf(expr).filter((part) => everyPart(part).some(({ type }) => type === 'selector'))
  const [only] = within
  return only && within.length === 1 ? perSeries(only) : undefined
}

/** As it is written, or by a matcher. */
export function metricOf({ name, matchers }: Selector): string {
  if (name !== '') return name
  return matchers.find(({ label, operator }) => label === '__name__' && operator === '=')?.value ?? ''
}
