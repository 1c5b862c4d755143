import { isBreak, isSpaceOrEnd } from './characters.ts'
import type { YamlLimits } from './limits.ts'
import { isPlainStart, startRefused } from './scalar-start.ts'
import { scanBlock } from './scan-block.ts'
import { skipComments, skipLineComment } from './scan-comment.ts'
import { scanDirective } from './scan-directive.ts'
import { scanPlain } from './scan-plain.ts'
import { scanAnchor, scanTag } from './scan-properties.ts'
import { scanQuoted } from './scan-quoted.ts'
import { type SimpleKey, SimpleKeys } from './simple-keys.ts'
import type { TextReader } from './text-reader.ts'
import type { Sign, Token } from './token.ts'
import { YamlError } from './yaml-error.ts'

/**
 * Tokens of a YAML text as libyaml, which yaml.v3 is a translation of, makes them: one at a time and two ahead, as what
 * stands behind the first document is never looked at. It differs from YAML 1.2 in many corners: lines of quoted texts
 * need no indentation, a comment needs no space before it behind a quote, U+2028 ends a line.
 */
export class Scanner {
  readonly #reader: TextReader
  readonly #limits: YamlLimits
  readonly #tokens: Token[] = []
  /** The first of them, once it is known that nothing comes before it. */
  #head: Token | undefined
  #taken = 0
  /** Columns of the block collections that we are in; the last is the innermost. */
  readonly #indents: number[] = [-1]
  readonly #keys: SimpleKeys
  #keyAllowed = true

  constructor(reader: TextReader, limits: YamlLimits) {
    this.#reader = reader
    this.#limits = limits
    this.#keys = new SimpleKeys(reader)
  }

