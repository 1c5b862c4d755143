/**
 * Escapes sign by sign, and ends before it gets longer than `longest`, so that nothing is cut in the middle of an escape
 * or of a surrogate pair. Lengths are counted in UTF-16 units, which are never fewer than the code points that Discord and
 * Slack count.
 */
export function clip(text: string, longest: number, inert: (sign: string) => string): string {
  let whole = ''
  let shortened: string | undefined
  for (const sign of text) {
    const next = whole + inert(sign)
    if (shortened === undefined && next.length > longest - 1) shortened = whole
    if (next.length > longest) return `${shortened ?? ''}…`
    whole = next
  }
  return whole
}

/** Of a list that is too long: how it begins (the cause) and how it ends (the last that was logged). */
export function clipLines(
  lines: readonly string[],
  { longest, longestLine, inert }: { longest: number; longestLine: number; inert: (sign: string) => string },
): readonly string[] {
  const all = lines.map((line) => clip(line, longestLine, inert))
  if (lengthOf(all) <= longest) return all
  const room = longest - '… 1000000 lines left out …'.length - 1
  const head = fitting(all, room * 0.4)
  const tail = fitting(all.slice(head.length).reverse(), room - lengthOf(head)).reverse()
  const left = all.length - head.length - tail.length
  return [...head, `… ${left} ${left === 1 ? 'line' : 'lines'} left out …`, ...tail]
}

/** With a line break behind each. */
const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length + 1, 0)

function fitting(lines: readonly string[], room: number): string[] {
  const fit: string[] = []
  let length = 0
  for (const line of lines) {
    length += line.length + 1
    if (length > room) break
    fit.push(line)
  }
  return fit
}
