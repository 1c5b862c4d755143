/** For messages, the program alone: its words may be long, and name what is nobody's business. */
export function describe(where: string, words: readonly string[]): string {
  return `${where}: ${words[0] ?? 'nothing'}`
}
