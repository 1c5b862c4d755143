import { pointerTo } from '../../desired/tree.ts'
import type { Finding } from '../source.ts'
import type { Node } from '../yaml/node.ts'

/** A value that is being read, and where its mistakes are noted. */
export interface Cursor {
  readonly node: Node
  readonly pointer: string
  readonly findings: Finding[]
}

/** Undefined is Go's zero: what is absent, null or empty. */
export type Read<T> = (cursor: Cursor) => T | undefined

export function refuse({ node, pointer, findings }: Cursor, message: string): undefined {
  findings.push({ severity: 'error', offset: node.start, pointer, message })
  return undefined
}

export const isNull = ({ node }: Cursor): boolean => node.type === 'scalar' && node.value === null

/** The value of a key; where no key is called so, one that differs in case only, as Go's decoder has it. */
export function at(cursor: Cursor, key: string): Cursor | undefined {
  const { node } = cursor
  if (node.type !== 'map') return undefined
  const name = node.entries.has(key) ? key : [...node.entries.keys()].find((other) => other.toLowerCase() === key)
  const entry = name === undefined ? undefined : node.entries.get(name)
  return entry && { ...cursor, node: entry.value, pointer: pointerTo(cursor.pointer, name ?? key) }
}

/** The items of a list. */
export function items(cursor: Cursor): readonly Cursor[] {
  if (cursor.node.type !== 'list') return []
  return cursor.node.items.map((node, index) => ({ ...cursor, node, pointer: pointerTo(cursor.pointer, index) }))
}

/** The values of a map, by key. */
export function entries(cursor: Cursor): readonly (readonly [string, Cursor])[] {
  if (cursor.node.type !== 'map') return []
  return [...cursor.node.entries].map(([key, { value: node }]) => [
    key,
    { ...cursor, node, pointer: pointerTo(cursor.pointer, key) },
  ])
}
