import type { LineTable } from '../desired/line-table.ts'
import { segmentsOf } from '../lib/json-pointer.ts'
import type { Position, Problem } from '../model/problem.ts'
import type { Entry, Node } from './yaml/node.ts'

/** A compose file that was read. */
export interface ComposeSource {
  readonly path: string
  readonly lines: LineTable
  readonly root: Node
}

/** Where the value at a pointer was written: the key of it, the value, or what is nearest above it. */
export function findIn(
  root: Node,
  pointer: string,
): { readonly key: number; readonly node: Node; readonly depth: number } {
  let node = root
  let key = root.start
  let depth = 0
  for (const segment of segmentsOf(pointer)) {
    const next = step(node, segment)
    if (!next) break
    key = next.key
    node = next.value
    depth++
  }
  return { key, node, depth }
}

function step(node: Node, segment: string): Entry | undefined {
  if (node.type === 'map') return node.entries.get(segment)
  const item = node.type === 'list' && /^\d+$/.test(segment) ? node.items[Number(segment)] : undefined
  return item && { key: item.start, value: item }
}

export function positionAt(source: Pick<ComposeSource, 'path' | 'lines'>, offset: number): Position {
  return { path: source.path, ...source.lines.place(offset) }
}

/**
 * Where a value of the merged files comes from: the file that says the most about it, and of those the last, which is
 * the one that Docker's merge lets win.
 */
export function originOf(sources: readonly ComposeSource[], pointer: string): Position {
  let best: { readonly source: ComposeSource; readonly key: number; readonly depth: number } | undefined
  for (const source of sources) {
    const found = findIn(source.root, pointer)
    if (!best || found.depth >= best.depth) best = { source, ...found }
  }
  return best ? positionAt(best.source, best.key) : { path: '', line: 1, column: 1 }
}

/** An item of a list that a merge makes by putting the lists of all files behind each other. */
export function itemAt(sources: readonly ComposeSource[], pointer: string, index: number): Position | undefined {
  let before = 0
  for (const source of sources) {
    const { node, depth } = findIn(source.root, pointer)
    const items = node.type === 'list' && depth === segmentsOf(pointer).length ? node.items : []
    const item = items[index - before]
    if (item) return positionAt(source, item.start)
    before += items.length
  }
  return undefined
}

/** A problem of one file. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly offset: number
  readonly pointer: string
  readonly message: string
}

export function toProblem(source: Pick<ComposeSource, 'path' | 'lines'>, finding: Finding): Problem {
  const { severity, pointer, message } = finding
  return { severity, position: positionAt(source, finding.offset), pointer, message }
}
