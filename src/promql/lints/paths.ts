import { type Expr, partsOf, type Selector } from '../expr/ast.ts'

/** An expression and all inside it. */
export function everyPart(expr: Expr): readonly Expr[] {
  const parts: Expr[] = [expr]
  // The list grows while it is walked: expressions are as deep as they are long.
  for (const part of parts) parts.push(...partsOf(part))
  return parts
}

export const withoutParens = (expr: Expr): Expr => (expr.type === 'paren' ? withoutParens(expr.expr) : expr)

/**
 * The one selector that an expression is made of series by series: through functions, ranges and operations with numbers,
 * which keep every label. Undefined where there is an aggregation, or more than one selector.
 */
export function perSeries(expr: Expr): Selector | undefined {
  const parts = everyPart(expr)
  const [only, ...others] = parts.filter((part): part is Selector => part.type === 'selector')
  return others.length === 0 && !parts.some(({ type }) => type === 'aggregation') ? only : undefined
}

/** As it is written, or by a matcher. */
export function metricOf({ name, matchers }: Selector): string {
  if (name !== '') return name
  return matchers.find(({ label, operator }) => label === '__name__' && operator === '=')?.value ?? ''
}
