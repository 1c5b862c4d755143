import type { Position } from '../model/problem.ts'
import { LineTable } from './line-table.ts'

/**
 * What a YAML document says, with where each value stands. Trees are shared, between anchors and aliases and between
 * revisions (the parse cache), and never changed.
 */
export type Tree = ScalarTree | MapTree | ListTree

export type Scalar = string | number | boolean | null

interface Written {
  /** Where it begins in its file: UTF-16 units from 0. */
  readonly offset: number
  /** Values in it, itself counted; what an alias stands for counts each time. */
  readonly weight: number
  /** There is a dollar in a text of it. */
  readonly dollars: boolean
}

export interface ScalarTree extends Written {
  readonly type: 'scalar'
  readonly value: Scalar
  /** As it was written, without quotes: `1.10`, where the value is the number 1.1. */
  readonly text: string
  /** Without quotes: YAML decides what type it has. */
  readonly plain: boolean
}

export interface MapTree extends Written {
  readonly type: 'map'
  readonly entries: ReadonlyMap<string, Entry>
}

export interface ListTree extends Written {
  readonly type: 'list'
  readonly items: readonly Item[]
}

export interface Item {
  readonly value: Tree
  /** The file that it was written in, where that is another one than its surroundings' (`extends`). */
  readonly from?: SourceFile
}

export interface Entry extends Item {
  /** Offset of the key. */
  readonly key: number
}

export interface SourceFile {
  readonly path: string
  readonly lines: LineTable
}

/** A tree, and the file that it is from. */
export interface Rooted {
  readonly tree: Tree
  readonly file: SourceFile
}

const NOWHERE: SourceFile = { path: '', lines: new LineTable('') }

export function mapOf(offset: number, entries: ReadonlyMap<string, Entry>): MapTree {
  return { type: 'map', offset, entries, ...sum([...entries.values()]) }
}

export function listOf(offset: number, items: readonly Item[]): ListTree {
  return { type: 'list', offset, items, ...sum(items) }
}

function sum(items: readonly Item[]): { readonly weight: number; readonly dollars: boolean } {
  let weight = 1
  let dollars = false
  for (const { value } of items) {
    weight += value.weight
    dollars ||= value.dollars
  }
  return { weight, dollars }
}

/** The plain value: strings, numbers, booleans, null, lists and objects. */
export function toPlain(tree: Tree): unknown {
  if (tree.type === 'scalar') return tree.value
  if (tree.type === 'list') return tree.items.map((item) => toPlain(item.value))
  const value: Record<string, unknown> = {}
  for (const [key, entry] of tree.entries) value[key] = toPlain(entry.value)
  return value
}

/** The tree at a JSON pointer, or what is nearest above it. */
function find(root: Rooted, pointer: string): Rooted & { readonly key?: number; readonly exact: boolean } {
  let here: Rooted & { readonly key?: number } = root
  for (const segment of segmentsOf(pointer)) {
    const next = stepInto(here, segment)
    if (!next) return { ...here, exact: false }
    here = next
  }
  return { ...here, exact: true }
}

function stepInto(here: Rooted, segment: string): (Rooted & { readonly key?: number }) | undefined {
  const { tree, file } = here
  if (tree.type === 'map') {
    const entry = tree.entries.get(segment)
    return entry && { tree: entry.value, file: entry.from ?? file, key: entry.key }
  }
  const item = tree.type === 'list' && /^\d+$/.test(segment) ? tree.items[Number(segment)] : undefined
  return item && { tree: item.value, file: item.from ?? file }
}

export function findTree(tree: Tree, pointer: string): Tree | undefined {
  const found = find({ tree, file: NOWHERE }, pointer)
  return found.exact ? found.tree : undefined
}

/** Where the value at a pointer stands; `key`: its key, where it has one. */
export function positionIn(root: Rooted, pointer: string, what: 'value' | 'key' = 'value'): Position {
  const found = find(root, pointer)
  const offset = what === 'key' && found.exact ? (found.key ?? found.tree.offset) : found.tree.offset
  return positionAt(found.file, offset)
}

export function positionAt(file: SourceFile, offset: number): Position {
  return { path: file.path, ...file.lines.place(offset) }
}

function segmentsOf(pointer: string): readonly string[] {
  const segments = pointer.split('/').slice(1)
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The value of a text at the top of a document: `kind`, `name`, `extends`. */
export function textAt(tree: Tree, key: string): string | undefined {
  const value = tree.type === 'map' ? tree.entries.get(key)?.value : undefined
  return value?.type === 'scalar' && typeof value.value === 'string' ? value.value : undefined
}
