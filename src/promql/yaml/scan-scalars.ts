import { readEscape } from './escape.ts'
import { Folding } from './folding.ts'
import { isBlank, isBreak, isBreakOrEnd, isSpaceOrEnd, NotYaml, type Reader } from './reader.ts'

export interface ScannedScalar {
  readonly value: string
  /** Offset behind it. */
  readonly end: number
}

/** In single or double quotes. Its lines may begin anywhere: yaml.v3 asks for no indentation. */
export function scanQuoted(reader: Reader): ScannedScalar {
  const from = reader.at
  const quote = reader.skip()
  const folding = new Folding()
  while (true) {
    if (reader.isDocumentSign()) throw new NotYaml(from, 'the text in quotes that begins here is not closed')
    if (reader.peek() === '') throw new NotYaml(from, 'the text in quotes that begins here is not closed')
    const escapedEnd = quotedWord(reader, quote, folding)
    if (reader.peek() === quote) break
    folding.space(reader, escapedEnd)
  }
  folding.join()
  reader.skip()
  return { value: folding.value, end: reader.at }
}

/** Up to a blank, a line's end or the closing quote. True: at a line's end that is escaped, which is passed over. */
function quotedWord(reader: Reader, quote: string, folding: Folding): boolean {
  while (!isSpaceOrEnd(reader.peek())) {
    if (reader.peek() === quote && (quote === '"' || reader.peek(1) !== "'")) return false
    folding.join()
    if (quote === "'" && reader.peek() === "'") {
      folding.value += "'"
      reader.skip(2)
    } else if (quote === '"' && reader.peek() === '\\') {
      if (isBreak(reader.peek(1))) {
        reader.skip()
        reader.skipLine()
        return true
      }
      folding.value += readEscape(reader)
    } else folding.value += reader.skip()
  }
  return false
}

export interface PlainContext {
  /** Column of the innermost block; -1: none. */
  readonly indent: number
  readonly flow: boolean
}

export interface ScannedPlain extends ScannedScalar {
  /** It went up to the beginning of another line. */
  readonly newLine: boolean
}

const FLOW_SIGNS = ',?[]{}'

export function scanPlain(reader: Reader, { indent, flow }: PlainContext): ScannedPlain {
  const from = reader.at
  const folding = new Folding()
  let end = from
  while (!reader.isDocumentSign() && reader.peek() !== '#') {
    while (!isSpaceOrEnd(reader.peek())) {
      const colon = reader.peek() === ':' && isSpaceOrEnd(reader.peek(1))
      if (colon || (flow && FLOW_SIGNS.includes(reader.peek()))) break
      folding.join()
      folding.value += reader.skip()
      end = reader.at
    }
    if (!isBlank(reader.peek()) && !isBreak(reader.peek())) break
    folding.space(reader, false, () => {
      if (reader.column <= indent) throw new NotYaml(reader.at, 'a tab may not indent: use spaces')
    })
    if (!flow && reader.column <= indent) break
  }
  return { value: folding.value, end, newLine: folding.broken }
}

interface BlockHeader {
  /** -1: no line end at its end, 1: all of them. */
  readonly chomping: -1 | 0 | 1
  readonly increment: number
}

/** Literal (`|`) or folded (`>`). @param indent column of the block around it; -1: none */
export function scanBlock(reader: Reader, indent: number): ScannedScalar {
  const literal = reader.skip() === '|'
  const { chomping, increment } = blockHeader(reader)
  let column = increment > 0 ? Math.max(indent, 0) + increment : 0
  let end = reader.at
  let value = ''
  let last = ''
  let blank = false
  const breaks = (): string => {
    const found = blockBreaks(reader, column, indent)
    column = found.column
    end = found.end
    return found.breaks
  }
  let following = breaks()
  while (reader.column === column && reader.peek() !== '') {
    const starts = isBlank(reader.peek())
    if (!literal && !blank && !starts && last === '\n') value += following === '' ? ' ' : ''
    else value += last
    value += following
    blank = starts
    while (!isBreakOrEnd(reader.peek())) value += reader.skip()
    last = reader.peek() === '' ? '' : reader.skipLine()
    following = breaks()
  }
  return { value: value + (chomping === -1 ? '' : last) + (chomping === 1 ? following : ''), end }
}

const HEADER = /([+-]?)([0-9]?)([+-]?)/y

function blockHeader(reader: Reader): BlockHeader {
  const at = reader.at
  const written = reader.match(HEADER)
  const sign = /[+-]/.exec(written)?.[0]
  const digit = /\d/.exec(written)?.[0]
  // `|+2` and `|2+`, not `|+2+`.
  const length = /^[+-]\d?[+-]$/.test(written) ? written.length - 1 : written.length
  if (digit === '0') throw new NotYaml(at, "a block's indentation is at least 1")
  reader.skip(length)
  while (isBlank(reader.peek())) reader.skip()
  if (reader.peek() === '#') while (!isBreakOrEnd(reader.peek())) reader.skip()
  if (!isBreakOrEnd(reader.peek()))
    throw new NotYaml(reader.at, "the text of a block begins on the line below '|' or '>'")
  if (reader.peek() !== '') reader.skipLine()
  return { chomping: sign === '+' ? 1 : sign === '-' ? -1 : 0, increment: Number(digit ?? 0) }
}

interface BlockBreaks {
  readonly breaks: string
  readonly column: number
  readonly end: number
}

/** Indentation and empty lines; the first line that is not empty decides the column, where no number does. */
function blockBreaks(reader: Reader, column: number, indent: number): BlockBreaks {
  let breaks = ''
  let deepest = 0
  let end = reader.at
  while (true) {
    while ((column === 0 || reader.column < column) && reader.peek() === ' ') reader.skip()
    deepest = Math.max(deepest, reader.column)
    if ((column === 0 || reader.column < column) && reader.peek() === '\t') {
      throw new NotYaml(reader.at, 'a tab may not indent: use spaces')
    }
    if (!isBreak(reader.peek())) break
    breaks += reader.skipLine()
    end = reader.at
  }
  return { breaks, column: column === 0 ? Math.max(deepest, indent + 1, 1) : column, end }
}
