import { NotPromql } from './flaw.ts'
import { readStringAt } from './strings.ts'

export interface Token {
  readonly type: 'operator' | 'number' | 'duration' | 'string' | 'identifier' | 'keyword'
  readonly from: number
  readonly to: number
  /** A keyword in small letters, all else as written. */
  readonly text: string
  readonly written: string
}

export const AGGREGATORS: ReadonlySet<string> = new Set([
  ...['sum', 'avg', 'count', 'min', 'max', 'group', 'stddev', 'stdvar'],
  ...['topk', 'bottomk', 'count_values', 'quantile'],
])

const KEYWORDS: ReadonlySet<string> = new Set([
  ...AGGREGATORS,
  ...['and', 'or', 'unless', 'atan2', 'offset', 'by', 'without', 'on', 'ignoring'],
  ...['group_left', 'group_right', 'bool', 'start', 'end'],
])

const SPACE = /[ \t\r\n]+|#[^\r\n]*/y
const WORD = /[A-Za-z_:][A-Za-z0-9_:]*/y
const LABEL = /[A-Za-z_][A-Za-z0-9_]*/y
const OPERATOR = /==|!=|<=|>=|[-+*/%^=<>@,]/y
const LABEL_OPERATOR = /=~|!~|!=|=|,/y
// What Prometheus' lexer takes for a number, right or not: what it is worth shows later.
const NUMBER = /(?:0[xX][0-9a-fA-F]*(?:\.[0-9a-fA-F]*)?|\d*(?:\.\d*)?)(?:[eE][-+]?\d*)?/y
const UNITS = /[smhdwy]s?(?:\d+[smhdw]s?)*/y

/**
 * The words of an expression as Prometheus 2.42 separates them. The grammar's own tokenizer is laxer: it knows neither
 * escapes nor what a number looks like.
 * @throws NotPromql
 */
export function tokenize(text: string): readonly Token[] {
  const state: State = { text, at: 0, tokens: [], parens: 0, braces: false, brackets: false, colon: false }
  while (skipSpace(state)) step(state)
  if (state.braces) throw new NotPromql(text.length, "a '{' is not closed")
  if (state.parens > 0) throw new NotPromql(text.length, "a '(' is not closed")
  if (state.brackets) throw new NotPromql(text.length, "a '[' is not closed")
  return state.tokens
}

interface State {
  readonly text: string
  at: number
  readonly tokens: Token[]
  parens: number
  braces: boolean
  brackets: boolean
  /** There was a `:` since the last `[`. */
  colon: boolean
}

function match(pattern: RegExp, { text, at }: State): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function skipSpace(state: State): boolean {
  for (let space = match(SPACE, state); space; space = match(SPACE, state)) state.at += space.length
  return state.at < state.text.length
}

function emit(state: State, type: Token['type'], length: number): void {
  const { at: from, text: all } = state
  const to = from + length
  const written = all.slice(from, to)
  state.tokens.push({ type, from, to, text: type === 'keyword' ? written.toLowerCase() : written, written })
  state.at = to
}

function step(state: State): void {
  const character = state.text[state.at] ?? ''
  if (character === '"' || character === "'" || character === '`') {
    emit(state, 'string', readStringAt(state.text, state.at).length)
  } else if (state.braces) insideBraces(state, character)
  else if (/[0-9]/.test(character) || /^\.[0-9]/.test(state.text.slice(state.at, state.at + 2))) numberOrDuration(state)
  else if (/[A-Za-z_:]/.test(character)) word(state)
  else if (/[()[\]{}]/.test(character)) bracket(state, character)
  else operator(state, OPERATOR)
}

function insideBraces(state: State, character: string): void {
  const label = match(LABEL, state)
  if (label) emit(state, 'identifier', label.length)
  else if (character === '}') {
    emit(state, 'operator', 1)
    state.braces = false
  } else operator(state, LABEL_OPERATOR)
}

function operator(state: State, pattern: RegExp): void {
  const found = match(pattern, state)
  const regex = pattern === OPERATOR && found === '=' && state.text[state.at + 1] === '~'
  if (!found || regex) throw new NotPromql(state.at, `'${characterAt(state)}' is not expected here`)
  emit(state, 'operator', found.length)
}

const characterAt = ({ text, at }: State): string => String.fromCodePoint(text.codePointAt(at) ?? 0)

function word(state: State): void {
  if (state.brackets) colon(state)
  else {
    const found = match(WORD, state) ?? ''
    emit(state, typeOf(found.toLowerCase()), found.length)
  }
}

function typeOf(word: string): Token['type'] {
  if (word === 'inf' || word === 'nan') return 'number'
  return KEYWORDS.has(word) ? 'keyword' : 'identifier'
}

/** Behind a `[`, Prometheus takes any letter for the colon of a subquery. */
function colon(state: State): void {
  const { at: from } = state
  if (state.colon) throw new NotPromql(from, `'${characterAt(state)}' is not expected here`)
  state.colon = true
  state.tokens.push({ type: 'operator', from, to: from + 1, text: ':', written: characterAt(state) })
  state.at++
}

function bracket(state: State, character: string): void {
  const at = state.at
  emit(state, 'operator', 1)
  if (character === '(') state.parens++
  if (character === ')') state.parens--
  if (state.parens < 0) throw new NotPromql(at, "this ')' closes nothing")
  if (character === '{') state.braces = true
  if (character === '}') throw new NotPromql(at, "this '}' closes nothing")
  if (character === '[') openRange(state, at)
  if (character === ']') closeRange(state, at)
}

function closeRange(state: State, at: number): void {
  if (!state.brackets) throw new NotPromql(at, "this ']' closes nothing")
  state.brackets = false
}

function openRange(state: State, at: number): void {
  if (state.brackets) throw new NotPromql(at, "'[' is not expected here")
  state.brackets = true
  state.colon = false
  const space = /[ \t\r\n]*/y
  state.at += match(space, state)?.length ?? 0
  numberOrDuration(state)
  if (state.tokens.at(-1)?.type !== 'duration') throw new NotPromql(at + 1, 'a range is a duration with its unit: 5m')
}

function numberOrDuration(state: State): void {
  const number = match(NUMBER, state)?.length ?? 0
  if (!isWordCharacter(state.text[state.at + number])) {
    emit(state, 'number', number)
    return
  }
  const units = match(UNITS, { ...state, at: state.at + number })?.length ?? 0
  if (units === 0 || isWordCharacter(state.text[state.at + number + units])) {
    const written = match(/[A-Za-z0-9_.]*/y, state)
    throw new NotPromql(state.at, `'${written}' is neither a number nor a duration`)
  }
  emit(state, 'duration', number + units)
}

const isWordCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[A-Za-z0-9_]/.test(character)
