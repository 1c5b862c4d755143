import { LIMITS } from '../../desired/limits.ts'
import { scanBlock } from './scan-block.ts'
import { scanAnchor, scanDirective, scanTag } from './scan-names.ts'
import { scanPlain } from './scan-plain.ts'
import { scanQuoted } from './scan-quoted.ts'
import { isBlankOrBreak, isBreak, REST_OF_LINE, TextReader } from './text-reader.ts'
import { type Mark, type Token, YamlError } from './token.ts'

/** Where a key may begin that has no `?` before it: it becomes one when a `:` follows on the same line. */
interface SimpleKey {
  possible: boolean
  /** At the column of its map nothing but a key can stand. */
  readonly required: boolean
  /** Number of its token, from the first of the file. */
  readonly token: number
  readonly at: number
  readonly line: number
  readonly column: number
}

const NO_KEY: SimpleKey = { possible: false, required: false, token: -1, at: 0, line: 0, column: 0 }

/** The longest key without `?`, in characters. */
const LONGEST_KEY = 1024

/**
 * Tokens of a YAML file, as libyaml finds them, which is what Docker reads with (go-yaml v3). The few places where it
 * differs from the specification are people's habits: a text in quotes, or in brackets, may go on further to the left.
 */
export class Scanner {
  readonly #reader: TextReader
  readonly #queue: Token[] = []
  #head = 0
  /** Tokens that were taken. */
  #taken = 0
  /** Columns of the block collections that we are in; the last is the innermost. */
  readonly #indents: number[] = [-1]
  /** One for each open bracket, and one for outside of all. */
  readonly #keys: SimpleKey[] = [{ ...NO_KEY }]
  #keyAllowed = true

  constructor(text: string) {
    this.#reader = new TextReader(text)
  }

