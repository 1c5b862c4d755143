import { isBlank, isBreak, isBreakOrEnd, REST_OF_LINE, type TextReader } from './text-reader.ts'
import { type Token, YamlError } from './token.ts'

const HEAD = /[|>](?:[-+]?[0-9]?|[0-9][-+])(?=[\s#]|$)/y
const REST = /[^\n\r\u0085\u2028\u2029]*/y

/** A scalar behind `|` or `>`. @param around column of the collection that it stands in, -1 outside of all */
export function scanBlock(reader: TextReader, around: number): Token {
  const start = reader.at
  const head = readHead(reader)
  const increment = Number(/[0-9]/.exec(head)?.[0] ?? 0)
  const lines: Lines = { reader, start, around, indent: increment > 0 ? Math.max(around, 0) + increment : 0 }
  const { text, lastBreak, breaks } = readLines(lines, head.startsWith('>'))
  const tail = (head.includes('-') ? '' : lastBreak) + (head.includes('+') ? breaks : '')
  return { type: 'scalar', text: text + tail, plain: false, start, end: reader.at }
}

function readHead(reader: TextReader): string {
  const start = reader.at
  const head = reader.take(HEAD)
  if (head.includes('0')) throw new YamlError(start, `the depth in '${head}' must be 1 to 9`)
  reader.take(REST_OF_LINE)
  if (head === '' || !isBreakOrEnd(reader.peek())) {
    throw new YamlError(start, "behind '|' or '>' stands nothing but + or -, and a depth of 1 to 9")
  }
  if (isBreak(reader.peek())) reader.readBreak()
  return head
}

interface Lines {
  readonly reader: TextReader
  readonly start: number
  readonly around: number
  /** Column of the text; 0 until the first line tells. */
  indent: number
}

interface Block {
  readonly text: string
  readonly lastBreak: string
  /** Empty lines at the end. */
  readonly breaks: string
}

function readLines(lines: Lines, folded: boolean): Block {
  const { reader } = lines
  let text = ''
  let lastBreak = ''
  let breaks = readEmpty(lines)
  let afterBlank = false
  while (reader.column === lines.indent && reader.peek() !== '') {
    const blank = isBlank(reader.peek())
    const joined = folded && lastBreak === '\n' && !afterBlank && !blank
    text += (joined ? (breaks === '' ? ' ' : '') : lastBreak) + breaks
    afterBlank = blank
    text += reader.take(REST)
    lastBreak = isBreak(reader.peek()) ? reader.readBreak() : ''
    breaks = readEmpty(lines)
  }
  return { text, lastBreak, breaks }
}

/** Indentation and empty lines; the first of them that is not empty says how deep the text stands. */
function readEmpty(lines: Lines): string {
  const { reader } = lines
  let breaks = ''
  let deepest = 0
  while (true) {
    while ((lines.indent === 0 || reader.column < lines.indent) && reader.peek() === ' ') reader.skip()
    deepest = Math.max(deepest, reader.column)
    if ((lines.indent === 0 || reader.column < lines.indent) && reader.peek() === '\t') {
      throw new YamlError(reader.at, 'a tab may not indent: use spaces')
    }
    if (!isBreak(reader.peek())) break
    breaks += reader.readBreak()
  }
  if (lines.indent === 0) lines.indent = Math.max(deepest, lines.around + 1, 1)
  return breaks
}
