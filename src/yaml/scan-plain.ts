import { isBlank, isBreak, isSpaceOrEnd } from './characters.ts'
import { Folding } from './folding.ts'
import type { TextReader } from './text-reader.ts'
import { YamlError } from './yaml-error.ts'

export interface Around {
  /** Inside of `[` or `{`. */
  readonly flow: boolean
  /** Column of the block that it stands in, -1 outside of all. */
  readonly indent: number
}

export interface ScannedPlain {
  readonly value: string
  /** Offset behind it. */
  readonly end: number
  /** It went up to the beginning of another line, where a key may begin. */
  readonly newLine: boolean
}

const WORD = /[^: \t\n\r\u0085\u2028\u2029]+/y
const FLOW_WORD = /[^:,?[\]{} \t\n\r\u0085\u2028\u2029]+/y

/** A scalar without quotes, over as many lines as stand further to the right than what it stands in. */
export function scanPlain(reader: TextReader, { flow, indent }: Around): ScannedPlain {
  const folding = new Folding()
  const refuseTab = (): void => {
    if (reader.column <= indent) throw new YamlError(reader.at, 'a tab may not indent: use spaces')
  }
  let value = ''
  let end = reader.at
  while (reader.documentMark() === undefined && reader.peek() !== '#') {
    const word = readWord(reader, flow ? FLOW_WORD : WORD)
    if (word !== '') {
      value += folding.take() + word
      end = reader.at
    }
    if (!isBlank(reader.peek()) && !isBreak(reader.peek())) break
    folding.read(reader, refuseTab)
    if (!flow && reader.column <= indent) break
  }
  return { value, end, newLine: folding.broken }
}

/** Up to white space, and to a `:` with white space behind it. */
function readWord(reader: TextReader, pattern: RegExp): string {
  const from = reader.at
  reader.take(pattern)
  while (reader.peek() === ':' && !isSpaceOrEnd(reader.peek(1))) {
    reader.skip()
    reader.take(pattern)
  }
  return reader.text.slice(from, reader.at)
}
