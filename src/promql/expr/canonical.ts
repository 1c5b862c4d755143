import type { Expr, Matching, Moved, Selector } from './ast.ts'
import { NotPromql } from './flaw.ts'
import { parseExpr } from './parse.ts'

/**
 * One text for all ways to write a query, Prometheus' own among them: what `/api/v1/rules` prints is what was written, with
 * other numbers, quotes, durations and places of `by`. Undefined: it is no PromQL.
 */
export function canonicalExpr(text: string): string | undefined {
  try {
    return print(bare(parseExpr(text)))
  } catch (error) {
    if (error instanceof NotPromql) return undefined
    throw error
  }
}

function print(expr: Expr): string {
  switch (expr.type) {
    case 'number':
      return String(Object.is(expr.value, -0) ? '-0' : expr.value)
    case 'string':
      return JSON.stringify(expr.value)
    case 'selector':
      return `${selector(expr)}${moved(expr)}`
    case 'range':
      return `${selector(expr.selector)}[${expr.range}ms]${moved(expr.selector)}`
    case 'subquery':
      return `${inner(expr.expr)}[${expr.range}ms:${expr.step === 0 ? '' : `${expr.step}ms`}]${moved(expr)}`
    case 'call':
      return `${expr.name}(${expr.args.map((arg) => print(bare(arg))).join(', ')})`
    case 'aggregation':
      return aggregation(expr)
    case 'binary':
      return `${inner(expr.left)} ${expr.operator}${expr.bool ? ' bool' : ''}${matching(expr.matching)} ${inner(expr.right)}`
    case 'unary':
      return `${expr.operator}${inner(expr.expr)}`
    case 'paren':
      return `(${print(bare(expr.expr))})`
  }
}

/** Parentheses around the whole of something change nothing. */
function bare(expr: Expr): Expr {
  return expr.type === 'paren' ? bare(expr.expr) : expr
}

const ALONE: ReadonlySet<Expr['type']> = new Set(['selector', 'call', 'aggregation', 'string', 'subquery', 'range'])

/** As an operand: parentheses stay where they may matter, once. A number's matter before `^`, for its sign. */
function inner(expr: Expr): string {
  if (expr.type !== 'paren') return print(expr)
  const inside = bare(expr)
  const plain = ALONE.has(inside.type) || (inside.type === 'number' && inside.value >= 0)
  return plain ? print(inside) : `(${print(inside)})`
}

function aggregation(expr: Expr & { readonly type: 'aggregation' }): string {
  const { operator, without, labels, parameter } = expr
  // Prometheus prints no `by ()`, which is no grouping; `without ()` is one.
  const grouping = without ? ` without (${labels.join(', ')}) ` : labels.length > 0 ? ` by (${labels.join(', ')}) ` : ''
  const args = parameter ? [parameter, expr.expr] : [expr.expr]
  return `${operator}${grouping}(${args.map((arg) => print(bare(arg))).join(', ')})`
}

/** As Prometheus prints it: `ignoring ()` says nothing, and neither does what follows it. */
function matching({ on, labels, group, include }: Matching): string {
  if (!on && labels.length === 0) return ''
  const grouped = group === undefined ? '' : ` group_${group} (${include.join(', ')})`
  return ` ${on ? 'on' : 'ignoring'} (${labels.join(', ')})${grouped}`
}

function selector({ name, matchers }: Selector): string {
  const inside = matchers.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`).join(', ')
  return inside === '' ? name || '{}' : `${name}{${inside}}`
}

function moved({ offset, at }: Moved): string {
  const time = at === undefined ? '' : ` @ ${typeof at === 'number' ? at : `${at}()`}`
  return `${time}${offset === 0 ? '' : ` offset ${offset}ms`}`
}
