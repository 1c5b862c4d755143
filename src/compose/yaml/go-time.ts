import type { GoTime } from './node.ts'

const FORM =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?)?$/

/** A date or a time as go-yaml v3 takes it out of a text without quotes; undefined where it is none. */
export function readTime(text: string): GoTime | undefined {
  const match = FORM.exec(text)
  if (!match) return undefined
  const [, year = '', month = '', day = '', letter] = match
  const [hour = '0', minute = '0', second = '0', fraction = ''] = letter ? match.slice(5, 9) : match.slice(10, 14)
  const zone = match[9] ?? 'Z'
  if (!isDate(Number(year), Number(month), Number(day)) || !isTimeOfDay(hour, minute, second, zone)) return undefined
  const two = (part: string): string => part.padStart(2, '0')
  const parts = fraction.slice(0, 9).replace(/0+$/, '')
  const date = `${year}-${two(month)}-${two(day)}`
  const time = `${two(hour)}:${two(minute)}:${two(second)}${parts === '' ? '' : `.${parts}`}`
  return { go: 'time', text: `${date} ${time} ${zoneName(zone)}`, json: `${date}T${time}${zone}` }
}

function isDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}

function isTimeOfDay(hour: string, minute: string, second: string, zone: string): boolean {
  const [zoneHour = '0', zoneMinute = '0'] = zone.slice(1).split(':')
  return (
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    Number(zoneHour) <= 24 &&
    Number(zoneMinute) <= 60
  )
}

/** Go prints an offset that has no name twice. */
function zoneName(zone: string): string {
  const offset = zone.replace(':', '')
  return zone === 'Z' || /^[-+]0000$/.test(offset) ? '+0000 UTC' : `${offset} ${offset}`
}
