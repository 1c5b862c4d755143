/**
 * Splits a text into words as a shell does: quotes and backslashes, but no expansion. `docker/cli` splits a compose
 * `command` this way too (google/shlex), except that we know no comments: a `#` is itself.
 * @throws RangeError on an open quote or a trailing backslash
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let rest = text
  while (rest !== '') {
    const [piece, value] = nextPiece(rest)
    if (value === undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + value
    rest = rest.slice(piece)
  }
  return word === undefined ? words : [...words, word]
}

/** Length of the first piece and what it stands for; undefined is the space between words. */
function nextPiece(text: string): readonly [number, string | undefined] {
  const first = text[0] ?? ''
  if (/\s/.test(first)) return [1, undefined]
  if (first === "'") return quoted(text, /'([^']*)'/y, (inner) => inner)
  if (first === '"') return quoted(text, /"((?:[^"\\]|\\[\s\S])*)"/y, (inner) => inner.replace(/\\(["\\$`\n])/g, '$1'))
  if (first !== '\\') return [1, first]
  if (text.length === 1) throw new RangeError('ends with a backslash that escapes nothing')
  return [2, text[1] === '\n' ? '' : (text[1] ?? '')]
}

function quoted(text: string, pattern: RegExp, decode: (inner: string) => string): readonly [number, string] {
  const match = pattern.exec(text)
  if (!match) throw new RangeError(`has an open quote: ${text.slice(0, 20)}`)
  return [match[0].length, decode(match[1] ?? '')]
}
