import { oneOf, type Random } from '../seeded.ts'
import type { Change } from './mutations.ts'
import { DURATIONS, EXPRESSIONS, FUNCTIONS, LABELS } from './words.ts'

/** Of an expression on one line, its quotes left as they are. */
function inExpression(change: (expr: string, random: Random) => string | undefined): Change {
  return (text, random) => {
    const found = [...text.matchAll(/^([ \t]*(?:- )?expr:[ \t]+)(\S.*)$/gm)]
    if (found.length === 0) return undefined
    const { 0: whole, 1: before = '', 2: expr = '', index } = oneOf(found, random)
    const changed = change(expr, random)
    return changed === undefined
      ? undefined
      : text.slice(0, index) + before + changed + text.slice(index + whole.length)
  }
}

const WORDS = /[A-Za-z_:][\w:]*|\d[\w.]*|"[^"]*"|'[^']*'|[=!<>]=|=~|!~|\S/g

/** One word of an expression becomes something else. */
function atWord(pattern: RegExp, change: (word: string, random: Random) => string): Change {
  return inExpression((expr, random) => {
    const found = [...expr.matchAll(pattern)]
    if (found.length === 0) return undefined
    const { 0: whole, index } = oneOf(found, random)
    return expr.slice(0, index) + change(whole, random) + expr.slice(index + whole.length)
  })
}

const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '==',
  '!=',
  '<',
  '>',
  '>=',
  '=',
  '=~',
  '!~',
  'and',
  'or',
  'unless',
  'atan2',
  'bool',
  '> bool',
  '',
]
const NUMBERS = ['0', '1', '-1', '1e3', '0x1F', '1.5.5', '1e', 'Inf', 'nan', '1_000', '5m', '"1"', 'up', '010']
const STRINGS = [
  '"a"',
  "'a'",
  '"a',
  '""',
  '".*"',
  '".+"',
  '"("',
  '"[a"',
  '"(?i)a"',
  '"(?=a)"',
  '"a{2,1}"',
  '"\\\\d+"',
  '"\\d"',
  'a',
  '5',
  '"a|b"',
  '"*"',
  '"a**"',
  '`a`',
]
const BEHIND = [
  '[5m]',
  '[5m:]',
  '[5m:1m]',
  ' offset 5m',
  ' offset 5',
  ' @ 1',
  ' @ end()',
  ' > 0',
  ' == bool 1',
  ' by (a)',
  ' and up',
  '{a="b"}',
  ')',
  ' # x',
  ', 1',
  ' on(a) up',
]

export const EXPRESSION_CHANGES: Readonly<Record<string, Change>> = {
  'an expression is another': inExpression((_, random) => oneOf(EXPRESSIONS, random)),
  'an expression goes on': inExpression((expr, random) => expr + oneOf(BEHIND, random)),
  'an expression is in a function': inExpression((expr, random) => `${oneOf(FUNCTIONS, random)}(${expr})`),
  'an expression and another': inExpression(
    (expr, random) => `${expr} ${oneOf(OPERATORS, random)} ${oneOf(EXPRESSIONS, random)}`,
  ),
  'a word goes': atWord(WORDS, () => ''),
  'a word comes twice': atWord(WORDS, (word) => `${word} ${word}`),
  'a word is another': atWord(WORDS, (_, random) =>
    oneOf([...OPERATORS, ...NUMBERS, ...STRINGS, ...FUNCTIONS, '(', ')', ',', '{', '}'], random),
  ),
  'a function is another': atWord(/[a-z_0-9]+(?=\()/g, (_, random) => oneOf(FUNCTIONS, random)),
  'a range goes': atWord(/\[[^\]]*\]/g, () => ''),
  'a range is another': atWord(/\[[^\]]*\]/g, (_, random) => `[${oneOf(DURATIONS, random)}]`),
  'a range comes': atWord(/\}/g, () => '}[5m]'),
  'an operator is another': atWord(/[-+*/%^]|[=!<>]=?|\b(?:and|or|unless)\b/g, (_, random) => oneOf(OPERATORS, random)),
  'a number is another': atWord(/\b\d[\d.]*\b/g, (_, random) => oneOf(NUMBERS, random)),
  'a text is another': atWord(/"[^"]*"|'[^']*'/g, (_, random) => oneOf(STRINGS, random)),
  'a matcher is another': atWord(
    /\w+ *(?:=~|!~|!=|=) *["']/g,
    (word, random) =>
      `${oneOf(LABELS, random)}${oneOf(['=', '!=', '=~', '!~', '==', '<'], random)}${word.at(-1) ?? ''}`,
  ),
  'labels are others': atWord(
    /\b(?:by|on|ignoring|without) *\([^)]*\)/gi,
    (_, random) =>
      `${oneOf(['by', 'on', 'without', 'ignoring', 'group_left'], random)} (${oneOf(LABELS, random)}${oneOf(['', ',', ', b', ',,', ' b'], random)})`,
  ),
  'an argument comes': atWord(/\(/g, (_, random) => `(${oneOf([...NUMBERS, ...STRINGS, 'up', 'up[5m]'], random)}, `),
  'an argument goes': atWord(/,[^,()]*/g, () => ''),
  'an expression ends': inExpression((expr, random) => expr.slice(0, random(expr.length))),
}
