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

export interface Room {
  readonly longest: number
  readonly longestLine: number
  readonly inert: (sign: string) => string
}

/** Of a list that is too long: how it begins (the cause) and how it ends (the last that was logged). */
export function clipLines(lines: readonly string[], room: Room): readonly string[] {
  // What is too long before it is escaped is not escaped whole to find that out: a log may have any length.
  const surely = lines.reduce((sum, line) => sum + Math.min(line.length, room.longestLine) + 1, 0) > room.longest
  const all = surely ? [] : lines.map((line) => clip(line, room.longestLine, room.inert))
  if (!surely && lengthOf(all) <= room.longest) return all
  const most = room.longest - '… 1000000 lines left out …'.length - 1
  const head = fitting(lines, most * 0.4, room)
  const tail = fitting(lines.slice(head.length).reverse(), most - lengthOf(head), room).reverse()
  const left = lines.length - head.length - tail.length
  return [...head, `… ${left} ${left === 1 ? 'line' : 'lines'} left out …`, ...tail]
}

/** With a line break behind each. */
const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length + 1, 0)

function fitting(lines: readonly string[], most: number, { longestLine, inert }: Room): string[] {
  const fit: string[] = []
  let length = 0
  for (const line of lines) {
    const shown = clip(line, longestLine, inert)
    length += shown.length + 1
    if (length > most) break
    fit.push(shown)
  }
  return fit
}
