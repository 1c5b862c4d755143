type Fields = Readonly<Record<string, unknown>>

const LEVELS: Readonly<Record<string, string>> = { debug: 'debug', info: 'info ', warn: 'WARN ', error: 'ERROR' }

/** A line of JSON as a person reads it: `10:07:59 WARN  target unreachable  target=prod`. */
export function textLine(json: string): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Fields
  const clock = String(time).slice(11, 19)
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${wordOf(value)}`)
  return `${[`${clock} ${LEVELS[String(level)] ?? level} ${oneLine(String(msg))}`, ...rest].join('  ')}\n`
}

const wordOf = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=\p{Cc}]+$/u.test(value) ? value : JSON.stringify(value)

/** What a repository or a target says must not draw upon a terminal. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ')
