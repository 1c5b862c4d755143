import { isBreak, isSpaceOrEnd } from './characters.ts'
import { readEscape } from './escape.ts'
import { Folding } from './folding.ts'
import type { TextReader } from './text-reader.ts'
import { YamlError } from './yaml-error.ts'

const SINGLE = /[^' \t\n\r\u0085\u2028\u2029]+/y
const DOUBLE = /[^"\\ \t\n\r\u0085\u2028\u2029]+/y

/** In single or double quotes. Its lines may begin anywhere: yaml.v3 asks for no indentation. */
export function scanQuoted(reader: TextReader): string {
  const from = reader.at
  const quote = reader.peek()
  const folding = new Folding()
  let value = ''
  reader.skip()
  while (true) {
    if (reader.documentMark() !== undefined || reader.peek() === '') {
      throw new YamlError(from, 'the text in quotes that begins here is not closed')
    }
    const { word, escapedBreak } = quote === "'" ? singleWord(reader) : doubleWord(reader)
    value += word
    if (reader.peek() === quote) break
    if (escapedBreak) folding.escape()
    folding.read(reader)
    value += folding.take()
  }
  reader.skip()
  return value
}

/** Up to a blank, a line's end or the closing quote. */
interface Word {
  readonly word: string
  /** It ends in a backslash before a line's end, which is passed over and is none then. */
  readonly escapedBreak: boolean
}

function singleWord(reader: TextReader): Word {
  let word = reader.take(SINGLE)
  while (reader.peek() === "'" && reader.peek(1) === "'") {
    reader.skip(2)
    word += `'${reader.take(SINGLE)}`
  }
  return { word, escapedBreak: false }
}

function doubleWord(reader: TextReader): Word {
  let word = ''
  while (reader.peek() !== '"' && !isSpaceOrEnd(reader.peek())) {
    if (reader.peek() !== '\\') word += reader.take(DOUBLE)
    else if (!isBreak(reader.peek(1))) word += readEscape(reader)
    else {
      reader.skip()
      reader.readBreak()
      return { word, escapedBreak: true }
    }
  }
  return { word, escapedBreak: false }
}
