import { NotPromql } from './flaw.ts'

export interface ReadString {
  /** In the text, quotes included. */
  readonly length: number
  readonly value: string
}

const SIMPLE: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 }
const CODE = /[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y

/** A string literal in double or single quotes, or in backticks, where there are no escapes. @throws NotPromql */
export function readStringAt(text: string, from: number): ReadString {
  const quote = text[from] ?? ''
  const pieces: Piece[] = []
  let at = from + 1
  while (text[at] !== quote) {
    const one = pieceAt(text, at, quote)
    pieces.push(one.piece)
    at += one.length
  }
  return { length: at + 1 - from, value: join(pieces) }
}

/** A character, or a byte that an escape (`\xff`) wrote. */
type Piece = string | number

interface OnePiece {
  readonly piece: Piece
  readonly length: number
}

function pieceAt(text: string, at: number, quote: string): OnePiece {
  const code = text.codePointAt(at)
  const character = code === undefined ? undefined : String.fromCodePoint(code)
  if (character === undefined || (character === '\n' && quote !== '`')) {
    throw new NotPromql(at, 'a text in quotes is not closed')
  }
  if (character === '\ufffd') throw new NotPromql(at, 'there is a character that is not UTF-8')
  if (character !== '\\' || quote === '`') return { piece: character, length: character.length }
  const escaped = text[at + 1] ?? ''
  if (escaped === quote) return { piece: quote, length: 2 }
  const simple = SIMPLE[escaped]
  return simple === undefined ? codeAt(text, at) : { piece: String.fromCharCode(simple), length: 2 }
}

function codeAt(text: string, at: number): OnePiece {
  CODE.lastIndex = at + 1
  const code = CODE.exec(text)?.[0]
  if (code === undefined) throw new NotPromql(at, unknownEscape(text.slice(at, at + 2)))
  const value = /^[0-7]/.test(code) ? Number.parseInt(code, 8) : Number.parseInt(code.slice(1), 16)
  const bytes = /^[0-7x]/.test(code)
  const isCharacter = value <= (bytes ? 255 : 0x10ffff) && !(value >= 0xd800 && value < 0xe000)
  if (!isCharacter) throw new NotPromql(at, `'\\${code}' stands for no character`)
  return { piece: bytes ? value : String.fromCodePoint(value), length: code.length + 1 }
}

const unknownEscape = (written: string): string =>
  `the escape '${written}' is not known; a backslash is written '\\\\', or the text stands in backticks`

function join(pieces: readonly Piece[]): string {
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('')
  return fromBytes(pieces.map((piece) => (typeof piece === 'string' ? encode(piece) : percent(piece))).join(''))
}

const encode = (character: string): string => encodeURIComponent(character.replaceAll(/\p{Surrogate}/gu, '\ufffd'))

const percent = (byte: number): string => `%${byte.toString(16).padStart(2, '0')}`

/** Bytes may make a character together; where they do not, each stands for itself. */
function fromBytes(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded.replaceAll(/%([0-9a-fA-F]{2})/g, (_, byte: string) => LONE[Number.parseInt(byte, 16)] ?? '')
  }
}

/** Halves of characters, which no text holds, stand for bytes that are no character. */
const LONE = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(0xdc00 + byte))
