import { readDuration } from '../duration.ts'
import type { Expr, Range, Selector, Subquery } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { NotPromql } from './flaw.ts'
import { readNumber } from './numbers.ts'

/** `[5m]`, `[1h:5m]`, `offset 5m` and `@ 1700000000` behind a value: they bind tighter than any operator. */
export function withModifiers(cursor: Cursor, primary: Expr): Expr {
  let expr = primary
  for (let first = true; ; first = false) {
    if (!first) cursor.grow()
    if (cursor.is('[')) expr = rangeOf(cursor, expr)
    else if (cursor.is('offset')) expr = offsetOf(cursor, expr)
    else if (cursor.is('@')) expr = atOf(cursor, expr)
    else return expr
  }
}

/** Milliseconds, more than none. */
function positive(cursor: Cursor, where: string): number {
  const token = cursor.needType('duration', where)
  const read = readDuration(token.text)
  if ('refused' in read) throw new NotPromql(token.from, read.refused)
  if (read.ms === 0) throw new NotPromql(token.from, 'a duration must be greater than 0')
  return read.ms
}

function rangeOf(cursor: Cursor, expr: Expr): Range | Subquery {
  const open = cursor.need('[', 'here')
  const range = positive(cursor, "behind '['")
  if (cursor.take(':')) return subquery(cursor, expr, range)
  const { to } = cursor.need(']', 'behind the range')
  return { type: 'range', from: expr.from, to, selector: ranged(expr, open.from), range }
}

function subquery(cursor: Cursor, expr: Expr, range: number): Subquery {
  const step = cursor.is(']') ? 0 : positive(cursor, "behind ':'")
  const { to } = cursor.need(']', 'behind the step')
  return { type: 'subquery', from: expr.from, to, expr, range, step, offset: 0, at: undefined }
}

function ranged(expr: Expr, at: number): Selector {
  if (expr.type !== 'selector') {
    throw new NotPromql(at, 'a range stands behind a selector alone; of other values a subquery is made: [1h:]')
  }
  if (expr.offset !== 0) throw new NotPromql(at, 'offset stands behind the range')
  // `@ start()` before a range is let through by Prometheus too.
  if (typeof expr.at === 'number') throw new NotPromql(at, '@ stands behind the range')
  return expr
}

type Movable = Selector | Range | Subquery

function movable(expr: Expr, word: string): Movable {
  if (expr.type === 'selector' || expr.type === 'range' || expr.type === 'subquery') return expr
  throw new NotPromql(expr.from, `${word} stands behind a selector or a subquery`)
}

const movedOf = (expr: Movable): Selector | Subquery => (expr.type === 'range' ? expr.selector : expr)

function moved(
  expr: Movable,
  to: number,
  change: { readonly offset: number } | { readonly at: Selector['at'] },
): Movable {
  return expr.type === 'range' ? { ...expr, to, selector: { ...expr.selector, ...change } } : { ...expr, to, ...change }
}

function offsetOf(cursor: Cursor, expr: Expr): Expr {
  const word = cursor.need('offset', 'here')
  const sign = cursor.take('-') ? -1 : 1
  const offset = sign * positive(cursor, "behind 'offset'")
  const what = movable(expr, 'offset')
  if (movedOf(what).offset !== 0) throw new NotPromql(word.from, 'offset stands there a second time')
  return moved(what, cursor.before, { offset })
}

function atOf(cursor: Cursor, expr: Expr): Expr {
  const word = cursor.need('@', 'here')
  const at = preprocessor(cursor) ?? timestamp(cursor)
  const what = movable(expr, '@')
  if (movedOf(what).at !== undefined) throw new NotPromql(word.from, '@ stands there a second time')
  return moved(what, cursor.before, { at })
}

function preprocessor(cursor: Cursor): 'start' | 'end' | undefined {
  const word = cursor.take('start') ?? cursor.take('end')
  if (!word) return undefined
  cursor.need('(', `behind '${word.text}'`)
  cursor.need(')', `behind '${word.text}('`)
  return word.text === 'start' ? 'start' : 'end'
}

function timestamp(cursor: Cursor): number {
  const sign = cursor.take('-') ? -1 : 1
  if (sign === 1) cursor.take('+')
  const token = cursor.needType('number', "behind '@': seconds, start() or end()")
  const seconds = readNumber(token.text)
  if (seconds === undefined || !(Math.abs(seconds) < 2 ** 63)) {
    throw new NotPromql(token.from, `'${token.text}' is no time`)
  }
  return sign * Math.round(seconds * 1000)
}
