/** Characters that mean nothing to a shell. */
const PLAIN = /^[A-Za-z0-9_/.:=@%+,-]+$/

/**
 * Words as one line for the login shell of an SSH server, which knows no other form. The one function that quotes
 * (architecture, section 4).
 */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

function quoteWord(word: string): string {
  if (word.includes('\0')) throw new TypeError('a word of a command holds a NUL character')
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
