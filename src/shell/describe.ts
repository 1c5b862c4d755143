/** For messages: where, and what. */
export function describe(where: string, words: readonly string[]): string {
  return `${where}: ${nameOf(words)}`
}

/** The program alone: its words may be long, and name what is nobody's business. */
export function nameOf(words: readonly string[]): string {
  return words[0] ?? 'nothing'
}
