import { createTask, validateDetailed } from 'node-cron'

/** When something is due: five fields, in the wall-clock time of a zone. node-cron judges, and keeps no clock here. */
export interface Cron {
  /** Is this minute one of its times? */
  matches(at: Date): boolean
}

const FIELDS = 5

/** @throws RangeError whose message says which field is wrong. */
export function parseCron(pattern: string, timezone = 'UTC'): Cron {
  const fields = pattern.trim().split(/\s+/)
  if (fields.length !== FIELDS) {
    throw new RangeError(`'${pattern}' is no cron line: minute, hour, day of the month, month, day of the week`)
  }
  const { valid, errors } = validateDetailed(pattern)
  if (!valid) {
    const why = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
    throw new RangeError(`'${pattern}' is no cron line: ${why}`)
  }
  const task = createTask(`0 ${pattern}`, () => undefined, { timezone })
  return { matches: (at) => task.match(new Date(Math.floor(at.getTime() / 60_000) * 60_000)) }
}
