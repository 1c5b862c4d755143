import { parseCron } from '../lib/cron.ts'
import { offsetAt } from '../lib/wall-clock.ts'

/**
 * When a schedule is due. Clocks on walls are asked, as cron(8) does it:
 *
 * - an hour that comes twice (summer time ends) runs once, the first time; a time that is skipped (summer time begins) runs
 *   once, in the first minute after it;
 * - where the hour is a star, or begins with one, it is an interval and no time of the day: it goes by time as it passes,
 *   through an hour that comes twice as well, and nothing is made up for.
 */
export interface Timetable {
  /** `at`: the beginning of a minute, milliseconds since 1970. */
  isDue(at: number): boolean
}

export const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
const DAY_MS = DAY_MINUTES * MINUTE_MS
/** Zones change their offset at a quarter of an hour. */
const QUARTER_MS = 15 * MINUTE_MS
/** No zone has turned its clocks back by more, but for a change of the date line. */
const TURNED_BACK_MS = 3 * 60 * MINUTE_MS

export function createTimetable({ cron, timezone }: { readonly cron: string; readonly timezone: string }): Timetable {
  const shows = createShows(cron)
  const offset = createOffsets(timezone)
  const isInterval = (cron.trim().split(/\s+/)[1] ?? '').startsWith('*')
  const cameBefore = (at: number): boolean => {
    const wall = at + offset(at)
    const earlier = wall - offset(at - TURNED_BACK_MS)
    return earlier < at && earlier + offset(earlier) === wall
  }
  const wasSkipped = (at: number): boolean => {
    const end = at + offset(at)
    for (let wall = at - MINUTE_MS + offset(at - MINUTE_MS) + MINUTE_MS; wall < end; wall += MINUTE_MS) {
      if (shows(wall)) return true
    }
    return false
  }
  return {
    isDue: (at) => {
      const matches = shows(at + offset(at))
      if (isInterval) return matches
      return (matches && !cameBefore(at)) || wasSkipped(at)
    },
  }
}

/** Is it a time of the cron line, by what clocks show? Asked for a month of minutes: what days and times match is kept. */
function createShows(cron: string): (wall: number) => boolean {
  const [minute, hour, ...date] = cron.trim().split(/\s+/)
  const times = parseCron(`${minute} ${hour} * * *`)
  const days = parseCron(`* * ${date.join(' ')}`)
  const minutes = Array.from({ length: DAY_MINUTES }, (_, at) => times.matches(new Date(at * MINUTE_MS)))
  const known = new Map<number, boolean>()
  const isDay = (day: number): boolean => {
    const found = known.get(day) ?? days.matches(new Date(day * DAY_MS))
    known.set(day, found)
    return found
  }
  return (wall) => minutes[Math.floor((wall % DAY_MS) / MINUTE_MS)] === true && isDay(Math.floor(wall / DAY_MS))
}

function createOffsets(timezone: string): (at: number) => number {
  const known = new Map<number, number>()
  return (at) => {
    const quarter = Math.floor(at / QUARTER_MS)
    const found = known.get(quarter) ?? offsetAt(quarter * QUARTER_MS, timezone)
    known.set(quarter, found)
    return found
  }
}

/** Newest first: times after `after` and until `until`, at most so many. */
export function dueBetween(timetable: Timetable, after: number, until: number, most: number): readonly number[] {
  const found: number[] = []
  for (let at = floorMinute(until); at > after && found.length < most; at -= MINUTE_MS) {
    if (timetable.isDue(at)) found.push(at)
  }
  return found
}

export const floorMinute = (at: number): number => Math.floor(at / MINUTE_MS) * MINUTE_MS
