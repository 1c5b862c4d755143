const LONGEST = 60

/** A text as messages show it: in quotes, on one line, cut where it is long. */
export function quote(text: string): string {
  const line = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"')
  return `'${line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line}'`
}

/** `a, b or c` */
export function anyOf(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
