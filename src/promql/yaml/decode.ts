import { didYouMean } from '../../lib/nearest.ts'
import {
  isMerge,
  type YamlAlias,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlPair,
  type YamlScalar,
} from '../../yaml/node.ts'
import { readDuration } from '../duration.ts'
import { isNull, resolve } from './resolve.ts'
import { SHAPE_NAMES, type Shape, type Struct } from './shape.ts'

/** A value as it was decoded: `node` says where it stands and, for a shape 'node', is all of it. */
export type Decoded =
  | { readonly node: YamlNode; readonly text: string }
  | { readonly node: YamlNode; readonly number: number }
  | { readonly node: YamlNode; readonly items: readonly Decoded[] }
  | { readonly node: YamlNode; readonly fields: ReadonlyMap<string, Field> }

interface Field {
  readonly key: YamlNode
  /** Undefined: null, which leaves a field as it is. */
  readonly value: Decoded | undefined
}

export interface Decoding {
  readonly refuse: (offset: number, message: string) => void
  /** Aliases that are being followed. */
  readonly following: Set<YamlNode>
  counts: { nodes: number; aliased: number; depth: number }
}

/** A document that is made of aliases to aliases: yaml.v3 stops at about the same point. */
export class TooManyAliases extends Error {}

export const createDecoding = (refuse: Decoding['refuse']): Decoding => ({
  refuse,
  following: new Set(),
  counts: { nodes: 0, aliased: 0, depth: 0 },
})

/** As yaml.v3 decodes with `KnownFields(true)`. Undefined: null or refused, either of which sets nothing. */
export function decode(node: YamlNode, shape: Shape, decoding: Decoding): Decoded | undefined {
  count(decoding)
  if (shape === 'node')
    return { node, text: node.type === 'scalar' ? node.value : node.type === 'alias' ? node.name : '' }
  if (node.type === 'alias') return followed(node, shape, decoding)
  if (node.type === 'scalar') return scalar(node, shape, decoding)
  if (node.tag === '!!null') return undefined
  return node.type === 'map' ? mapping(node, shape, decoding) : sequence(node, shape, decoding)
}

function count({ counts }: Decoding): void {
  counts.nodes++
  if (counts.depth > 0) counts.aliased++
  if (counts.aliased > 100 && counts.nodes > 1000 && counts.aliased / counts.nodes > 0.99) throw new TooManyAliases()
  if (counts.nodes > MOST_VALUES) throw new TooManyAliases()
}

const MOST_VALUES = 400_000

function followed(node: YamlAlias, shape: Shape, decoding: Decoding): Decoded | undefined {
  const of = node.of()
  if (!of || decoding.following.has(of)) {
    decoding.refuse(node.offset, `the alias '*${node.name}' stands inside the thing that it names`)
    return undefined
  }
  decoding.following.add(of)
  decoding.counts.depth++
  const decoded = decode(of, shape, decoding)
  decoding.counts.depth--
  decoding.following.delete(of)
  return decoded
}

function scalar(node: YamlScalar, shape: Shape, decoding: Decoding): Decoded | undefined {
  const resolved = resolve(node)
  if ('refused' in resolved) {
    decoding.refuse(node.offset, resolved.refused)
    return undefined
  }
  if (resolved.tag === '!!null') return undefined
  const text = resolved.text ?? node.value
  if (shape === 'string') return { node, text }
  if (shape === 'duration') return duration(node, text, decoding)
  const { number } = resolved
  // yaml.v3 cuts a float to an int; only what 64 bits hold.
  if (shape === 'int' && number !== undefined && number <= 2 ** 63) return { node, number: Math.trunc(number) }
  decoding.refuse(node.offset, `${quoted(node.value)} is no ${nameOf(shape)}`)
  return undefined
}

const quoted = (text: string): string => `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`

const nameOf = (shape: Shape): string =>
  typeof shape === 'string' ? SHAPE_NAMES[shape] : 'name' in shape ? shape.name : 'list' in shape ? 'list' : 'map'

function duration(node: YamlScalar, text: string, decoding: Decoding): Decoded | undefined {
  const read = readDuration(text)
  if ('ms' in read) return { node, number: read.ms }
  decoding.refuse(node.offset, read.refused)
  return undefined
}

