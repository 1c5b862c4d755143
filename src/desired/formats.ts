import { parseCron } from '../lib/cron.ts'
import { parseDenyWindow } from '../lib/deny-window.ts'
import { didYouMean } from '../lib/nearest.ts'
import { isTimezone } from '../lib/wall-clock.ts'

/** `format` of texts in the schemas: parsers that throw RangeError, whose message says what is wrong. */
export const FORMATS: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ['deny-window', parseDenyWindow],
  ['timezone', checkTimezone],
  ['cron', parseCron],
])

function checkTimezone(name: string): void {
  if (isTimezone(name)) return
  const meant = didYouMean(name, ['UTC', ...Intl.supportedValuesOf('timeZone')])
  throw new RangeError(`'${name}' is not the IANA name of a time zone like Europe/Amsterdam or UTC${meant}`)
}
