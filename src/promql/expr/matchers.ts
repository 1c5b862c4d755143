import { readRegex } from '../regex/regex.ts'
import type { Matcher, Selector } from './ast.ts'
import type { ExprFlaw } from './flaw.ts'

/** A metric named twice, an expression that Go's regexp package refuses, a selector that would select everything. */
export function checkMatchers(selector: Selector): readonly ExprFlaw[] {
  const regexes = selector.matchers.flatMap(regexFlaw)
  if (regexes.length > 0) return regexes
  if (selector.name === '') return selector.matchers.some(narrows) ? [] : [{ at: selector.from, message: SELECTS_ALL }]
  const twice = selector.matchers.find(({ label }) => label === '__name__')
  if (!twice) return []
  return [{ at: twice.from, message: `the metric has the name '${selector.name}' already` }]
}

const SELECTS_ALL =
  'a selector needs a name, or a matcher that an empty label does not match: this one selects everything'

function regexFlaw({ operator, value, valueFrom }: Matcher): readonly ExprFlaw[] {
  if (operator !== '=~' && operator !== '!~') return []
  const regex = readRegex(value)
  return 'refused' in regex ? [{ at: valueFrom, message: `the regular expression is refused: ${regex.refused}` }] : []
}

/** Does not match a series that lacks the label. */
function narrows({ operator, value }: Matcher): boolean {
  if (operator === '=') return value !== ''
  if (operator === '!=') return value === ''
  const regex = readRegex(value)
  const empty = 'refused' in regex || regex.matchesEmpty
  return operator === '=~' ? !empty : empty
}
