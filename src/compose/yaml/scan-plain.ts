import { Folding } from './scan-quoted.ts'
import { isBlank, isBlankOrBreak, isBreak, type TextReader } from './text-reader.ts'
import { type Token, YamlError } from './token.ts'

export interface Around {
  /** Inside of `[` or `{`. */
  readonly flow: boolean
  /** Column of the collection that it stands in, -1 outside of all. */
  readonly indent: number
}

export interface Plain {
  readonly token: Token
  /** It ends with its line: a key may begin behind it. */
  readonly broken: boolean
}

/** A scalar without quotes, over as many lines as stand further to the right than what it stands in. */
export function scanPlain(reader: TextReader, { flow, indent }: Around): Plain {
  const start = reader.at
  let end = start
  let text = ''
  const folding = new Folding()
  const refuseTab = (): void => {
    if (folding.broken && reader.column <= indent && reader.peek() === '\t') {
      throw new YamlError(reader.at, 'a tab may not indent: use spaces')
    }
  }
  while (!reader.atDocumentMark() && reader.peek() !== '#') {
    const piece = readPiece(reader, flow)
    if (piece !== '') {
      text += text === '' ? piece : folding.take() + piece
      end = reader.at
    }
    if (!isBlank(reader.peek()) && !isBreak(reader.peek())) break
    folding.read(reader, refuseTab)
    if (!flow && reader.column <= indent) break
  }
  return { token: { type: 'scalar', text, plain: true, start, end }, broken: folding.broken }
}

const FLOW_ENDS = ',?[]{}'

function readPiece(reader: TextReader, flow: boolean): string {
  const start = reader.at
  while (!isBlankOrBreak(reader.peek())) {
    const char = reader.peek()
    if (char === ':' && isBlankOrBreak(reader.peek(1))) break
    if (flow && FLOW_ENDS.includes(char)) break
    reader.skip()
  }
  return reader.text.slice(start, reader.at)
}
