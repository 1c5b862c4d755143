import { isBlank, isBreak, isBreakOrEnd } from './characters.ts'
import { COMMENT_AT_MOST, REST_OF_LINE, type TextReader } from './text-reader.ts'
import { YamlError } from './yaml-error.ts'

interface ScannedBlock {
  readonly value: string
  /** Offset behind its last line. */
  readonly end: number
}

/** Literal (`|`) or folded (`>`). @param indent column of the block around it, -1 outside of all */
export function scanBlock(reader: TextReader, indent: number): ScannedBlock {
  const folded = reader.peek() === '>'
  reader.skip()
  const { chomping, increment } = readHeader(reader)
  const lines: Lines = {
    reader,
    indent,
    column: increment > 0 ? Math.max(indent, 0) + increment : 0,
    end: reader.at,
  }
  const { value, last, empty } = readLines(lines, folded)
  return { value: value + (chomping === '-' ? '' : last) + (chomping === '+' ? empty : ''), end: lines.end }
}

interface Header {
  /** `-`: no line end at its end; `+`: all of them. */
  readonly chomping: '-' | '+' | ''
  /** 0: the first line tells. */
  readonly increment: number
}

const HEADER = /[+-][0-9]?|[0-9][+-]?|/y

function readHeader(reader: TextReader): Header {
  const at = reader.at
  const written = reader.take(HEADER)
  const increment = /[0-9]/.exec(written)?.[0]
  if (increment === '0') throw new YamlError(at, "a block's indentation is at least 1")
  reader.take(COMMENT_AT_MOST)
  if (!isBreakOrEnd(reader.peek())) {
    throw new YamlError(reader.at, "the text of a block begins on the line below '|' or '>'")
  }
  if (reader.peek() !== '') reader.readBreak()
  const chomping = written.includes('-') ? '-' : written.includes('+') ? '+' : ''
  return { chomping, increment: Number(increment ?? 0) }
}

interface Lines {
  readonly reader: TextReader
  readonly indent: number
  /** Of the text; 0 until the first line tells. */
  column: number
  end: number
}

interface Text {
  readonly value: string
  /** The end of its last line. */
  readonly last: string
  /** Empty lines at the end. */
  readonly empty: string
}

function readLines(lines: Lines, folded: boolean): Text {
  const { reader } = lines
  let value = ''
  let last = ''
  let empty = readEmpty(lines)
  let afterBlank = false
  while (reader.column === lines.column && reader.peek() !== '') {
    const blank = isBlank(reader.peek())
    const joined = folded && last === '\n' && !afterBlank && !blank
    value += (joined ? (empty === '' ? ' ' : '') : last) + empty
    afterBlank = blank
    value += reader.take(REST_OF_LINE)
    last = reader.peek() === '' ? '' : reader.readBreak()
    empty = readEmpty(lines)
  }
  return { value, last, empty }
}

/** Indentation and empty lines; the first line that is not empty decides the column, where no number does. */
function readEmpty(lines: Lines): string {
  const { reader } = lines
  let empty = ''
  let deepest = 0
  lines.end = reader.at
  while (true) {
    while (isShallow(lines) && reader.peek() === ' ') reader.skip()
    deepest = Math.max(deepest, reader.column)
    if (isShallow(lines) && reader.peek() === '\t') {
      throw new YamlError(reader.at, 'a tab may not indent: use spaces')
    }
    if (!isBreak(reader.peek())) break
    empty += reader.readBreak()
    lines.end = reader.at
  }
  if (lines.column === 0) lines.column = Math.max(deepest, lines.indent + 1, 1)
  return empty
}

const isShallow = ({ reader, column }: Lines): boolean => column === 0 || reader.column < column
