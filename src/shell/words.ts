/** Characters that mean nothing to a shell; `=` does, in a first word and to zsh. */
const PLAIN = /^[A-Za-z0-9_/.:@%+,-]+$/
/** Linux takes no longer single argument (MAX_ARG_STRLEN), and the login shell gets the line as one. */
const LONGEST_LINE = 128 * 1024 - 1

/**
 * Words as one line for the login shell of an SSH server, which knows no other form. The one function that quotes
 * (architecture, section 4). Throws `TypeError` for what would not arrive as it is.
 */
export function quoteWords(words: readonly string[]): string {
  const line = words.map((word) => quoteWord(wholeWord(word))).join(' ')
  if (Buffer.byteLength(line) > LONGEST_LINE) {
    throw new TypeError(`a command is longer than ${LONGEST_LINE} bytes: send what is long on its standard input`)
  }
  return line
}

/** One word of a script that travels on standard input, which may be as long as it likes. */
export const quoteText = (text: string): string => quoteWord(wholeWord(text))

/** As it is, where an argument of a program can hold it: no NUL, and UTF-8 can say it. */
export function wholeWord(word: string): string {
  if (word.includes('\0')) throw new TypeError('a word of a command holds a NUL character')
  if (/\p{Surrogate}/u.test(word)) throw new TypeError('a word of a command holds half of a surrogate pair')
  return word
}

/** The empty word and one that starts with `~` need quotes, too: the pattern knows neither. */
function quoteWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
