import { type Entry, type Item, listOf, type MapTree, mapOf, type Rooted, type Scalar, type Tree } from './tree.ts'

/**
 * A document over the one that it extends: maps merge key by key, a null takes the key away, lists of named things
 * (all with `name`, or all with `target`, or `source`; env lists by their variable) merge by name, anything else is
 * replaced. What comes from the base remembers its file.
 */
export function mergeOver(base: Rooted, own: Rooted): Tree {
  return merge({ base, own, key: '' })
}

interface Pair {
  readonly base: Rooted
  readonly own: Rooted
  /** Key that both stand under. */
  readonly key: string
}

function merge(pair: Pair): Tree {
  const { base, own } = pair
  if (base.tree.type === 'map' && own.tree.type === 'map') return mergeMaps(base.tree, own.tree, pair)
  return mergeLists(pair) ?? own.tree
}

function mergeMaps(base: MapTree, own: MapTree, pair: Pair): Tree {
  const entries = new Map<string, Entry>()
  for (const [key, entry] of base.entries) entries.set(key, { ...entry, from: entry.from ?? pair.base.file })
  for (const [key, entry] of own.entries) {
    const below = entries.get(key)
    if (below && isNull(entry.value)) entries.delete(key)
    else entries.set(key, { ...entry, ...mergeItems(below, entry, { ...pair, key }) })
  }
  return mapOf(own.offset, entries)
}

const isNull = (tree: Tree): boolean => tree.type === 'scalar' && tree.value === null

function mergeItems(below: Item | undefined, item: Item, pair: Pair): Item {
  const own = { tree: item.value, file: item.from ?? pair.own.file }
  if (!below) return { value: own.tree, from: own.file }
  const base = { tree: below.value, file: below.from ?? pair.base.file }
  return { value: merge({ base, own, key: pair.key }), from: own.file }
}

function mergeLists(pair: Pair): Tree | undefined {
  const { base, own } = pair
  if (base.tree.type !== 'list' || own.tree.type !== 'list') return undefined
  const identity = sharedIdentity(base.tree.items, own.tree.items, pair.key)
  if (!identity) return undefined
  const named = new Map<Scalar, Item>()
  for (const item of base.tree.items) named.set(identity(item.value) ?? null, { ...item, from: item.from ?? base.file })
  for (const item of own.tree.items) {
    const name = identity(item.value) ?? null
    named.set(name, mergeItems(named.get(name), item, pair))
  }
  return listOf(own.tree.offset, [...named.values()])
}

/** What an item is known by; undefined where it has no such name. */
type Identity = (tree: Tree) => Scalar | undefined

const byKey =
  (key: string): Identity =>
  (tree) => {
    const value = tree.type === 'map' ? tree.entries.get(key)?.value : undefined
    return value?.type === 'scalar' && value.value !== null ? value.value : undefined
  }

const byVariable: Identity = (tree) =>
  tree.type === 'scalar' && typeof tree.value === 'string' ? /^([^=]+)=/.exec(tree.value)?.[1] : undefined

/** The first way to name all items of both lists, each differently. */
function sharedIdentity(base: readonly Item[], own: readonly Item[], key: string): Identity | undefined {
  const ways = [byKey('name'), byKey('target'), byKey('source')]
  if (key === 'env' || key === 'environment') ways.push(byVariable)
  return ways.find((way) => distinct(base, way) && distinct(own, way))
}

function distinct(items: readonly Item[], way: Identity): boolean {
  const names = items.map((item) => way(item.value))
  return !names.includes(undefined) && new Set(names).size === names.length
}
