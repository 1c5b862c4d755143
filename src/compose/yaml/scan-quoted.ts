import { isBlank, isBlankOrBreak, isBreak, type TextReader } from './text-reader.ts'
import { type Token, YamlError } from './token.ts'

/** Lines of a scalar that has more than one: breaks become spaces, empty lines become breaks. */
export class Folding {
  #first = ''
  #more = ''
  #blanks = ''
  /** A line break has been read since the last text. */
  broken = false

  /** Blanks and breaks up to the next text. */
  read(reader: TextReader, onBlank: () => void = () => undefined): void {
    while (isBlank(reader.peek()) || isBreak(reader.peek())) {
      if (isBreak(reader.peek())) this.#addBreak(reader.readBreak())
      else {
        onBlank()
        if (!this.broken) this.#blanks += reader.peek()
        reader.skip()
      }
    }
  }

  #addBreak(text: string): void {
    if (this.broken) this.#more += text
    else this.#first = text
    this.#blanks = ''
    this.broken = true
  }

  /** What has been read stands for this; forgets it. */
  take(): string {
    const folded = this.#first === '\n' ? this.#more || ' ' : this.#first + this.#more
    const text = this.broken ? folded : this.#blanks
    this.#first = ''
    this.#more = ''
    this.#blanks = ''
    this.broken = false
    return text
  }
}

const SINGLE = /[^'\s]+/y
const DOUBLE = /[^"\\\s]+/y

/** A scalar in quotes; its lines may stand further to the left than what is around it. */
export function scanQuoted(reader: TextReader, quote: string): Token {
  const start = reader.at
  reader.skip()
  let text = ''
  const folding = new Folding()
  while (true) {
    if (reader.atDocumentMark()) throw new YamlError(start, `this text in quotes (${quote}) does not end`)
    const { text: piece, escapedBreak } = readPiece(reader, quote)
    text += piece
    if (reader.peek() === quote) break
    if (reader.peek() === '') throw new YamlError(start, `this text in quotes (${quote}) does not end`)
    folding.broken = escapedBreak
    folding.read(reader)
    text += folding.take()
  }
  reader.skip()
  return { type: 'scalar', text, plain: false, start, end: reader.at }
}

interface Piece {
  readonly text: string
  /** It ends in a backslash before a line break, which is none then. */
  readonly escapedBreak: boolean
}

/** Up to a blank, a break, or the quote that ends it. */
function readPiece(reader: TextReader, quote: string): Piece {
  let text = ''
  while (!isBlankOrBreak(reader.peek())) {
    const char = reader.peek()
    if (quote === "'" && char === "'" && reader.peek(1) === "'") {
      text += "'"
      reader.skip(2)
    } else if (char === quote) break
    else if (quote === '"' && char === '\\' && isBreak(reader.peek(1))) {
      reader.skip()
      reader.readBreak()
      return { text, escapedBreak: true }
    } else if (quote === '"' && char === '\\') text += readEscape(reader)
    else text += reader.take(quote === "'" ? SINGLE : DOUBLE) || odd(reader)
  }
  return { text, escapedBreak: false }
}

/** A character that JavaScript takes for a space, and YAML does not. */
function odd(reader: TextReader): string {
  const char = reader.peek()
  reader.skip()
  return char
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
}

const CODES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function readEscape(reader: TextReader): string {
  const start = reader.at
  const letter = reader.peek(1)
  const plain = ESCAPES[letter]
  const digits = CODES[letter] ?? 0
  reader.skip(2)
  if (plain !== undefined) return plain
  const hex = reader.text.slice(reader.at, reader.at + digits)
  const code = Number.parseInt(hex, 16)
  const valid = digits > 0 && new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(hex) && code <= 0x10ffff
  if (!valid || (code >= 0xd800 && code <= 0xdfff)) {
    throw new YamlError(start, `'\\${letter}' is no escape in a text in double quotes; a backslash is '\\\\'`)
  }
  reader.skip(digits)
  return String.fromCodePoint(code)
}
