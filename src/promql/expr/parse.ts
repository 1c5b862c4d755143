import { didYouMean } from '../../lib/nearest.ts'
import type { Aggregation, Binary, Expr, Matching, NumberExpr, Paren, Unary } from './ast.ts'
import { Cursor, clip } from './cursor.ts'
import { NotPromql } from './flaw.ts'
import { FUNCTIONS } from './functions.ts'
import { groupingLabels } from './grouping.ts'
import { withModifiers } from './modifiers.ts'
import { readNumber } from './numbers.ts'
import { isSelectorAhead, parseSelector } from './selector.ts'
import { readStringAt } from './strings.ts'
import { AGGREGATORS, type Token, tokenize } from './tokens.ts'

/**
 * The tree of a PromQL expression, by the rules of Prometheus 2.42's grammar (generated_parser.y). What it means is not
 * looked at: see `checkTypes`.
 * @throws NotPromql
 */
export function parseExpr(text: string): Expr {
  const cursor = new Cursor(tokenize(text), text.length)
  if (!cursor.peek()) throw new NotPromql(0, 'there is no expression')
  const expr = operation(cursor, 0)
  if (cursor.peek()) cursor.refuse('an operator or the end is expected')
  return expr
}

/** Of binary operators, the loosest first; `^` alone binds to the right. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and', 'unless'],
  ['==', '!=', '<=', '<', '>=', '>'],
  ['+', '-'],
  ['*', '/', '%', 'atan2'],
  ['^'],
]
const LEVEL_OF = new Map(LEVELS.flatMap((operators, level) => operators.map((operator) => [operator, level])))
/** A sign binds as `*` does: -a ^ b is -(a ^ b). */
const SIGN = 4
const POWER = 5

function levelAhead(cursor: Cursor): number {
  const token = cursor.peek()
  return token && (token.type === 'operator' || token.type === 'keyword') ? (LEVEL_OF.get(token.text) ?? -1) : -1
}

/** @param loosest operators that bind less than this end the operation */
function operation(cursor: Cursor, loosest: number): Expr {
  return cursor.deeper(() => {
    let left = operand(cursor)
    for (let level = levelAhead(cursor); level >= loosest; level = levelAhead(cursor)) {
      cursor.grow()
      left = binary(cursor, left, level)
    }
    return left
  })
}

function binary(cursor: Cursor, left: Expr, level: number): Binary {
  const operator = cursor.need(cursor.peek()?.text ?? '', 'here')
  const bool = cursor.take('bool') !== undefined
  const matching = matchingOf(cursor)
  const right = operation(cursor, level === POWER ? level : level + 1)
  const { from: operatorFrom, text } = operator
  return { type: 'binary', from: left.from, to: right.to, operator: text, operatorFrom, bool, matching, left, right }
}

function matchingOf(cursor: Cursor): Matching {
  const word = cursor.take('on') ?? cursor.take('ignoring')
  if (!word) return { on: false, labels: [], group: undefined, include: [] }
  const labels = groupingLabels(cursor)
  const side = cursor.take('group_left') ?? cursor.take('group_right')
  const include = side && cursor.is('(') ? groupingLabels(cursor) : []
  const group = side && (side.text === 'group_left' ? 'left' : 'right')
  return { on: word.text === 'on', labels, group, include }
}

function operand(cursor: Cursor): Expr {
  const sign = cursor.take('-') ?? cursor.take('+')
  return sign ? signed(cursor, sign) : withModifiers(cursor, primary(cursor))
}

/** A sign is part of a number, and of nothing else. */
function signed(cursor: Cursor, sign: Token): Unary | NumberExpr {
  const expr = operation(cursor, SIGN + 1)
  const { from } = sign
  if (expr.type === 'number') return { ...expr, from, value: sign.text === '-' ? -expr.value : expr.value }
  return { type: 'unary', from, to: expr.to, operator: sign.text === '-' ? '-' : '+', expr }
}

function primary(cursor: Cursor): Expr {
  const token = cursor.peek()
  if (token?.type === 'number') return number(cursor, token)
  if (token?.type === 'string') return string(cursor, token)
  if (cursor.is('(')) return paren(cursor)
  if (token?.type === 'keyword' && AGGREGATORS.has(token.text) && isAggregation(cursor))
    return aggregation(cursor, token)
  if (token?.type === 'identifier' && cursor.is('(', 1)) return call(cursor, token)
  if (isSelectorAhead(cursor)) return parseSelector(cursor)
  return cursor.refuse('a value is expected')
}

const isAggregation = (cursor: Cursor): boolean => ['(', 'by', 'without'].some((text) => cursor.is(text, 1))

function number(cursor: Cursor, { from, to, text }: Token): NumberExpr {
  cursor.next()
  const value = readNumber(text)
  if (value === undefined) throw new NotPromql(from, `'${clip(text)}' is no number`)
  return { type: 'number', from, to, value }
}

function string(cursor: Cursor, { from, to, text }: Token): Expr {
  cursor.next()
  return { type: 'string', from, to, value: readStringAt(text, 0).value }
}

function paren(cursor: Cursor): Paren {
  const { from } = cursor.need('(', 'here')
  const expr = operation(cursor, 0)
  const { to } = cursor.need(')', "to close the '('")
  return { type: 'paren', from, to, expr }
}

function call(cursor: Cursor, { from, text: name }: Token): Expr {
  cursor.next()
  if (!FUNCTIONS.has(name)) {
    throw new NotPromql(from, `Prometheus 2.42 has no function '${name}'${didYouMean(name, FUNCTIONS.keys())}`)
  }
  const args = parseArgs(cursor)
  return { type: 'call', from, to: cursor.before, name, args }
}

function parseArgs(cursor: Cursor): readonly Expr[] {
  cursor.need('(', 'before arguments')
  if (cursor.take(')')) return []
  const args = [operation(cursor, 0)]
  while (cursor.take(',')) {
    if (cursor.is(')')) cursor.refuse('behind a comma stands an argument')
    args.push(operation(cursor, 0))
  }
  cursor.need(')', 'behind the arguments')
  return args
}

interface Grouping {
  readonly without: boolean
  readonly labels: readonly string[]
}

function grouping(cursor: Cursor): Grouping | undefined {
  const word = cursor.take('by') ?? cursor.take('without')
  return word && { without: word.text === 'without', labels: groupingLabels(cursor) }
}

const WITH_PARAMETER: ReadonlySet<string> = new Set(['topk', 'bottomk', 'count_values', 'quantile'])

function aggregation(cursor: Cursor, { from, text: operator }: Token): Aggregation {
  cursor.next()
  const before = grouping(cursor)
  const args = parseArgs(cursor)
  const { without, labels } = before ?? grouping(cursor) ?? { without: false, labels: [] }
  const wanted = WITH_PARAMETER.has(operator) ? 2 : 1
  const expr = args.at(-1)
  if (args.length !== wanted || !expr) {
    throw new NotPromql(
      from,
      `${operator} takes ${wanted === 1 ? 'one argument' : 'two arguments'}, got ${args.length}`,
    )
  }
  const parameter = wanted === 2 ? args[0] : undefined
  return { type: 'aggregation', from, to: cursor.before, operator, without, labels, parameter, expr }
}
