import type { LogLine } from './log-stream.ts'

/** The engine reads both streams of a container side by side: what is this close together has no order that it knows. */
const TOGETHER_MS = 250

/** In the order of time, over all tasks: lines come by node, with a time of fixed width in front. */
export function byTime(lines: readonly LogLine[]): readonly LogLine[] {
  return [...lines].sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
}

/** The same, with what went to standard error in the last moment at the end: the last words of a program that failed. */
export function withLastWords(lines: readonly LogLine[]): readonly LogLine[] {
  const sorted = byTime(lines)
  const end = timeOf(sorted.at(-1))
  const isLastWord = (line: LogLine): boolean => line.isError && end - timeOf(line) <= TOGETHER_MS
  return [...sorted.filter((line) => !isLastWord(line)), ...sorted.filter(isLastWord)]
}

const timeOf = (line: LogLine | undefined): number => Date.parse(line?.text.split(' ', 1)[0] ?? '')
