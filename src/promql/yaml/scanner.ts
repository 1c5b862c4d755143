import { isBreak, isBreakOrEnd, isSpaceOrEnd, NotYaml, Reader } from './reader.ts'
import { scanAnchor, scanDirective, scanTag } from './scan-properties.ts'
import { scanBlock, scanPlain, scanQuoted } from './scan-scalars.ts'
import { isStart, type Sign, startRefused, type Token } from './token.ts'

/** Something that is a key if a `:` follows it on its line. */
interface SimpleKey {
  possible: boolean
  /** It stands where only a key may stand. */
  readonly required: boolean
  /** Counted from the first token of the stream. */
  readonly number: number
  readonly at: number
  readonly line: number
  readonly column: number
}

const LONGEST_KEY = 1024
const DEEPEST = 200

/**
 * Tokens of a YAML text as libyaml, which yaml.v3 is a translation of, makes them: one at a time and two ahead, as what
 * stands behind the first document is never looked at. It differs from YAML 1.2 in many corners: lines of quoted texts need
 * no indentation, a comment needs no space before it behind a quote, U+2028 ends a line.
 */
export class Scanner {
  readonly #reader: Reader
  readonly #tokens: Token[] = []
  #taken = 0
  #indent = -1
  readonly #indents: number[] = []
  #flow = 0
  #keyAllowed = true
  #keys: SimpleKey[] = [NO_KEY]

  constructor(text: string) {
    this.#reader = new Reader(text)
  }

  peek(): Token {
    while (this.#tokens.length <= 2 || this.#headMayBeKey()) this.#fetch()
    const [token] = this.#tokens
    if (!token) throw new NotYaml(this.#reader.at, 'the text ends')
    return token
  }

  next(): Token {
    const token = this.peek()
    this.#tokens.shift()
    this.#taken++
    return token
  }

  #headMayBeKey(): boolean {
    const key = this.#keys.find(({ possible, number }) => possible && number === this.#taken)
    return key !== undefined && this.#isValid(key)
  }

  #isValid(key: SimpleKey): boolean {
    if (!key.possible) return false
    if (key.line === this.#reader.line && key.at + LONGEST_KEY >= this.#reader.at) return true
    if (key.required) throw new NotYaml(key.at, COLON_MISSING)
    key.possible = false
    return false
  }

  #emit(type: Sign, at = this.#reader.at): void {
    this.#tokens.push({ type, at })
  }

  #fetch(): void {
    this.#toNextToken()
    this.#unroll(this.#reader.column)
    const reader = this.#reader
    reader.checkCharacters()
    const character = reader.peek()
    if (character === '') this.#end()
    else if (reader.column === 0 && character === '%') this.#directive()
    else if (reader.isDocumentSign('---')) this.#document('document-start')
    else if (reader.isDocumentSign('...')) this.#document('document-end')
    else {
      this.#content(character)
      if (this.#tokens.at(-1)?.type !== 'entry') this.#lineComment()
    }
    this.#reader.checkCharacters()
  }

