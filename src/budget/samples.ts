import { createHash } from 'node:crypto'
import type { Micros } from '../model/budget.ts'
import type { Labels, Point } from '../prometheus/answers.ts'
import type { Increased, Part } from './reading.ts'

/** Of a series: time (ms) and value (micros) of the last sample that was counted. */
type LastSample = readonly [at: number, value: Micros]

export type SeriesState = Readonly<Record<string, LastSample>>

export interface Series {
  readonly labels: Labels
  readonly points: readonly Point[]
}

export interface CountOptions {
  readonly before: SeriesState
  /** What was spent before this instant (ms) is of another window. */
  readonly from: number
  /** Label that carries the part. */
  readonly by: string | undefined
}

export interface Counted {
  readonly series: SeriesState
  readonly increases: readonly Increased[]
  readonly problems: readonly string[]
  /** The longest time between the last two samples of a series (ms): how often they are taken. */
  readonly gapMs?: number
}

const MILLION = 1_000_000

/**
 * What raw samples of counters say that was spent: the differences of neighbours, each at the time of the later one. A value
 * that falls is a counter that began anew, and counts in full; so does the first sample of a series, for it began at zero.
 * (`increase()` of Prometheus loses both, and estimates beyond the samples.) Samples that were counted before are passed over.
 *
 * Values are rounded to micros before they are differenced: so roundings never add up.
 */
export function countSamples(found: readonly Series[], options: CountOptions): Counted {
  const series: Record<string, LastSample> = { ...options.before }
  const increases: Increased[] = []
  const problems = new Set<string>()
  let gapMs: number | undefined
  for (const { labels, points } of found) {
    const key = keyOf(labels)
    const part = partOf(labels, options.by)
    for (const point of points) {
      const sample = sampleOf(point)
      if (typeof sample === 'string') {
        problems.add(`${namesOf(labels)} has a sample that is ${sample}: it is not counted`)
        continue
      }
      const last = series[key]
      if (last && sample[0] <= last[0]) continue
      increases.push(...increaseOf(last, sample, { part, from: options.from }))
      if (last) gapMs = sample[0] - last[0]
      series[key] = sample
    }
    if (part === '' && options.by !== undefined) {
      problems.add(`${namesOf(labels)} has no label ${options.by}: what it counts is of nobody`)
    }
  }
  return { series, increases, problems: [...problems], ...(gapMs === undefined ? {} : { gapMs }) }
}

function increaseOf(
  last: LastSample | undefined,
  [at, value]: LastSample,
  { part, from }: { readonly part: Part; readonly from: number },
): readonly Increased[] {
  const began = last === undefined || value < last[1]
  const micros = began ? value : value - last[1]
  if (micros === 0 || at < from) return []
  return [{ part, from: last?.[0] ?? at, to: at, micros }]
}

/** Could it be what was spent? */
export const isAmount = (value: number): boolean => typeof sampleOf({ at: 0, value }) !== 'string'

function sampleOf({ at, value }: Point): LastSample | string {
  if (!Number.isFinite(value)) return String(value)
  if (value < 0) return 'below zero'
  const micros = Math.round(value * MILLION)
  return Number.isSafeInteger(micros) ? [Math.round(at * 1_000), micros] : 'beyond any budget'
}

const partOf = (labels: Labels, by: string | undefined): Part => (by === undefined ? '' : (labels[by] ?? ''))

const sorted = (labels: Labels): readonly (readonly [string, string])[] =>
  Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))

/** Labels are long, and there may be thousands of series. */
const keyOf = (labels: Labels): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(labels)))
    .digest('base64url')
    .slice(0, 16)

const namesOf = (labels: Labels): string => {
  const { __name__: name = '', ...others } = labels
  return `${name}{${sorted(others)
    .map(([label, value]) => `${label}="${value}"`)
    .join(', ')}}`
}
