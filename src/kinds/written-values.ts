import { parseDuration } from '../lib/duration.ts'
import { parseSize } from '../lib/size.ts'
import { NormalizeProblem } from '../model/kind.ts'
import { BOOKKEEPING } from './labels.ts'
import { splitWords } from './shell-words.ts'

/** What the schema has let through, read into plain values; the pointer is where a mistake is reported. */
export type Scalar = string | number | boolean

/** Runs a parser that throws RangeError, and says where. */
export function read<T>(pointer: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RangeError) throw new NormalizeProblem(pointer, error.message)
    throw error
  }
}

/** Milliseconds. */
export function duration(written: string | undefined, pointer: string): number | undefined {
  return written === undefined ? undefined : read(pointer, () => parseDuration(written))
}

/** Bytes. */
export function bytes(written: string | number | undefined, pointer: string): number | undefined {
  return written === undefined ? undefined : read(pointer, () => parseSize(written))
}

export function texts(written: Readonly<Record<string, Scalar>> | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(written ?? {}).map(([key, value]) => [key, String(value)]))
}

/** Labels that people write may not use the prefix of our own bookkeeping. */
export function labelTexts(
  written: Readonly<Record<string, Scalar>> | undefined,
  pointer: string,
): Readonly<Record<string, string>> {
  const ours = Object.keys(written ?? {}).find((key) => key.startsWith(BOOKKEEPING))
  if (ours !== undefined) {
    throw new NormalizeProblem(pointer, `labels that begin with '${BOOKKEEPING}' are swarmkeeper's own: '${ours}'`)
  }
  return texts(written)
}

/** A list, or a text split as a shell does. */
export function words(written: string | readonly string[] | undefined, pointer: string): readonly string[] {
  if (typeof written !== 'string') return written ?? []
  try {
    return splitWords(written)
  } catch (error) {
    throw new NormalizeProblem(pointer, `the command ${error instanceof Error ? error.message : String(error)}`)
  }
}

export const oneOrMany = <T>(written: T | readonly T[] | undefined): readonly T[] =>
  written === undefined
    ? []
    : (Array.isArray as (value: unknown) => value is readonly T[])(written)
      ? written
      : [written]

/** The one of these keys that is written; a schema says this in words that nobody understands. */
export function exactlyOne<K extends string>(
  written: { readonly [key in K]?: unknown },
  keys: readonly K[],
  pointer: string,
): K {
  const [one, second] = keys.filter((key) => written[key] !== undefined && written[key] !== false)
  const list = `${keys.slice(0, -1).join(', ')} or ${keys.at(-1)}`
  if (one === undefined) throw new NormalizeProblem(pointer, `needs one of ${list}`)
  if (second === undefined) return one
  throw new NormalizeProblem(`${pointer}/${second}`, `'${one}' and '${second}' together: exactly one of ${list}`)
}