  #toNextToken(): void {
    const reader = this.#reader
    while (true) {
      while (reader.peek() === ' ' || (reader.peek() === '\t' && (this.#flow > 0 || !this.#keyAllowed))) reader.skip()
      if (reader.peek() === '#') this.#comments()
      if (!isBreak(reader.peek())) return
      reader.skipLine()
      if (this.#flow === 0) this.#keyAllowed = true
    }
  }

  /** This comment and those below it: yaml.v3 takes them together, whatever is before each. */
  #comments(): void {
    const reader = this.#reader
    const more = /[^\r\n\u0085\u2028\u2029]*(?:[ \t\r\n\u0085\u2028\u2029]{1,510}#[^\r\n\u0085\u2028\u2029]*)*/y
    const end = reader.at + reader.match(more).length
    while (reader.at < end) {
      if (isBreak(reader.peek())) reader.skipLine()
      else reader.skip()
    }
  }

  #lineComment(): void {
    const reader = this.#reader
    if (reader.ended > 0) return
    const blanks = reader.match(/[ \t]{0,511}/y)
    if (reader.peek(blanks.length) !== '#') return
    while (!isBreakOrEnd(reader.peek())) reader.skip()
  }

  #content(character: string): void {
    const spaced = isSpaceOrEnd(this.#reader.peek(1))
    if (character === '[') this.#openFlow('flow-list')
    else if (character === '{') this.#openFlow('flow-map')
    else if (character === ']') this.#closeFlow('flow-list-end')
    else if (character === '}') this.#closeFlow('flow-map-end')
    else if (character === ',') this.#comma()
    else if (character === '-' && spaced) this.#entry()
    else if (character === '?' && (this.#flow > 0 || spaced)) this.#key()
    else if (character === ':' && (this.#flow > 0 || spaced)) this.#value()
    else this.#node(character)
  }

  #node(character: string): void {
    const reader = this.#reader
    const at = reader.at
    if (character === '|' || character === '>') {
      if (this.#flow > 0) this.#refuse()
      this.#removeKey()
      this.#keyAllowed = true
      this.#tokens.push({ type: 'scalar', at, style: 'block', ...scanBlock(reader, this.#indent) })
      return
    }
    if (!isStart(character, reader.peek(1), this.#flow > 0)) this.#refuse()
    this.#saveKey()
    this.#keyAllowed = false
    if (character === '*') this.#tokens.push({ type: 'alias', at, name: scanAnchor(reader) })
    else if (character === '&') this.#tokens.push({ type: 'anchor', at, name: scanAnchor(reader) })
    else if (character === '!') this.#tokens.push({ type: 'tag', at, tag: scanTag(reader) })
    else if (character === "'") this.#tokens.push({ type: 'scalar', at, style: 'single', ...scanQuoted(reader) })
    else if (character === '"') this.#tokens.push({ type: 'scalar', at, style: 'double', ...scanQuoted(reader) })
    else this.#plain()
  }

  #plain(): void {
    const at = this.#reader.at
    const { value, end, newLine } = scanPlain(this.#reader, { indent: this.#indent, flow: this.#flow > 0 })
    this.#tokens.push({ type: 'scalar', at, style: 'plain', value, end })
    if (newLine) this.#keyAllowed = true
  }

  #refuse(): never {
    throw new NotYaml(this.#reader.at, startRefused(this.#reader))
  }

  #end(): void {
    this.#reader.endLine()
    this.#unroll(-1)
    this.#removeKey()
    this.#keyAllowed = false
    this.#emit('stream-end')
  }

  #directive(): void {
    this.#unroll(-1)
    this.#removeKey()
    this.#keyAllowed = false
    const at = this.#reader.at
    this.#tokens.push({ type: 'directive', at, directive: scanDirective(this.#reader) })
  }

  #document(type: 'document-start' | 'document-end'): void {
    this.#unroll(-1)
    this.#removeKey()
    this.#keyAllowed = false
    this.#emit(type)
    this.#reader.skip(3)
  }

  #openFlow(type: 'flow-list' | 'flow-map'): void {
    this.#saveKey()
    this.#keys.push({ ...NO_KEY })
    this.#flow++
    if (this.#flow > DEEPEST) throw new NotYaml(this.#reader.at, `nested deeper than ${DEEPEST} levels`)
    this.#keyAllowed = true
    this.#emit(type)
    this.#reader.skip()
  }

  #closeFlow(type: 'flow-list-end' | 'flow-map-end'): void {
    this.#removeKey()
    if (this.#flow > 0) {
      this.#flow--
      this.#keys.pop()
    }
    this.#keyAllowed = false
    this.#emit(type)
    this.#reader.skip()
  }

  #comma(): void {
    this.#removeKey()
    this.#keyAllowed = true
    this.#emit('comma')
    this.#reader.skip()
  }

  #entry(): void {
    if (this.#flow === 0) {
      if (!this.#keyAllowed) throw new NotYaml(this.#reader.at, "a list's '- ' stands at the beginning of a line")
      this.#roll(this.#reader.column, 'block-list')
    }
    this.#removeKey()
    this.#keyAllowed = true
    this.#emit('entry')
    this.#reader.skip()
  }

  #key(): void {
    if (this.#flow === 0) {
      if (!this.#keyAllowed) throw new NotYaml(this.#reader.at, "a '? ' stands at the beginning of a line")
      this.#roll(this.#reader.column, 'block-map')
    }
    this.#removeKey()
    this.#keyAllowed = this.#flow === 0
    this.#emit('key')
    this.#reader.skip()
  }

  #value(): void {
    const key = this.#keys.at(-1)
    if (key && this.#isValid(key)) {
      this.#tokens.splice(key.number - this.#taken, 0, { type: 'key', at: key.at })
      this.#roll(key.column, 'block-map', key)
      key.possible = false
      this.#keyAllowed = false
    } else {
      if (this.#flow === 0) {
        if (!this.#keyAllowed) throw new NotYaml(this.#reader.at, NO_VALUE_HERE)
        this.#roll(this.#reader.column, 'block-map')
      }
      this.#keyAllowed = this.#flow === 0
    }
    this.#emit('value')
    this.#reader.skip()
  }

  #roll(column: number, type: 'block-list' | 'block-map', before?: SimpleKey): void {
    if (this.#flow > 0 || this.#indent >= column) return
    this.#indents.push(this.#indent)
    this.#indent = column
    if (this.#indents.length > DEEPEST) throw new NotYaml(this.#reader.at, `nested deeper than ${DEEPEST} levels`)
    const token: Token = { type, at: before?.at ?? this.#reader.at }
    this.#tokens.splice(before ? before.number - this.#taken : this.#tokens.length, 0, token)
  }

  #unroll(column: number): void {
    if (this.#flow > 0) return
    while (this.#indent > column) {
      this.#emit('block-end')
      this.#indent = this.#indents.pop() ?? -1
    }
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return
    this.#removeKey()
    const { at, line, column } = this.#reader
    const required = this.#flow === 0 && this.#indent === column
    const number = this.#taken + this.#tokens.length
    this.#keys[this.#keys.length - 1] = { possible: true, required, number, at, line, column }
  }

  #removeKey(): void {
    const key = this.#keys.at(-1)
    if (!key?.possible) return
    if (key.required) throw new NotYaml(key.at, COLON_MISSING)
    key.possible = false
  }
}

const NO_KEY: SimpleKey = { possible: false, required: false, number: 0, at: 0, line: 0, column: 0 }
const COLON_MISSING = "this should be a key, and the ':' behind it is missing"
const NO_VALUE_HERE = "a ': ' may not stand here: a text with it needs quotes, and a key begins its line"
