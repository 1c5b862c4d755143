import { NotTemplate } from './not-template.ts'
import { numberLength } from './numbers.ts'

export interface TemplateToken {
  readonly type:
    | 'text'
    | 'open' // {{
    | 'close' // }}
    | 'space'
    | 'word' // a function, or true or false
    | 'keyword'
    | 'field' // .Name
    | 'dot'
    | 'variable'
    | 'string'
    | 'character'
    | 'number'
    | 'sign' // | ( ) = := and other single characters
    | 'end'
    | 'error'
  readonly text: string
  readonly at: number
}

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'nil', 'range', 'template', 'with'],
])

const OPEN = /\{\{(?:-(?=[ \t\r\n]))?/g
const COMMENT = /(?:[ \t\r\n])?\/\*/y
const CLOSE = /(?:[ \t\r\n]-)?\}\}/y
const SPACE = /[ \t\r\n]+/y
const NAME = /[\p{L}\p{Nd}_]+/uy
const VARIABLE = /\$[\p{L}\p{Nd}_]*/uy
const FIELD = /\.[\p{L}\p{Nd}_]+/uy
const STRING = /"(?:[^"\\\n]|\\[^\n])*"/uy
const RAW = /`[^`]*`/y
const CHARACTER = /'(?:[^'\\\n]|\\[^\n])*'/uy
/** What may follow a name, a field or a variable. */
const TERMINATOR = /[ \t\r\n.,|:()]|\}\}|$/y

/**
 * The words of a template as text/template (Go 1.19) separates them. An error is the last of them, as whoever reads may
 * find another one before it.
 */
export function tokenizeTemplate(text: string): readonly TemplateToken[] {
  const state: State = { text, at: 0, tokens: [], parens: 0 }
  try {
    while (plainText(state)) action(state)
    push(state, 'end', 0)
  } catch (error) {
    if (!(error instanceof NotTemplate)) throw error
    state.tokens.push({ type: 'error', text: error.message, at: error.at })
  }
  return state.tokens
}

interface State {
  readonly text: string
  at: number
  readonly tokens: TemplateToken[]
  parens: number
}

function match(pattern: RegExp, { text, at }: State): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function push(state: State, type: TemplateToken['type'], length: number): void {
  state.tokens.push({ type, text: state.text.slice(state.at, state.at + length), at: state.at })
  state.at += length
}

/** Up to the next action that is no comment; false: there is none. */
function plainText(state: State): boolean {
  while (true) {
    const open = match(OPEN, state)
    const begin = open === undefined ? state.text.length : OPEN.lastIndex - open.length
    if (begin > state.at) push(state, 'text', begin - state.at)
    if (open === undefined) return false
    if (!comment(state, open.length)) {
      push(state, 'open', open.length)
      return true
    }
  }
}

function comment(state: State, open: number): boolean {
  const inside = { ...state, at: state.at + open }
  const begin = match(COMMENT, inside)
  if (begin === undefined || (open === 2) !== begin.startsWith('/')) return false
  const end = state.text.indexOf('*/', inside.at + begin.length)
  if (end === -1) throw new NotTemplate(state.at, 'a comment is not closed')
  const close = match(CLOSE, { ...state, at: end + 2 })
  if (!close) throw new NotTemplate(end, "behind a comment's '*/' stands '}}'")
  state.at = end + 2 + close.length
  return true
}

function action(state: State): void {
  state.parens = 0
  while (true) {
    const close = match(CLOSE, state)
    if (close !== undefined) {
      if (state.parens > 0) throw new NotTemplate(state.at, "a '(' is not closed")
      push(state, 'close', close.length)
      return
    }
    insideAction(state)
  }
}

function insideAction(state: State): void {
  const character = state.text[state.at]
  if (character === undefined) throw new NotTemplate(state.at, "an action is not closed with '}}'")
  if (/[ \t\r\n]/.test(character)) push(state, 'space', spaceLength(state))
  else if (character === '"') quoted(state, STRING, 'string')
  else if (character === '`') quoted(state, RAW, 'string')
  else if (character === "'") quoted(state, CHARACTER, 'character')
  else if (character === '$') named(state, VARIABLE, 'variable')
  else if (character === '.' && !/^\.\d/.test(state.text.slice(state.at, state.at + 2))) field(state)
  else if (/[-+.0-9]/.test(character)) push(state, 'number', numberLength(state.text, state.at))
  else if (match(NAME, state)) named(state, NAME, 'word')
  else sign(state, character)
}

/** The last space may belong to ` -}}`. */
function spaceLength(state: State): number {
  const { length } = match(SPACE, state) ?? ''
  const closes = match(CLOSE, { ...state, at: state.at + length - 1 })
  return closes?.startsWith('}') === false ? length - 1 : length
}

function quoted(state: State, pattern: RegExp, type: TemplateToken['type']): void {
  const found = match(pattern, state)
  if (found === undefined) throw new NotTemplate(state.at, 'a text in quotes is not closed')
  push(state, type, found.length)
}

function field(state: State): void {
  if (match(FIELD, state)) named(state, FIELD, 'field')
  else named(state, /\./y, 'dot')
}

function named(state: State, pattern: RegExp, type: TemplateToken['type']): void {
  const found = match(pattern, state) ?? ''
  if (match(TERMINATOR, { ...state, at: state.at + found.length }) === undefined) {
    const next = String.fromCodePoint(state.text.codePointAt(state.at + found.length) ?? 0)
    throw new NotTemplate(state.at + found.length, `'${next}' may not follow '${found}' directly`)
  }
  push(state, type === 'word' && KEYWORDS.has(found) ? 'keyword' : type, found.length)
}

function sign(state: State, character: string): void {
  if (character === '(') state.parens++
  if (character === ')') state.parens--
  if (state.parens < 0) throw new NotTemplate(state.at, "this ')' closes nothing")
  if (character === ':' && state.text[state.at + 1] !== '=')
    throw new NotTemplate(state.at, "':' stands before '=' only")
  if (!/[!-~]/.test(character)) throw new NotTemplate(state.at, `'${character}' is not expected here`)
  push(state, 'sign', character === ':' ? 2 : 1)
}
