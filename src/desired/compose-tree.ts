import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from 'yaml'
import { LIMITS } from './limits.ts'
import type { LineTable } from './line-table.ts'
import type { Flaw } from './parse-yaml.ts'
import { quote } from './quote.ts'
import { type Entry, type Item, listOf, type MapTree, mapOf, type ScalarTree, type Tree } from './tree.ts'

/** From the library's nodes to a tree of ours; undefined where nothing can be made of it. Flaws are added to the list. */
export function composeTree(contents: unknown, flaws: Flaw[], lines: LineTable): Tree | undefined {
  if (contents === null || contents === undefined) return undefined
  return treeOf(contents as ParsedNode, { anchors: new Map(), flaws, lines, merged: 0 })
}

interface Composing {
  /** `open`: the anchored thing is not complete yet; an alias to it would contain itself. */
  readonly anchors: Map<string, Tree | 'open'>
  readonly flaws: Flaw[]
  readonly lines: LineTable
  /** Entries that `<<` has copied so far. */
  merged: number
}

function flaw(composing: Composing, offset: number, message: string): void {
  composing.flaws.push({ offset, message, severity: 'error' })
}

function treeOf(node: ParsedNode, composing: Composing): Tree {
  const offset = node.range[0]
  if (isAlias(node)) return aliased(node.source, offset, composing)
  const anchor = node.anchor
  if (anchor !== undefined) composing.anchors.set(anchor, 'open')
  const tree = withoutAnchor(node, composing)
  if (anchor !== undefined) composing.anchors.set(anchor, tree)
  return tree
}

function withoutAnchor(node: ParsedNode, composing: Composing): Tree {
  const offset = node.range[0]
  if (isMap(node)) return mapTree(node, composing)
  if (isSeq(node)) {
    const items = node.items.map((item): Item => ({ value: treeOf(item, composing) }))
    return bounded(listOf(offset, items), composing)
  }
  if (!isScalar(node)) return nothing(offset)
  if (isTorn(node.value)) flaw(composing, offset, TORN)
  const plain = node.type === 'PLAIN' && node.tag !== 'tag:yaml.org,2002:str'
  return scalarTree(node.value, { offset, source: node.source, plain })
}

/** An escape as `\ud800` alone: written to a host or sent to an engine it would silently be another text. */
const isTorn = (value: unknown): boolean => typeof value === 'string' && /\p{Surrogate}/u.test(value)
const TORN = 'an escape stands for half of a character: no UTF-8 text can hold it'

const nothing = (offset: number): ScalarTree => scalarTree(null, { offset, source: '', plain: true })

function aliased(name: string, offset: number, composing: Composing): Tree {
  const tree = composing.anchors.get(name)
  if (tree === undefined) flaw(composing, offset, `there is no anchor ${quote(`&${name}`)} above this alias`)
  if (tree === 'open') flaw(composing, offset, `the alias ${quote(`*${name}`)} stands inside the thing that it names`)
  return tree === undefined || tree === 'open' ? nothing(offset) : tree
}

/** An alias bomb: stops at the first thing that is too large, so that nothing larger is ever made. */
function bounded<T extends Tree>(tree: T, composing: Composing): Tree {
  if (tree.weight <= LIMITS.values) return tree
  flaw(composing, tree.offset, `this has more than ${LIMITS.values} values once its aliases are followed`)
  return nothing(tree.offset)
}

function scalarTree(
  value: unknown,
  written: { readonly offset: number; readonly source: string | undefined; readonly plain: boolean },
): ScalarTree {
  const text = written.source ?? String(value)
  const exact = typeof value !== 'number' || (Number.isFinite(value) && isExact(value))
  // A number that JavaScript cannot hold is left as the text that it is: nothing is silently another number.
  const safe = isPlainScalar(value) && exact ? value : text
  const dollars = typeof safe === 'string' && safe.includes('$')
  return { type: 'scalar', offset: written.offset, weight: 1, dollars, value: safe, text, plain: written.plain }
}

const isExact = (value: number): boolean => !Number.isInteger(value) || Number.isSafeInteger(value)

function isPlainScalar(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function mapTree(node: YAMLMap.Parsed, composing: Composing): Tree {
  const entries = new Map<string, Entry>()
  const merged: MapTree[] = []
  let mergeKey: number | undefined
  for (const pair of node.items) {
    const key = keyOf(pair.key, composing)
    if (!key) continue
    const value = pair.value === null ? nothing(key.offset) : treeOf(pair.value, composing)
    if (key.merge && mergeKey === undefined) {
      mergeKey = key.offset
      merged.push(...mergedTrees(value, composing))
    } else addEntry(entries, { ...key, value }, composing)
  }
  return bounded(withMerged(mapOf(node.range[0], entries), merged, composing), composing)
}

interface Key {
  readonly name: string
  readonly offset: number
  /** `<<`, not in quotes. */
  readonly merge: boolean
}

function keyOf(key: unknown, composing: Composing): Key | undefined {
  const node = key as ParsedNode
  const offset = node?.range?.[0] ?? 0
  if (!isScalar(node) || node.value === null) {
    flaw(composing, offset, 'a key must be a text')
    return undefined
  }
  const name = node.source ?? String(node.value)
  if (isTorn(name)) {
    flaw(composing, offset, TORN)
    return undefined
  }
  // An object of JavaScript cannot hold this key as it holds others.
  if (name === '__proto__') {
    flaw(composing, offset, "the key '__proto__' is not allowed")
    return undefined
  }
  return { name, offset, merge: name === '<<' && node.type === 'PLAIN' }
}

function addEntry(entries: Map<string, Entry>, key: Key & { readonly value: Tree }, composing: Composing): void {
  const first = entries.get(key.name)
  if (first) {
    const { line, column } = composing.lines.place(first.key)
    flaw(composing, key.offset, `the key ${quote(key.name)} stands here twice; the first is at ${line}:${column}`)
  } else entries.set(key.name, { key: key.offset, value: key.value })
}

function mergedTrees(value: Tree, composing: Composing): readonly MapTree[] {
  const trees = value.type === 'list' ? value.items.map((item) => item.value) : [value]
  return trees.flatMap((tree) => {
    if (tree.type === 'map') return [tree]
    flaw(composing, value.offset, "'<<' takes a map, or a list of maps")
    return []
  })
}

/** Own keys win over merged ones, and earlier merged maps over later ones. */
function withMerged(own: MapTree, merged: readonly MapTree[], composing: Composing): MapTree {
  if (merged.length === 0) return own
  const entries = new Map(own.entries)
  for (const tree of merged) {
    composing.merged += tree.entries.size
    if (composing.merged > LIMITS.values) {
      flaw(composing, own.offset, `'<<' copies more than ${LIMITS.values} values in this document`)
      break
    }
    for (const [name, entry] of tree.entries) if (!entries.has(name)) entries.set(name, entry)
  }
  return mapOf(own.offset, entries)
}
