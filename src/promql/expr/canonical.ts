import type { Expr, Matching, Moved, Selector } from './ast.ts'
import { NotPromql } from './flaw.ts'
import { parseExpr } from './parse.ts'

/**
 * One text for all ways to write a query, Prometheus' own among them (promql/parser/printer.go): what `/api/v1/rules` prints
 * has other numbers, quotes, durations and blanks, and `by` in another place. What is no PromQL stays as it is.
 */
export function canonicalExpr(text: string): string {
  try {
    return print(bare(parseExpr(text)))
  } catch (error) {
    if (error instanceof NotPromql) return text.replace(/\s+/g, ' ').trim()
    throw error
  }
}

function print(expr: Expr): string {
  switch (expr.type) {
    case 'number':
      return number(expr.value)
    case 'string':
      return JSON.stringify(expr.value)
    case 'selector':
      return `${selector(expr)}${moved(expr)}`
    case 'range':
      return `${selector(expr.selector)}[${duration(expr.range)}]${moved(expr.selector)}`
    case 'subquery':
      return `${inner(expr.expr)}[${duration(expr.range)}:${expr.step === 0 ? '' : duration(expr.step)}]${moved(expr)}`
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

/** As PromQL spells it, so that what comes out is PromQL again. */
function number(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : '-Inf'
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
  const grouping = without ? ` without (${sorted(labels)}) ` : labels.length > 0 ? ` by (${sorted(labels)}) ` : ''
  const args = parameter ? [parameter, expr.expr] : [expr.expr]
  return `${operator}${grouping}(${args.map((arg) => print(bare(arg))).join(', ')})`
}

/** As Prometheus prints it: `ignoring ()` says nothing, and neither does what follows it. */
function matching({ on, labels, group, include }: Matching): string {
  if (!on && labels.length === 0) return ''
  const grouped = group === undefined ? '' : ` group_${group} (${sorted(include)})`
  return ` ${on ? 'on' : 'ignoring'} (${sorted(labels)})${grouped}`
}

/** Prometheus prints matchers in another order than they were written in, and each counts. */
function selector({ name, matchers }: Selector): string {
  const written = matchers.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`)
  const inside = sorted(written)
  return inside === '' ? name || '{}' : `${name}{${inside}}`
}

function moved({ offset, at }: Moved): string {
  const time = at === undefined ? '' : ` @ ${typeof at === 'number' ? at / 1000 : `${at}()`}`
  return `${time}${offset === 0 ? '' : ` offset ${offset < 0 ? '-' : ''}${duration(Math.abs(offset))}`}`
}

const sorted = (texts: readonly string[]): string => [...new Set(texts)].sort().join(', ')

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

function duration(ms: number): string {
  let rest = ms
  const parts = UNITS.map(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? '' : `${count}${unit}`
  })
  return parts.join('')
}
