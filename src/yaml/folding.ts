import { isBlank, isBreak } from './characters.ts'
import type { TextReader } from './text-reader.ts'

/** White space inside of a scalar: blanks stay, one line end becomes a space, more become one less. */
export class Folding {
  /** There was a line end since the last word. */
  broken = false
  #blanks = ''
  #first = ''
  #more = ''

  /**
   * Over blanks and line ends, up to the next word.
   * @param atTab for each tab at the beginning of a line
   */
  read(reader: TextReader, atTab: () => void = () => undefined): void {
    while (true) {
      const next = reader.peek()
      if (isBreak(next)) this.#break(reader.readBreak())
      else if (!isBlank(next)) return
      else {
        if (!this.broken) this.#blanks += next
        else if (next === '\t') atTab()
        reader.skip()
      }
    }
  }

  /** A line end was passed over that leaves nothing. */
  escape(): void {
    this.#break('')
  }

  #break(end: string): void {
    if (this.broken) this.#more += end
    else {
      this.#blanks = ''
      this.#first = end
      this.broken = true
    }
  }

  /** What the space between two words comes to; forgets it. */
  take(): string {
    const folded = this.#first === '\n' ? this.#more || ' ' : this.#first + this.#more
    const space = this.broken ? folded : this.#blanks
    this.broken = false
    this.#blanks = ''
    this.#first = ''
    this.#more = ''
    return space
  }
}