  get #indent(): number {
    return this.#indents.at(-1) ?? -1
  }

  get #flow(): boolean {
    return this.#keys.length > 1
  }

  /** @throws YamlError */
  peek(): Token {
    while (this.#needsMore()) this.#fetch()
    return this.#queue[this.#head] as Token
  }

  /** @throws YamlError */
  next(): Token {
    const token = this.peek()
    this.#head++
    this.#taken++
    if (this.#head >= 64) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
    return token
  }

  /** Two tokens ahead, as go-yaml does for its comments; and further, while the first may turn out to be a key. */
  #needsMore(): boolean {
    if (this.#queue.length - this.#head <= 2) return true
    const key = this.#keys.find((one) => one.token === this.#taken)
    return key !== undefined && this.#isValid(key)
  }

  #isValid(key: SimpleKey): boolean {
    if (!key.possible) return false
    const { line, at } = this.#reader
    if (key.line === line && key.at + LONGEST_KEY >= at) return true
    this.#drop(key)
    return false
  }

  #drop(key: SimpleKey): void {
    if (key.possible && key.required)
      throw new YamlError(key.at, "the ': ' is missing, or the key has more than one line")
    key.possible = false
  }

  #fetch(): void {
    const reader = this.#reader
    if (this.#taken + this.#queue.length - this.#head > LIMITS.tokens) {
      throw new YamlError(reader.at, `the file has more than ${LIMITS.tokens} tokens`)
    }
    this.#skipToToken()
    this.#unroll(reader.column)
    const char = reader.peek()
    if (char === '') this.#endStream()
    else if (reader.column === 0 && char === '%') this.#add(this.#outside(() => scanDirective(reader)))
    else if (reader.atDocumentMark()) {
      this.#outside(() => this.#mark(char === '-' ? 'document-start' : 'document-end', 3))
    } else this.#fetchInside(char)
  }

  #fetchInside(char: string): void {
    const blankNext = isBlankOrBreak(this.#reader.peek(1))
    if (char === '[' || char === '{') this.#open(char)
    else if (char === ']' || char === '}') this.#close(char)
    else if (char === ',') this.#separate()
    else if (char === '-' && blankNext) this.#entry()
    else if (char === '?' && (this.#flow || blankNext)) this.#explicitKey()
    else if (char === ':' && (this.#flow || blankNext)) this.#value()
    else this.#fetchScalar(char, blankNext)
  }

  #fetchScalar(char: string, blankNext: boolean): void {
    const reader = this.#reader
    if (char === '*') this.#keyed(() => scanAnchor(reader, 'alias'))
    else if (char === '&') this.#keyed(() => scanAnchor(reader, 'anchor'))
    else if (char === '!') this.#keyed(() => scanTag(reader))
    else if ((char === '|' || char === '>') && !this.#flow) this.#blockScalar()
    else if (char === "'" || char === '"') this.#keyed(() => scanQuoted(reader, char))
    else if (
      !'-?:,[]{}#&*!|>\'"%@`\t'.includes(char) ||
      ('-?:'.includes(char) && !blankNext && (char === '-' || !this.#flow))
    ) {
      this.#plain()
    } else throw new YamlError(reader.at, cannotBegin(char))
  }

  /** Over blanks, comments and line breaks. */
  #skipToToken(): void {
    const reader = this.#reader
    // A second mark, as go-yaml skips it: only where the file begins.
    if (reader.at === 0 && reader.peek() === '\ufeff') reader.skip()
    while (true) {
      while (reader.peek() === ' ' || (reader.peek() === '\t' && (this.#flow || !this.#keyAllowed))) reader.skip()
      if (reader.peek() === '#') reader.take(REST_OF_LINE)
      if (!isBreak(reader.peek())) return
      reader.readBreak()
      if (!this.#flow) this.#keyAllowed = true
    }
  }

  #add(token: Token): void {
    this.#queue.push(token)
  }

  #mark(type: Mark, length: number): void {
    const start = this.#reader.at
    this.#reader.skip(length)
    this.#add({ type, start, end: this.#reader.at })
  }

  /** Of a collection that begins where a token stands that was found before. */
  #insert(type: Mark, key: SimpleKey): void {
    this.#queue.splice(this.#head + key.token - this.#taken, 0, { type, start: key.at, end: key.at })
  }

  /** Every block collection that stands further to the right ends. */
  #unroll(column: number): void {
    if (this.#flow) return
    while (this.#indent > column) {
      this.#indents.pop()
      this.#add({ type: 'block-end', start: this.#reader.at, end: this.#reader.at })
    }
  }

  #endStream(): void {
    this.#unroll(-1)
    this.#dropKey()
    this.#keyAllowed = false
    this.#add({ type: 'stream-end', start: this.#reader.at, end: this.#reader.at })
  }

  /** Of what stands outside of all collections. */
  #outside<T>(scan: () => T): T {
    this.#unroll(-1)
    this.#dropKey()
    this.#keyAllowed = false
    return scan()
  }

  #saveKey(): void {
    if (!this.#keyAllowed) return
    this.#dropKey()
    const { at, line, column } = this.#reader
    const required = !this.#flow && this.#indent === column
    const token = this.#taken + this.#queue.length - this.#head
    this.#keys[this.#keys.length - 1] = { possible: true, required, token, at, line, column }
  }

  #dropKey(): void {
    const key = this.#keys.at(-1)
    if (key) this.#drop(key)
  }

  /** A token that a key may begin with, and behind which none may begin. */
  #keyed(scan: () => Token): void {
    this.#saveKey()
    this.#keyAllowed = false
    this.#add(scan())
  }

  #plain(): void {
    this.#saveKey()
    this.#keyAllowed = false
    const { token, broken } = scanPlain(this.#reader, { flow: this.#flow, indent: this.#indent })
    this.#add(token)
    if (broken) this.#keyAllowed = true
  }

  #blockScalar(): void {
    this.#dropKey()
    this.#keyAllowed = true
    this.#add(scanBlock(this.#reader, this.#indent))
  }

  #open(char: '[' | '{'): void {
    this.#saveKey()
    if (this.#keys.length > LIMITS.depth) throw new YamlError(this.#reader.at, tooDeep())
    this.#keys.push({ ...NO_KEY })
    this.#keyAllowed = true
    this.#mark(char, 1)
  }

  #close(char: ']' | '}'): void {
    this.#dropKey()
    if (this.#flow) this.#keys.pop()
    this.#keyAllowed = false
    this.#mark(char, 1)
  }

  #separate(): void {
    this.#dropKey()
    this.#keyAllowed = true
    this.#mark(',', 1)
  }

  /** A block collection begins at this column, where it is not one that we are in. */
  #roll(column: number, begin: () => void): void {
    if (this.#flow || this.#indent >= column) return
    if (this.#indents.length > LIMITS.depth) throw new YamlError(this.#reader.at, tooDeep())
    this.#indents.push(column)
    begin()
  }

  #entry(): void {
    if (!this.#flow && !this.#keyAllowed)
      throw new YamlError(this.#reader.at, "'- ' begins an item on a line of its own")
    this.#roll(this.#reader.column, () => this.#mark('block-sequence', 0))
    this.#dropKey()
    this.#keyAllowed = true
    this.#mark('-', 1)
  }

  #explicitKey(): void {
    if (!this.#flow && !this.#keyAllowed) throw new YamlError(this.#reader.at, "'? ' begins a key on a line of its own")
    this.#roll(this.#reader.column, () => this.#mark('block-mapping', 0))
    this.#dropKey()
    this.#keyAllowed = !this.#flow
    this.#mark('key', 1)
  }

  #value(): void {
    const key = this.#keys.at(-1)
    if (key && this.#isValid(key)) {
      this.#insert('key', key)
      this.#roll(key.column, () => this.#insert('block-mapping', key))
      key.possible = false
      this.#keyAllowed = false
    } else {
      if (!this.#flow && !this.#keyAllowed) throw new YamlError(this.#reader.at, SECOND_COLON)
      this.#roll(this.#reader.column, () => this.#mark('block-mapping', 0))
      this.#keyAllowed = !this.#flow
    }
    this.#mark('value', 1)
  }
}

const SECOND_COLON = "a map may not begin behind 'key: ' on the same line; quote the text if it has ': ' in it"

const tooDeep = (): string => `nested deeper than ${LIMITS.depth} levels`

function cannotBegin(char: string): string {
  if (char === '\t') return 'a tab may not indent: use spaces'
  return `a text that begins with '${char}' needs quotes`
}
