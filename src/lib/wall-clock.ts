/** A civil date: no time, no zone. Month and day count from 1. */
export interface CivilDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known) return known
  const number = 'numeric' as const
  const parts = { year: number, month: number, day: number, hour: number, minute: number, second: number }
  const format = new Intl.DateTimeFormat('en-US', { ...parts, timeZone: timezone, hourCycle: 'h23' })
  formats.set(timezone, format)
  return format
}

/** Is it an IANA name that this machine has rules for? An offset like `+02:00` is none: it knows no daylight saving. */
export function isTimezone(name: string): boolean {
  if (/^[+-]?\d/.test(name)) return false
  try {
    formatOf(name)
    return true
  } catch {
    return false // RangeError: what Intl does not know
  }
}

/** What clocks on walls show at an instant, in milliseconds as if they showed UTC. */
function wallAt(instant: number, timezone: string): number {
  const parts = Object.fromEntries(
    formatOf(timezone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** Milliseconds that clocks on walls are ahead of UTC. */
export const offsetAt = (instant: number, timezone: string): number =>
  wallAt(instant, timezone) - Math.floor(instant / 1000) * 1000

/** The date that is written on calendars at an instant. */
export function civilDateAt(instant: Date, timezone: string): CivilDate {
  return dateOf(wallAt(instant.getTime(), timezone))
}

function dateOf(wall: number): CivilDate {
  const date = new Date(wall)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

const midnightOf = ({ year, month, day }: CivilDate): number => Date.UTC(year, month - 1, day)

export const addDays = (date: CivilDate, days: number): CivilDate => dateOf(midnightOf(date) + days * DAY)

/** 0 is Sunday. */
export const weekdayOf = (date: CivilDate): number => new Date(midnightOf(date)).getUTCDay()

/**
 * When clocks show these minutes after midnight. An hour that comes twice, as summer time ends, has two answers: `first`
 * or `last` says which. What is skipped as summer time begins is the instant at which it is skipped.
 */
export function instantOf(date: CivilDate, minutes: number, at: { timezone: string; which: 'first' | 'last' }): number {
  const wall = midnightOf(date) + minutes * MINUTE
  const [before, after] = [wall - DAY, wall + DAY].map((near) => wall - offsetAt(near, at.timezone))
  const found = [before ?? wall, after ?? wall].filter((instant) => wallAt(instant, at.timezone) === wall)
  if (found.length === 0) return skippedAt(wall, at.timezone)
  return at.which === 'first' ? Math.min(...found) : Math.max(...found)
}

/** The instant at which clocks jump over what they never show: by halves, for they show less before it and more after. */
function skippedAt(wall: number, timezone: string): number {
  let low = wall - DAY
  let high = wall + DAY
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000
    if (wallAt(middle, timezone) < wall) low = middle
    else high = middle
  }
  return high
}
