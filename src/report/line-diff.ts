import { printable, shorten } from './printable.ts'

const LONGEST_LINE = 110
/** Of lines that are compared one by one; texts of more are told by their sizes. */
const MOST_LINES = 1_000
/** Of what is shown. */
const MOST_SHOWN = 40

type Line = readonly [sign: ' ' | '-' | '+', text: string]

/** What differs between two texts of several lines, as lines with their sign; undefined where one line says it. */
export function lineDiff(from: unknown, to: unknown): readonly string[] | undefined {
  const [before, after] = [linesOf(from), linesOf(to)]
  if (!before || !after || before.length + after.length < 3) return undefined
  const start = before.findIndex((line, at) => line !== after[at])
  const head = start < 0 ? before.length : start
  const tail = commonEnd(before.slice(head), after.slice(head))
  const [mine, theirs] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)]
  if (mine.length > MOST_LINES || theirs.length > MOST_LINES) {
    return [`${mine.length} lines differ from ${theirs.length} others`]
  }
  const changed = changesOf(mine, theirs)
  if (changed.length === 0) return ['only the newline at the end differs']
  const shown = changed.slice(0, MOST_SHOWN).map(([sign, text]) => `${sign} ${shorten(printable(text), LONGEST_LINE)}`)
  return changed.length > MOST_SHOWN ? [...shown, `… ${changed.length - MOST_SHOWN} more`] : shown
}

function linesOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return []
  if (typeof value !== 'string') return undefined
  return value.replace(/\n$/, '').split('\n')
}

function commonEnd(before: readonly string[], after: readonly string[]): number {
  let count = 0
  while (count < Math.min(before.length, after.length) && before.at(-1 - count) === after.at(-1 - count)) count += 1
  return count
}

/** Lines that went and came, in their order, by the longest common subsequence. */
function changesOf(before: readonly string[], after: readonly string[]): readonly Line[] {
  const width = after.length + 1
  const longest = new Uint32Array((before.length + 1) * width)
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const same = before[row] === after[column]
      longest[row * width + column] = same
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1))
    }
  }
  const lines: Line[] = []
  let [row, column] = [0, 0]
  while (row < before.length || column < after.length) {
    const [mine, theirs] = [before[row], after[column]]
    if (mine !== undefined && mine === theirs) [row, column] = [row + 1, column + 1]
    else if (theirs === undefined || (mine !== undefined && at(row + 1, column) >= at(row, column + 1))) {
      lines.push(['-', mine ?? ''])
      row += 1
    } else {
      lines.push(['+', theirs])
      column += 1
    }
  }
  return lines
}