function sequence(node: YamlList, shape: Shape, decoding: Decoding): Decoded | undefined {
  if (typeof shape === 'string' || !('list' in shape)) {
    decoding.refuse(node.offset, `a list is no ${nameOf(shape)}`)
    return undefined
  }
  const items = node.items.map((item) => decode(item, shape.list, decoding))
  return { node, items: items.filter((item) => item !== undefined) }
}

function mapping(node: YamlMap, shape: Shape, decoding: Decoding): Decoded | undefined {
  if (!uniqueKeys(node, decoding)) return undefined
  if (typeof shape === 'string' || 'list' in shape) {
    decoding.refuse(node.offset, `a map is no ${nameOf(shape)}`)
    return undefined
  }
  const fields = new Map<string, Field>()
  fill(node, { shape, fields, merging: undefined }, decoding)
  return { node, fields }
}

/** yaml.v3 compares what is written, whatever it stands for; two keys that are no scalars are the same. */
function uniqueKeys(node: YamlMap, decoding: Decoding): boolean {
  const seen = new Set<string>()
  let unique = true
  for (const { key } of node.pairs) {
    const id = `${key.type} ${key.type === 'scalar' ? key.value : key.type === 'alias' ? key.name : ''}`
    if (seen.has(id)) {
      decoding.refuse(key.offset, second(id.slice(key.type.length + 1)))
      unique = false
    }
    seen.add(id)
  }
  return unique
}

type MapShape = Struct | { readonly map: Shape }

interface Filling {
  readonly shape: MapShape
  readonly fields: Map<string, Field>
  /** Keys that a merge (`<<`) may not set any more; undefined outside of one. */
  readonly merging: Set<string> | undefined
}

function fill(node: YamlMap, filling: Filling, decoding: Decoding): void {
  let merged: YamlNode | undefined
  const written = new Set<string>()
  for (const pair of node.pairs) {
    if (isMerge(pair.key)) merged = pair.value
    else setField(pair, { filling, written }, decoding)
  }
  if (merged) merge(merged, { ...filling, merging: filling.merging ?? keysOf(node) }, decoding)
}

const keysOf = (node: YamlMap): Set<string> =>
  new Set(node.pairs.flatMap(({ key }) => (key.type === 'scalar' && !isNull(key) ? [key.value] : [])))

interface Setting {
  readonly filling: Filling
  /** Fields that this very map has set. */
  readonly written: Set<string>
}

function setField({ key, value }: YamlPair, { filling, written }: Setting, decoding: Decoding): void {
  const name = decode(key, 'string', decoding)
  if (!name || !('text' in name)) return
  const { shape, fields, merging } = filling
  if (merging?.has(name.text)) return
  merging?.add(name.text)
  const inner = innerShape(shape, name.text)
  if (typeof inner === 'object' && 'refused' in inner) {
    decoding.refuse(key.offset, inner.refused)
    return
  }
  if ('fields' in shape && written.has(name.text)) decoding.refuse(key.offset, second(name.text))
  written.add(name.text)
  fields.set(name.text, { key, value: decode(value, inner, decoding) })
}

const second = (key: string): string => `the key ${quoted(key)} stands here a second time`

function innerShape(shape: MapShape, key: string): Shape | { readonly refused: string } {
  if ('map' in shape) return shape.map
  if (Object.hasOwn(shape.fields, key)) return shape.fields[key] ?? 'node'
  const known = Object.keys(shape.fields)
  return { refused: `a ${shape.name} has no ${quoted(key)}${hint(key, known)}` }
}

const hint = (key: string, known: readonly string[]): string =>
  didYouMean(key, known) || `; it may have ${known.join(', ')}`

function merge(value: YamlNode, filling: Filling, decoding: Decoding): void {
  for (const one of value.type === 'list' ? value.items : [value]) {
    const map = one.type === 'alias' ? one.of() : one
    count(decoding)
    if (map?.type !== 'map') decoding.refuse(one.offset, "behind '<<' stands a map, or a list of maps")
    else if (uniqueKeys(map, decoding)) fill(map, filling, decoding)
  }
}
