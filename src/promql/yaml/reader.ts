import { Buffer } from 'node:buffer'

/** YAML cannot be made out of the text. */
export class NotYaml extends Error {
  /** UTF-16 units from 0. */
  readonly offset: number

  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const REFUSED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]|\p{Surrogate}/u

export const isBlank = (character: string): boolean => character === ' ' || character === '\t'
export const isBreak = (character: string): boolean => BREAKS.includes(character) && character !== ''
/** The end of the text counts, as in libyaml. */
export const isBreakOrEnd = (character: string): boolean => character === '' || BREAKS.includes(character)
export const isSpaceOrEnd = (character: string): boolean => isBlank(character) || isBreakOrEnd(character)
const BREAKS = '\r\n\u0085\u2028\u2029'

const CHUNK_BYTES = 512
const LOOK_AHEAD = 4

/** yaml.v3 looks at characters a chunk at a time: one behind the first document may never be seen. */
function beginOfChunk(text: string, index: number): number {
  const before = Buffer.from(text.slice(0, index))
  const begin = Math.floor(before.length / CHUNK_BYTES) * CHUNK_BYTES
  return before.subarray(0, begin).toString('utf8').length - LOOK_AHEAD
}

/** The place of a scanner in a text. Lines end with LF, CR, both, and Unicode's own (YAML 1.1). */
export class Reader {
  readonly text: string
  at: number
  line = 0
  #lineStart: number
  /** Lines ended since the last character that was no blank. */
  ended = 0
  /** The first character that YAML does not know, and where yaml.v3 comes to see it. */
  readonly #refused: { readonly index: number; readonly seenFrom: number } | undefined

  constructor(text: string) {
    this.text = text
    // A byte order mark is no part of the first line.
    this.at = text.startsWith('\ufeff') ? 1 : 0
    this.#lineStart = this.at
    const refused = REFUSED.exec(text)
    if (refused) this.#refused = { index: refused.index, seenFrom: beginOfChunk(text, refused.index) }
  }

  /** @throws NotYaml for a character that YAML does not know, once the text was read so far */
  checkCharacters(): void {
    if (!this.#refused || this.at < this.#refused.seenFrom) return
    throw new NotYaml(this.#refused.index, 'a control character may not stand in YAML')
  }

  get column(): number {
    return this.at - this.#lineStart
  }

  /** Empty at the end. */
  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? ''
  }

  /** Passes over characters that end no line. */
  skip(count = 1): string {
    const passed = this.text.slice(this.at, this.at + count)
    if (!isBlank(passed)) this.ended = 0
    this.at += count
    return passed
  }

  /** Passes over the end of a line, and says what YAML makes of it. */
  skipLine(): string {
    const end = this.peek()
    this.at += end === '\r' && this.peek(1) === '\n' ? 2 : 1
    this.line++
    this.ended++
    this.#lineStart = this.at
    return end === '\u2028' || end === '\u2029' ? end : '\n'
  }

  /** The end of the text ends its last line. */
  endLine(): void {
    if (this.column === 0) return
    this.line++
    this.#lineStart = this.at
  }

  match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    return pattern.exec(this.text)?.[0] ?? ''
  }

  /** `---` or `...` at the beginning of a line. */
  isDocumentSign(sign?: '---' | '...'): boolean {
    const three = this.text.slice(this.at, this.at + 3)
    const found = sign ? three === sign : three === '---' || three === '...'
    return this.column === 0 && found && isSpaceOrEnd(this.peek(3))
  }
}
