import { isBlank, isSpaceOrEnd } from './characters.ts'
import type { TextReader } from './text-reader.ts'

/** May a scalar without quotes begin here? @param flow inside of `[` or `{` */
export function isPlainStart(reader: TextReader, flow: boolean): boolean {
  const character = reader.peek()
  if (character === '-') return !isBlank(reader.peek(1))
  if (character === '?' || character === ':') return !flow && !isSpaceOrEnd(reader.peek(1))
  return !isSpaceOrEnd(character) && !',[]{}#&*!|>\'"%@`'.includes(character)
}

const INNER: Readonly<Record<string, string>> = {
  '"': ': inside of it a quote is written \\", or the whole stands in single quotes',
  "'": ": inside of it a quote is written ''",
}

/** Why nothing can begin here, in words for whoever wrote it. */
export function startRefused({ at, text }: TextReader): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  if (character === '\t') return 'a tab may not indent: use spaces'
  const hint = INNER[text[at - 1] ?? '']
  const why =
    hint === undefined ? 'a text that begins with it needs quotes' : `the text in quotes ended before it${hint}`
  return `nothing can begin with '${character}' here: ${why}`
}
