import { segmentsOf } from '../../lib/json-pointer.ts'
import { sameValue } from '../../model/digest.ts'
import { pointerSegment } from '../field-diff.ts'
import { editJson } from './json-edit.ts'
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

/**
 * The text with the merge in it: every other character stays, with the order of the keys and their numbers as they are
 * written. @throws JsonMistake
 */
export function mergeJson(text: string | undefined, merge: JsonObject, owns: readonly string[]): string {
  const before = text === undefined || text.trim() === '' ? '{}\n' : text
  return jsonDiffs(JSON.parse(before), merge, owns).reduce(
    (written, { pointer, to }) => editJson(written, segmentsOf(pointer), to),
    before,
  )
}

/** The text without what was merged into it; undefined where nothing else is in it. */
export function unmergeJson(text: string, owns: readonly string[]): string | undefined {
  const rest = mergeJson(text, {}, owns)
  return Object.keys(JSON.parse(rest)).length === 0 ? undefined : rest
}
