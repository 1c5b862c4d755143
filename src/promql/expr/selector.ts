import type { Matcher, Selector } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { readStringAt } from './strings.ts'
import type { Token } from './tokens.ts'

/** Keywords that are no metric names (`metric_identifier` in the grammar). */
const NO_METRICS: ReadonlySet<string> = new Set([...['atan2', 'bool', 'on', 'ignoring', 'group_left', 'group_right']])

const isMetric = (token: Token | undefined): token is Token =>
  token?.type === 'identifier' || (token?.type === 'keyword' && !NO_METRICS.has(token.text))

export const isSelectorAhead = (cursor: Cursor): boolean => cursor.is('{') || isMetric(cursor.peek())

/** @throws NotPromql */
export function parseSelector(cursor: Cursor): Selector {
  const from = cursor.place
  const name = isMetric(cursor.peek()) ? cursor.next() : undefined
  const matchers = cursor.is('{') ? parseMatchers(cursor) : []
  return { type: 'selector', from, to: cursor.before, name: name?.written ?? '', matchers, offset: 0, at: undefined }
}

function parseMatchers(cursor: Cursor): readonly Matcher[] {
  cursor.need('{', 'here')
  const matchers: Matcher[] = []
  while (!cursor.is('}')) {
    matchers.push(parseMatcher(cursor))
    if (!cursor.take(',')) break
  }
  cursor.need('}', 'behind label matchers')
  return matchers
}

const OPERATORS: readonly Matcher['operator'][] = ['=', '!=', '=~', '!~']

function parseMatcher(cursor: Cursor): Matcher {
  const label = cursor.needType('identifier', 'as the name of a label')
  const operator = OPERATORS.find((one) => cursor.take(one))
  if (!operator) return cursor.refuse("behind a label's name stands =, !=, =~ or !~")
  const string = cursor.needType('string', 'behind it, in quotes')
  const { value } = readStringAt(string.text, 0)
  return { from: label.from, to: string.to, label: label.text, operator, value, valueFrom: string.from }
}
