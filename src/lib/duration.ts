/** Nanoseconds of each unit that a written duration may use. */
const NANOSECONDS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
}

// Every part is a number and a unit, so no two ways to read the same text: linear time.
const PART = /(\d{1,12}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h|d)/y
const LONGEST_TEXT = 64

/** 100 days: longer is a mistake, and exact nanoseconds end at 104 days (2^53). */
const LONGEST_NS = 100 * 86_400e9

/**
 * Milliseconds of `5s`, `1m30s`, `500ms`, `1.5h`, `2d`. A fraction of a millisecond stays a fraction.
 * @throws RangeError whose message says what was got and what is accepted
 */
export function parseDuration(text: string): number {
  return parseDurationNs(text) / 1e6
}

/** Whole nanoseconds, which is what the Docker Engine counts in. @throws RangeError as `parseDuration` */
export function parseDurationNs(text: string): number {
  let total = 0
  PART.lastIndex = 0
  const whole = text.length <= LONGEST_TEXT ? text : ''
  let end = 0
  for (let part = PART.exec(whole); part; part = PART.exec(whole)) {
    total += Number(part[1]) * (NANOSECONDS[part[2] ?? ''] ?? Number.NaN)
    end = PART.lastIndex
  }
  if (end === 0 || end !== whole.length) throw new RangeError(notADuration(text))
  if (total > LONGEST_NS) throw new RangeError(`the duration '${text}' is longer than 100 days`)
  return Math.round(total)
}

function notADuration(text: string): string {
  const got = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
  const hint = /^\d+(\.\d+)?$/.test(got) ? `; a number alone has no unit: '${got}s'?` : ''
  return `'${got}' is not a duration like 5s, 1m30s, 500ms or 1h${hint}`
}

export function isDuration(text: string): boolean {
  try {
    parseDurationNs(text)
    return true
  } catch {
    return false
  }
}

/** The shortest usual way to write it: 90000 -> `1m30s`. */
export function formatDuration(milliseconds: number): string {
  let rest = Math.round(milliseconds)
  const parts: string[] = []
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * size
  }
  return parts.join('') || '0s'
}
