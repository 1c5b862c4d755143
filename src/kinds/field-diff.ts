import { sameValue } from '../model/digest.ts'

/** Where two values differ, as JSON pointers. */
export interface ValueDiff {
  readonly path: string
  readonly from: unknown
  readonly to: unknown
}

export const pointerSegment = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const same = (a: unknown, b: unknown): boolean => (a === undefined) === (b === undefined) && sameValue(a, b)

/** Maps are compared key by key, everything else as one value. Absent is undefined; null is a value of its own. */
export function diffValues(path: string, from: unknown, to: unknown): readonly ValueDiff[] {
  if (!isMap(from) || !isMap(to)) return same(from, to) ? [] : [{ path, from, to }]
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort()
  return keys.flatMap((key) => diffValues(`${path}/${pointerSegment(key)}`, from[key], to[key]))
}
