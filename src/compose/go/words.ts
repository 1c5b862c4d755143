/**
 * A command split into words as the docker CLI splits it (google/shlex): quotes and backslashes, no expansion; `#`
 * begins a comment where a word could begin. Undefined on an open quote or a backslash at the end.
 */
export function splitGoWords(text: string): readonly string[] | undefined {
  const words: string[] = []
  let at = 0
  while (at < text.length) {
    const first = text[at] ?? ''
    if (isSpace(first)) at++
    else if (first === '#') at = endOfLine(text, at)
    else {
      const word = readWord(text, at)
      if (!word) return undefined
      words.push(word.value)
      at = word.end
    }
  }
  return words
}

const isSpace = (char: string): boolean => ' \t\r\n'.includes(char)

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

const PIECE = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^ \t\r\n'"\\]+)/y

function readWord(text: string, from: number): { readonly value: string; readonly end: number } | undefined {
  let value = ''
  let end = from
  while (end < text.length && !isSpace(text[end] ?? '')) {
    PIECE.lastIndex = end
    const match = PIECE.exec(text)
    if (!match) return undefined
    const [whole, single, double, escaped, bare] = match
    value += single ?? double?.replaceAll(/\\([\s\S])/g, '$1') ?? escaped ?? bare ?? ''
    end += whole.length
  }
  return { value, end }
}
