import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../lib/duration.ts'
import { messageOf } from '../model/error.ts'

export function count(text: string): number {
  const value = Number(text)
  if (!/^\d{1,6}$/.test(text) || value === 0) throw new InvalidArgumentError('It is no number of things, like 20.')
  return value
}

/** Milliseconds. */
export function durationOf(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error))
  }
}
