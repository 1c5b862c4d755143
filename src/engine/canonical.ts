import type { Aggregation, Binary, Expr, Moved, Selector } from '../promql/expr/ast.ts'
import { NotPromql } from '../promql/expr/flaw.ts'
import { parseExpr } from '../promql/expr/parse.ts'

/**
 * One form for all expressions that mean the same to Prometheus, which prints them in its own way (promql/parser/printer.go):
 * blanks, quotes, numbers, durations, and the order of what has none. What this version cannot read stays as it is.
 */
export function canonicalExpr(text: string): string {
  try {
    return print(parseExpr(text))
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
      return `${print(expr.expr)}[${duration(expr.range)}:${expr.step === 0 ? '' : duration(expr.step)}]${moved(expr)}`
    case 'call':
      return `${expr.name}(${expr.args.map(print).join(', ')})`
    case 'aggregation':
      return aggregation(expr)
    case 'binary':
      return `${print(expr.left)} ${expr.operator}${expr.bool ? ' bool' : ''}${matching(expr)} ${print(expr.right)}`
    case 'unary':
      return unary(expr.operator, expr.expr)
    case 'paren':
      return `(${print(expr.expr)})`
  }
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : '-Inf'
}

/** Of a number, the sign is part of it. */
function unary(operator: '+' | '-', expr: Expr): string {
  const inner = print(expr)
  const value = Number(inner.replace('Inf', 'Infinity'))
  if (expr.type !== 'paren' && (inner === 'NaN' || !Number.isNaN(value))) {
    return inner === 'NaN' ? inner : number(operator === '-' ? -value : value)
  }
  return `${operator}${inner}`
}

/** Matchers in no order: each one counts. */
function selector({ name, matchers }: Selector): string {
  const shown = matchers.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`)
  return shown.length === 0 ? name : `${name}{${[...new Set(shown)].sort().join(',')}}`
}

function moved({ offset, at }: Moved): string {
  const when = at === undefined ? '' : ` @ ${typeof at === 'number' ? (at / 1000).toFixed(3) : `${at}()`}`
  if (offset === 0) return when
  return `${when} offset ${offset < 0 ? '-' : ''}${duration(Math.abs(offset))}`
}

const sorted = (labels: readonly string[]): string => [...new Set(labels)].sort().join(', ')

/** `by ()` is what it is without it; `without ()` is not. */
function aggregation({ operator, without, labels, parameter, expr }: Aggregation): string {
  const grouping = without ? ` without (${sorted(labels)}) ` : labels.length > 0 ? ` by (${sorted(labels)}) ` : ''
  return `${operator}${grouping}(${parameter ? `${print(parameter)}, ` : ''}${print(expr)})`
}

/** Where nothing is ignored, it prints neither that nor which side has more (`BinaryExpr.getMatchingStr`). */
function matching({ matching: { on, labels, group, include } }: Binary): string {
  if (!on && labels.length === 0) return ''
  const many = group === undefined ? '' : ` group_${group} (${sorted(include)})`
  return ` ${on ? 'on' : 'ignoring'} (${sorted(labels)})${many}`
}

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
  return parts.join('') || '0s'
}
