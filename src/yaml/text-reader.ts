import { isBlank, isBreak, isSpaceOrEnd, type RefusedCharacter, refusedCharacter } from './characters.ts'
import { YamlError } from './yaml-error.ts'

/**
 * A text, and a place in it that moves forward. The end of the text reads as an empty character. Lines end with LF, CR,
 * both, and Unicode's own (YAML 1.1).
 */
export class TextReader {
  readonly text: string
  at = 0
  line = 0
  #lineStart = 0
  readonly #refused: RefusedCharacter | undefined

  constructor(text: string) {
    this.text = text
    this.#refused = refusedCharacter(text)
  }

  /** From 0. */
  get column(): number {
    return this.at - this.#lineStart
  }

  /** The character so many further on. */
  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? ''
  }

  /** Over characters that end no line. */
  skip(count = 1): void {
    this.at += count
  }

  /** Over a byte order mark that says how the text is encoded: it is no part of the first line. */
  skipMark(): void {
    this.at++
    this.#lineStart = this.at
  }

  /** Over the end of a line; what it stands for in a scalar. */
  readBreak(): string {
    const first = this.peek()
    this.at += first === '\r' && this.peek(1) === '\n' ? 2 : 1
    this.#newLine()
    return first === '\u2028' || first === '\u2029' ? first : '\n'
  }

  /** The end of the text ends its last line. */
  endLine(): void {
    if (this.column > 0) this.#newLine()
  }

  #newLine(): void {
    this.line++
    this.#lineStart = this.at
  }

  /** What a pattern with the flag `y` finds here. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    return pattern.exec(this.text)?.[0] ?? ''
  }

  /** The same, and over it; it must not go over the end of a line. */
  take(pattern: RegExp): string {
    const found = this.match(pattern)
    this.at += found.length
    return found
  }

  /** Nothing but blanks stand between the end of the line above and here. */
  isBehindBreak(): boolean {
    let before = this.at - 1
    while (isBlank(this.text[before] ?? '')) before--
    return isBreak(this.text[before] ?? '')
  }

  /** `---` or `...` alone at the beginning of a line. */
  documentMark(): '---' | '...' | undefined {
    if (this.column !== 0) return undefined
    const mark = this.text.slice(this.at, this.at + 3)
    return (mark === '---' || mark === '...') && isSpaceOrEnd(this.peek(3)) ? mark : undefined
  }

  /** @throws YamlError for a character that YAML does not know, once the text was read so far */
  checkCharacters(): void {
    if (!this.#refused || this.at < this.#refused.seenFrom) return
    throw new YamlError(this.#refused.index, 'a control character may not stand in YAML')
  }
}

/** Up to the end of the line. */
export const REST_OF_LINE = /[^\n\r\u0085\u2028\u2029]*/y

/** To the end of the line, a comment at most. */
export const COMMENT_AT_MOST = /[ \t]*(?:#[^\n\r\u0085\u2028\u2029]*)?/y
