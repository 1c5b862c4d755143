import { escapeAt, unicodeClassAt } from './escapes.ts'
import { NotRe2 } from './not-re2.ts'

const POSIX = /^\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/

/** Length of a class in brackets, which begins at `from`. */
export function classAt(text: string, from: number): number {
  let at = from + (text[from + 1] === '^' ? 2 : 1)
  const first = at
  while (at === first || text[at] !== ']') {
    if (at >= text.length) throw new NotRe2("a ']' is missing")
    at += groupAt(text, at) ?? spanAt(text, at)
  }
  return at + 1 - from
}

function groupAt(text: string, at: number): number | undefined {
  if (text.startsWith('[:', at)) {
    const end = text.indexOf(':]', at + 2)
    const posix = POSIX.exec(text.slice(at, at + 20))
    if (end !== -1 && !posix) throw new NotRe2(`'${text.slice(at, end + 2)}' names no class`)
    if (posix) return posix[0].length
  }
  return /^\\[dDsSwW]/.test(text.slice(at, at + 2)) ? 2 : unicodeClassAt(text, at)
}

/** A character, or two with a `-` between. */
function spanAt(text: string, at: number): number {
  const low = characterAt(text, at)
  const dash = at + low.length
  if (text[dash] !== '-' || dash + 1 >= text.length || text[dash + 1] === ']') return low.length
  const high = characterAt(text, dash + 1)
  if (high.code < low.code) throw new NotRe2(`'${text.slice(at, dash + 1 + high.length)}' runs backwards`)
  return low.length + 1 + high.length
}

interface Character {
  readonly code: number
  readonly length: number
}

const LETTERS: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

function characterAt(text: string, at: number): Character {
  const code = text.codePointAt(at)
  if (code === undefined) throw new NotRe2("a ']' is missing")
  if (text[at] !== '\\') return { code, length: String.fromCodePoint(code).length }
  const length = escapeAt(text, at)
  return { code: codeOf(text.slice(at + 1, at + length)), length }
}

function codeOf(written: string): number {
  if (/^x/.test(written)) return Number.parseInt(written.replaceAll(/[x{}]/g, ''), 16)
  if (/^\d/.test(written)) return Number.parseInt(written, 8)
  return LETTERS[written] ?? written.codePointAt(0) ?? 0
}
