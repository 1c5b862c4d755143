/** A text, and a place in it that moves forward. The end of the text reads as an empty character. */
export class TextReader {
  readonly text: string
  at = 0
  line = 0
  /** From 0. */
  column = 0

  constructor(text: string) {
    this.text = text
  }

  /** The character so many further on. */
  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? ''
  }

  skip(count = 1): void {
    this.at += count
    this.column += count
  }

  /** Over a line break; what it stands for in a scalar. */
  readBreak(): string {
    const first = this.peek()
    this.at += first === '\r' && this.peek(1) === '\n' ? 2 : 1
    this.line++
    this.column = 0
    return first === '\u2028' || first === '\u2029' ? first : '\n'
  }

  /** What a pattern with the flag `y` finds here; it must not go over a line break. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.skip(found.length)
    return found
  }

  /** `---` or `...` alone at the beginning of a line. */
  atDocumentMark(): boolean {
    if (this.column !== 0) return false
    const mark = this.text.slice(this.at, this.at + 3)
    return (mark === '---' || mark === '...') && isBlankOrBreak(this.peek(3))
  }
}

export const isBlank = (char: string): boolean => char === ' ' || char === '\t'

export const isBreak = (char: string): boolean => char !== '' && '\n\r\u0085\u2028\u2029'.includes(char)

/** The end of the text is one. */
export const isBreakOrEnd = (char: string): boolean => char === '' || isBreak(char)

export const isBlankOrBreak = (char: string): boolean => isBlank(char) || isBreakOrEnd(char)

/** To the end of the line, a comment at most. */
export const REST_OF_LINE = /[ \t]*(?:#[^\n\r\u0085\u2028\u2029]*)?/y