  get #indent(): number {
    return this.#indents.at(-1) ?? -1
  }

  get #flow(): boolean {
    return this.#keys.depth > 0
  }

  /** @throws YamlError */
  peek(): Token {
    this.#head ??= this.#findHead()
    return this.#head
  }

  /** @throws YamlError */
  next(): Token {
    const token = this.peek()
    this.#tokens.shift()
    this.#taken++
    this.#head = undefined
    return token
  }

  /** Where the next token begins, as far as has been looked; undefined at the end of the text. */
  get rest(): number | undefined {
    const [token] = this.#tokens
    return token?.type === 'stream-end' ? undefined : token?.at
  }

  #findHead(): Token {
    while (this.#tokens.length <= 2 || this.#keys.has(this.#taken)) this.#fetch()
    const [token] = this.#tokens
    if (!token) throw new YamlError(this.#reader.at, 'the text ends')
    return token
  }

  #add(type: Sign, length = 0): void {
    const { at } = this.#reader
    this.#reader.skip(length)
    this.#tokens.push({ type, at, end: this.#reader.at })
  }

  /** Before a token that was found already. */
  #insert(type: Sign, { number, at }: SimpleKey): void {
    this.#tokens.splice(number - this.#taken, 0, { type, at, end: at })
  }

  #fetch(): void {
    const reader = this.#reader
    if (this.#taken + this.#tokens.length > this.#limits.tokens) {
      throw new YamlError(reader.at, `the file has more than ${this.#limits.tokens} tokens`)
    }
    this.#toNextToken()
    this.#unroll(reader.column)
    reader.checkCharacters()
    const mark = reader.documentMark()
    if (reader.peek() === '') this.#end()
    else if (reader.column === 0 && reader.peek() === '%') this.#directive()
    else if (mark !== undefined) this.#document(mark === '---' ? 'document-start' : 'document-end')
    else {
      this.#content(reader.peek())
      if (this.#tokens.at(-1)?.type !== 'entry') skipLineComment(reader)
    }
    reader.checkCharacters()
  }

  #toNextToken(): void {
    const reader = this.#reader
    while (true) {
      while (reader.peek() === ' ' || (reader.peek() === '\t' && (this.#flow || !this.#keyAllowed))) reader.skip()
      if (reader.peek() === '#') skipComments(reader)
      if (!isBreak(reader.peek())) return
      reader.readBreak()
      if (!this.#flow) this.#keyAllowed = true
    }
  }

  #content(character: string): void {
    const spaced = isSpaceOrEnd(this.#reader.peek(1))
    if (character === '[') this.#open('flow-list')
    else if (character === '{') this.#open('flow-map')
    else if (character === ']') this.#close('flow-list-end')
    else if (character === '}') this.#close('flow-map-end')
    else if (character === ',') this.#comma()
    else if (character === '-' && spaced) this.#entry()
    else if (character === '?' && (this.#flow || spaced)) this.#key()
    else if (character === ':' && (this.#flow || spaced)) this.#value()
    else if ((character === '|' || character === '>') && !this.#flow) this.#block()
    else this.#keyed(character)
  }

  #block(): void {
    this.#keys.drop()
    this.#keyAllowed = true
    const { at } = this.#reader
    this.#tokens.push({ type: 'scalar', at, style: 'block', ...scanBlock(this.#reader, this.#indent) })
  }

  /** What a key may begin with. */
  #keyed(character: string): void {
    const reader = this.#reader
    if (!'&*!\'"'.includes(character) && !isPlainStart(reader, this.#flow)) {
      throw new YamlError(reader.at, startRefused(reader))
    }
    this.#saveKey()
    this.#keyAllowed = false
    const { at } = reader
    if (character === '*') this.#tokens.push({ type: 'alias', name: scanAnchor(reader), at, end: reader.at })
    else if (character === '&') this.#tokens.push({ type: 'anchor', name: scanAnchor(reader), at, end: reader.at })
    else if (character === '!') this.#tokens.push({ type: 'tag', tag: scanTag(reader), at, end: reader.at })
    else if (character === "'")
      this.#tokens.push({ type: 'scalar', style: 'single', value: scanQuoted(reader), at, end: reader.at })
    else if (character === '"')
      this.#tokens.push({ type: 'scalar', style: 'double', value: scanQuoted(reader), at, end: reader.at })
    else this.#plain()
  }

  #plain(): void {
    const { at } = this.#reader
    const { value, end, newLine } = scanPlain(this.#reader, { indent: this.#indent, flow: this.#flow })
    this.#tokens.push({ type: 'scalar', at, style: 'plain', value, end })
    if (newLine) this.#keyAllowed = true
  }

  #end(): void {
    this.#reader.endLine()
    this.#leaveAll()
    this.#add('stream-end')
  }

  #directive(): void {
    this.#leaveAll()
    const reader = this.#reader
    const { at } = reader
    this.#tokens.push({ type: 'directive', directive: scanDirective(reader), at, end: reader.at })
  }

  #document(type: 'document-start' | 'document-end'): void {
    this.#leaveAll()
    this.#add(type, 3)
  }

  #leaveAll(): void {
    this.#unroll(-1)
    this.#keys.drop()
    this.#keyAllowed = false
  }

  #open(type: 'flow-list' | 'flow-map'): void {
    this.#saveKey()
    this.#keys.open()
    this.#checkDepth(this.#keys.depth)
    this.#keyAllowed = true
    this.#add(type, 1)
  }

  #close(type: 'flow-list-end' | 'flow-map-end'): void {
    this.#keys.drop()
    this.#keys.close()
    this.#keyAllowed = false
    this.#add(type, 1)
  }

  #comma(): void {
    this.#keys.drop()
    this.#keyAllowed = true
    this.#add('comma', 1)
  }

  #entry(): void {
    this.#begin('block-list', "a list's '- ' stands at the beginning of a line")
    this.#keys.drop()
    this.#keyAllowed = true
    this.#add('entry', 1)
  }

  #key(): void {
    this.#begin('block-map', "a '? ' stands at the beginning of a line")
    this.#keys.drop()
    this.#keyAllowed = !this.#flow
    this.#add('key', 1)
  }

  #value(): void {
    const key = this.#keys.take()
    if (key) {
      this.#insert('key', key)
      if (this.#roll(key.column)) this.#insert('block-map', key)
    } else this.#begin('block-map', NO_VALUE_HERE)
    this.#keyAllowed = !key && !this.#flow
    this.#add('value', 1)
  }

  /** A block collection may begin here. */
  #begin(type: 'block-list' | 'block-map', otherwise: string): void {
    if (!this.#flow && !this.#keyAllowed) throw new YamlError(this.#reader.at, otherwise)
    if (this.#roll(this.#reader.column)) this.#add(type)
  }

  /** Does a block collection begin at this column? */
  #roll(column: number): boolean {
    if (this.#flow || this.#indent >= column) return false
    this.#checkDepth(this.#indents.length)
    this.#indents.push(column)
    return true
  }

  /** Every block collection that stands further to the right ends. */
  #unroll(column: number): void {
    if (this.#flow) return
    while (this.#indent > column) {
      this.#indents.pop()
      this.#add('block-end')
    }
  }

  #checkDepth(depth: number): void {
    if (depth <= this.#limits.depth) return
    throw new YamlError(this.#reader.at, `nested deeper than ${this.#limits.depth} levels`)
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return
    const { at, line, column } = this.#reader
    const required = !this.#flow && this.#indent === column
    this.#keys.save({ required, number: this.#taken + this.#tokens.length, at, line, column })
  }
}

const NO_VALUE_HERE = "a ': ' may not stand here: a text with it needs quotes, and a key begins its line"
