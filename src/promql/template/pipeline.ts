import { didYouMean } from '../../lib/nearest.ts'
import { TEMPLATE_FUNCTIONS } from './functions.ts'
import { NotTemplate } from './not-template.ts'
import { isNumber } from './numbers.ts'
import type { Scope } from './scope.ts'
import type { TokenReader } from './token-reader.ts'
import type { TemplateToken } from './tokens.ts'
import { unquote } from './unquote.ts'

export interface Pipelines {
  readonly reader: TokenReader
  readonly scope: Scope
}

interface Closing {
  /** What it is for: 'range' may declare two variables. */
  readonly of: string
  readonly isEnd: (token: TemplateToken) => boolean
}

const ACTION_END = (token: TemplateToken): boolean => token.type === 'close'
const PAREN_END = (token: TemplateToken): boolean => token.type === 'sign' && token.text === ')'

/** Declarations, then commands with `|` between, up to `}}`. @param of the action that it is the value of */
export const pipeline = (here: Pipelines, of: string): void => upTo(here, { of, isEnd: ACTION_END })

function upTo(here: Pipelines, closing: Closing): void {
  const { at } = here.reader.skipSpace()
  declarations(here, closing.of)
  const commands: Term[] = []
  for (let token = here.reader.skipSpace(); !closing.isEnd(token); token = here.reader.skipSpace()) {
    commands.push(command(here, closing.of))
  }
  here.reader.next()
  if (commands.length === 0) throw new NotTemplate(at, `a value is missing in this ${closing.of}`)
  const still = commands.slice(1).find(({ calls }) => !calls)
  if (still) throw new NotTemplate(still.at, "behind '|' stands something that can be called")
}

function declarations({ reader, scope }: Pipelines, of: string): void {
  for (let declared = 1; reader.skipSpace().type === 'variable'; declared++) {
    const ahead = reader.peek(1).type === 'space' ? 2 : 1
    const sign = reader.peek(ahead)
    if (sign.type !== 'sign' || !['=', ':=', ','].includes(sign.text)) return
    const variable = reader.word()
    reader.word()
    scope.add(variable.text)
    if (sign.text !== ',') return
    if (of !== 'range' || declared > 1) throw new NotTemplate(variable.at, `too many variables in this ${of}`)
    const next = reader.skipSpace()
    if (!isSecond(next)) throw new NotTemplate(next.at, 'a range declares variables only')
  }
}

const isSecond = (token: TemplateToken): boolean => token.type === 'variable' || ACTION_END(token) || PAREN_END(token)

interface Term {
  readonly at: number
  /** May come after a `|`. */
  readonly calls: boolean
}

function command(here: Pipelines, of: string): Term {
  const { reader } = here
  let first: Term | undefined
  while (true) {
    reader.skipSpace()
    const found = operand(here)
    first ??= found
    const token = reader.peek()
    if (token.type === 'space') continue
    if (!first) return reader.refuse(token, `a value of this ${of} is expected`)
    if (token.type === 'sign' && token.text === '|') reader.next()
    else if (!ACTION_END(token) && !PAREN_END(token))
      reader.refuse(token, 'a space or the end of the action is expected')
    return first
  }
}

/** A value, perhaps with fields; undefined: what comes next is none. */
function operand(here: Pipelines): Term | undefined {
  const { reader } = here
  const token = reader.peek()
  const found = term(here, token)
  if (!found) return undefined
  const fields = reader.is('field')
  if (fields && !found.calls) throw new NotTemplate(token.at, `'${token.text}' has no fields`)
  while (reader.is('field')) reader.next()
  return found
}

function term(here: Pipelines, token: TemplateToken): Term | undefined {
  const { reader } = here
  const { at } = token
  if (token.type === 'sign' && token.text === '(') {
    reader.next()
    reader.deeper(() => upTo(here, { of: 'parentheses', isEnd: PAREN_END }))
    return { at, calls: true }
  }
  const calls = callable(token, here.scope)
  if (calls === undefined) return undefined
  reader.next()
  return { at, calls }
}

/** @throws NotTemplate for a value that is none. Undefined: no value begins here */
function callable(token: TemplateToken, scope: Scope): boolean | undefined {
  const { type, text, at } = token
  if (type === 'word') return isFunction(text, at)
  if (type === 'field') return true
  if (type === 'variable') return isDeclared(text, { at, scope })
  if (type === 'dot' || (type === 'keyword' && text === 'nil')) return false
  if (type === 'string' || type === 'character') return checkQuoted(token)
  if (type !== 'number') return undefined
  if (!isNumber(text)) throw new NotTemplate(at, `'${text}' is no number`)
  return false
}

function isFunction(name: string, at: number): boolean {
  if (name === 'true' || name === 'false') return false
  if (TEMPLATE_FUNCTIONS.has(name)) return true
  throw new NotTemplate(at, `templates know no function '${name}'${didYouMean(name, TEMPLATE_FUNCTIONS)}`)
}

function isDeclared(name: string, { at, scope }: { readonly at: number; readonly scope: Scope }): boolean {
  if (scope.has(name)) return true
  throw new NotTemplate(at, `there is no variable '${name}'${didYouMean(name, scope.names)}`)
}

function checkQuoted(token: TemplateToken): boolean {
  const { length } = [...unquote(token)]
  if (token.type === 'character' && length !== 1)
    throw new NotTemplate(token.at, `${token.text} is no single character`)
  return false
}
