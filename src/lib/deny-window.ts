/** A part of every week, by the clocks of a place: `[from, to)`. */
export interface DenyWindow {
  /** Days on which it begins; 0 is Sunday. */
  readonly days: readonly number[]
  /** Minutes after the midnight of the day on which it begins; below 1440. */
  readonly from: number
  /** Days later on which it ends: 0 is the same day. */
  readonly spans: number
  /** Minutes after the midnight of the day on which it ends; 1440 is its end. */
  readonly to: number
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]

const WINDOW_EXAMPLES = "'Fri 18:00 - Mon 07:00', 'Mon-Fri 08:00 - 18:00' or '22:00 - 06:00'"

const WRITTEN = /^(?:(\S+) +)?(\d{1,2}:\d{2}) *- *(?:([A-Za-z]\S*) +)?(\d{1,2}:\d{2})$/

/**
 * `Fri 18:00 - Mon 07:00` from one day to another, `Mon-Fri 08:00 - 18:00` on each of these days, `22:00 - 06:00` on
 * every day. An end that is not later than the beginning is on the next day.
 * @throws RangeError whose message says what was got and what is accepted
 */
export function parseDenyWindow(text: string): DenyWindow {
  const [, begins, start = '', ends, end = ''] = WRITTEN.exec(text.trim()) ?? refuse(text, 'it has not that form')
  const from = minutesOf(start, text)
  const to = minutesOf(end, text)
  if (from === 1440) refuse(text, 'it begins at 24:00: write 00:00 of the next day')
  const days = begins === undefined ? EVERY_DAY : daysOf(begins, text)
  if (ends !== undefined) return betweenDays({ days, from, last: daysOf(ends, text), to }, text)
  if (from === to) refuse(text, 'it begins and ends at the same time')
  return { days, from, spans: to < from ? 1 : 0, to }
}

/** From one day to another. */
function betweenDays(
  written: {
    readonly days: readonly number[]
    readonly from: number
    readonly last: readonly number[]
    readonly to: number
  },
  text: string,
): DenyWindow {
  const { days, from, last, to } = written
  const [first = 0, ...more] = days
  const [end = 0, ...others] = last
  if (more.length > 0 || others.length > 0) refuse(text, 'a day at its end needs exactly one day at its beginning')
  const spans = (end - first + 7) % 7
  if (spans > 0 || to > from) return { days, from, spans, to }
  if (to === from) refuse(text, 'it begins and ends at the same time')
  return { days, from, spans: 7, to } // `Mon 18:00 - Mon 07:00`: all week but for these hours of Monday
}

/** `Fri`, or `Mon-Fri`; a range may go over the end of the week. */
function daysOf(written: string, text: string): readonly number[] {
  const [first, last = first, ...rest] = written.split('-').map((name) => dayOf(name, text))
  if (first === undefined || last === undefined || rest.length > 0) return refuse(text, `'${written}' is no day`)
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => (first + index) % 7)
}

function dayOf(name: string, text: string): number {
  const day = DAYS.indexOf(name)
  return day >= 0 ? day : refuse(text, `'${name}' is none of ${[...DAYS.slice(1), DAYS[0]].join(', ')}`)
}

function minutesOf(written: string, text: string): number {
  const [hours = 0, minutes = 0] = written.split(':').map(Number)
  const total = hours * 60 + minutes
  const valid = minutes < 60 && total <= 1440 && /^\d\d:/.test(written)
  return valid ? total : refuse(text, `'${written}' is no time from 00:00 to 24:00, with two digits each`)
}

function refuse(text: string, why: string): never {
  throw new RangeError(`'${text}' is not a window like ${WINDOW_EXAMPLES}: ${why}`)
}
