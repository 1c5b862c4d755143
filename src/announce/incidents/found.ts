import type { View } from '../../engine/view.ts'
import type { Incident } from '../../model/incident.ts'
import type { AppReport } from '../../model/revision-report.ts'

/** Something that is wrong by one look. */
export interface Found {
  readonly incident: Incident
  /** Told again when it is another one; the incident itself where it is not said. */
  readonly material?: string
  /** In a row, before it is told: what comes and goes by itself is no news. Default 1. */
  readonly looks?: number
}

interface Circumstances {
  readonly now: Date
  /** How the revision that failed in an app is reported: with its log lines. */
  failureOf(app: string): AppReport | undefined
}

export interface Seen extends Circumstances {
  readonly view: View
}

const MOST_LINES = 20

/** The last ones: the end of a log is where it says why. */
export const lastLines = (lines: readonly string[]): readonly string[] => lines.slice(-MOST_LINES)

export function firstLines(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_LINES) return lines
  return [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} more`]
}
