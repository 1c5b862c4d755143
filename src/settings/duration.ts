import { parseDuration } from '../lib/duration.ts'
import { messageOf } from '../model/error.ts'
import type { Report } from './load-settings.ts'

/** Milliseconds; what is wrong with the text is reported. */
export function duration(
  text: string,
  at: { readonly pointer: string; readonly least: number; readonly report: Report },
): number {
  const { pointer, least, report } = at
  try {
    const ms = parseDuration(text)
    if (ms < least) report('error', { pointer, message: `must be at least ${least / 1000}s` })
    return ms
  } catch (error) {
    report('error', { pointer, message: messageOf(error) })
    return least
  }
}
