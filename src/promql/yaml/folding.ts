import { isBlank, isBreak, type Reader } from './reader.ts'

/** White space inside of a scalar: blanks stay, one line end becomes a space, more become one less. */
export class Folding {
  value = ''
  /** There was a line end since the last word. */
  broken = false
  #blanks = ''
  #first = ''
  #more = ''

  /**
   * Passes over blanks and line ends.
   * @param broken a line end was passed over already, and leaves nothing
   * @param atTab for each tab at the beginning of a line
   */
  space(reader: Reader, broken: boolean, atTab: () => void = () => undefined): void {
    if (broken) this.#break('')
    while (isBlank(reader.peek()) || isBreak(reader.peek())) {
      if (isBreak(reader.peek())) this.#break(reader.skipLine())
      else if (this.broken) {
        if (reader.peek() === '\t') atTab()
        reader.skip()
      } else this.#blanks += reader.skip()
    }
  }

  #break(end: string): void {
    if (this.broken) this.#more += end
    else {
      this.#blanks = ''
      this.#first = end
      this.broken = true
    }
  }

  /** What the space between two words comes to. */
  join(): void {
    if (!this.broken) this.value += this.#blanks
    else if (this.#first === '\n') this.value += this.#more === '' ? ' ' : this.#more
    else this.value += this.#first + this.#more
    this.broken = false
    this.#blanks = ''
    this.#first = ''
    this.#more = ''
  }
}
