import { getPointer, segmentsOf, withPointer } from '../../lib/json-pointer.ts'
import { sameValue } from '../../model/digest.ts'
import { pointerSegment } from '../field-diff.ts'
import type { Json, JsonObject } from './spec.ts'

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The keys that a merge owns, as JSON pointers: as deep as it is written; a list is one value. */
export const ownedPointers = (merge: JsonObject): readonly string[] => [...leaves(merge).keys()]

function leaves(merge: JsonObject, base = ''): ReadonlyMap<string, Json> {
  return new Map(
    Object.entries(merge).flatMap(([key, value]): readonly (readonly [string, Json])[] => {
      const pointer = `${base}/${pointerSegment(key)}`
      if (isObject(value) && Object.keys(value).length > 0) return [...leaves(value, pointer)]
      return [[pointer, value]]
    }),
  )
}

export interface JsonDiff {
  readonly pointer: string
  readonly from: unknown
  readonly to: unknown
}

/** Where a live document is not what the merge says; `owns` are pointers written before, which go if nothing declares them. */
export function jsonDiffs(live: unknown, merge: JsonObject, owns: readonly string[]): readonly JsonDiff[] {
  const wanted = leaves(merge)
  const changed = [...wanted].flatMap(([pointer, value]): readonly JsonDiff[] => {
    const from = own(live, pointer)
    const to = value === null ? undefined : value
    if (isObject(to) && Object.keys(to).length === 0 && isObject(from)) return []
    return (from === undefined) === (to === undefined) && sameValue(from, to) ? [] : [{ pointer, from, to }]
  })
  const gone = undeclared(wanted, owns).flatMap((pointer): readonly JsonDiff[] => {
    const from = own(live, pointer)
    return from === undefined ? [] : [{ pointer, from, to: undefined }]
  })
  return [...changed, ...gone]
}

/** Of those that were ours, what is neither declared nor above or below something declared. */
function undeclared(wanted: ReadonlyMap<string, Json>, owns: readonly string[]): readonly string[] {
  const declared = [...wanted.keys()]
  return owns.filter(
    (pointer) =>
      !declared.some((other) => `${other}/`.startsWith(`${pointer}/`) || `${pointer}/`.startsWith(`${other}/`)),
  )
}

function own(value: unknown, pointer: string): unknown {
  let here: unknown = value
  for (const segment of segmentsOf(pointer)) {
    if (!isObject(here) || !Object.hasOwn(here, segment)) return undefined
    here = here[segment]
  }
  return here
}

/** The document with the merge in it, written as it was written before: same indentation, same order of keys. */
export function mergeJson(text: string | undefined, merge: JsonObject, owns: readonly string[]): string {
  const before: unknown = text === undefined || text.trim() === '' ? {} : JSON.parse(text)
  const merged = jsonDiffs(before, merge, owns).reduce(
    (value, { pointer, to }) => withPointer(containersFor(value, pointer), pointer, to),
    before,
  )
  const indent = /\n([ \t]+)\S/.exec(text ?? '')?.[1] ?? (text?.includes('\n') === false ? '' : '  ')
  return `${JSON.stringify(merged, null, indent)}${text === undefined || text.endsWith('\n') ? '\n' : ''}`
}

/** A text or list where the merge needs an object gives way to one. */
function containersFor(value: unknown, pointer: string): unknown {
  const segments = segmentsOf(pointer).slice(0, -1)
  const prefixes = segments.map(
    (_, index) =>
      `/${segments
        .slice(0, index + 1)
        .map(pointerSegment)
        .join('/')}`,
  )
  return prefixes.reduce((here, prefix) => {
    const found = getPointer(here, prefix)
    return found === undefined || isObject(found) ? here : withPointer(here, prefix, {})
  }, value)
}
