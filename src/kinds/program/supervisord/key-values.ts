import { strip } from '../../../lib/strip.ts'
import { PythonError } from './python.ts'

const WORD = /[A-Za-z0-9_/.+\-():]/
const SPACE = ' \t\r\n'
const QUOTES = '\'"'

/**
 * `KEY=val,KEY2="a, b"` (supervisor datatypes.py `dict_of_key_value_pairs`, which reads it with Python's `shlex`): what stands
 * between a value and the next key is skipped, whatever it is.
 * @throws PythonError in supervisord's words
 */
export function keyValues(text: string): ReadonlyMap<string, string> {
  const tokens = tokensOf(text)
  const values = new Map<string, string>()
  for (let at = 0; at < tokens.length; at += 4) {
    const [key, equals, value] = tokens.slice(at, at + 3)
    if (key === undefined || value === undefined || equals !== '=') {
      throw new PythonError(`Unexpected end of key/value pairs in value '${text}'`)
    }
    values.set(
      key,
      strip(value, (sign) => sign === "'" || sign === '"'),
    )
  }
  return values
}

/** `shlex` without its POSIX mode: a quote opens only where a token begins, and a word may have quotes in it. */
function tokensOf(text: string): readonly string[] {
  const tokens: string[] = []
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ''
    if (SPACE.includes(character)) at++
    else if (character === '#') at = lineEnd(text, at)
    else if (WORD.test(character)) {
      const word = wordFrom(text, at)
      tokens.push(word.token)
      at = word.end
    } else if (QUOTES.includes(character)) {
      const end = text.indexOf(character, at + 1)
      if (end === -1) throw new PythonError('No closing quotation')
      tokens.push(text.slice(at, end + 1))
      at = end + 1
    } else {
      tokens.push(character)
      at++
    }
  }
  return tokens
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

/** A comment in a word is skipped, and the word goes on after it. */
function wordFrom(text: string, start: number): { readonly token: string; readonly end: number } {
  let token = ''
  let at = start
  while (at < text.length) {
    const character = text[at] ?? ''
    if (character === '#') {
      at = lineEnd(text, at)
      continue
    }
    if (!WORD.test(character) && !QUOTES.includes(character)) break
    token += character
    at++
  }
  return { token, end: at }
}
