import { decodeText } from '../../desired/decode.ts'
import { LIMITS } from '../../desired/limits.ts'
import { LineTable } from '../../desired/line-table.ts'
import { quote } from '../../desired/quote.ts'
import type { Entry, MapNode, Node, Scalar } from './node.ts'
import {
  type ParsedYaml,
  parseWritten,
  type Written,
  type WrittenAlias,
  type WrittenMap,
  type WrittenScalar,
} from './parser.ts'
import { resolveScalar } from './resolve-scalar.ts'
import { YamlError } from './token.ts'

interface YamlFlaw {
  readonly offset: number
  readonly message: string
}

export interface ReadYaml {
  readonly lines: LineTable
  readonly text: string
  /** Of the first document; Docker reads no other. Undefined where there is none. */
  readonly root: Node | undefined
  readonly flaws: readonly YamlFlaw[]
  /** Where what Docker does not look at begins: anything behind the first document. */
  readonly rest: number | undefined
}

/** YAML as the docker CLI reads it (go-yaml v3), the first document only. Never throws, whatever the bytes. */
export function readYaml(content: Uint8Array): ReadYaml {
  const decoded = decodeText(asUtf8(content))
  if ('refused' in decoded) return failed('', { offset: 0, message: decoded.refused })
  const { text } = decoded
  const control = text.search(NOT_PRINTABLE)
  if (control >= 0) return failed(text, { offset: control, message: 'control characters are not allowed' })
  const parsed = tryParse(text)
  if ('offset' in parsed) return failed(text, parsed)
  const lines = new LineTable(text)
  const reading: Reading = { anchors: new Map(), sizes: new Map(), flaws: [], lines, decoded: 0, aliased: 0 }
  const root = parsed.root && nodeOf(parsed.root, reading)
  return { lines, text, root, flaws: reading.flaws, rest: parsed.rest }
}

/** What editors of Windows call Unicode: UTF-16, which go-yaml knows by its byte order mark. */
function asUtf8(content: Uint8Array): Uint8Array {
  const mark = (content[0] ?? 0) * 256 + (content[1] ?? 0)
  if (mark !== 0xfeff && mark !== 0xfffe) return content
  try {
    const text = new TextDecoder(mark === 0xfeff ? 'utf-16be' : 'utf-16le', { fatal: true }).decode(content)
    return Buffer.from(text)
  } catch {
    return content
  }
}

function tryParse(text: string): ParsedYaml | YamlFlaw {
  try {
    return parseWritten(text)
  } catch (error) {
    if (error instanceof YamlError) return { offset: error.offset, message: error.message }
    throw error
  }
}

const failed = (text: string, flaw: YamlFlaw): ReadYaml => ({
  lines: new LineTable(text),
  text,
  root: undefined,
  flaws: [flaw],
  rest: undefined,
})

/** What libyaml's reader refuses. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_PRINTABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/

interface Reading {
  /** `open`: the anchored thing is not complete yet; an alias to it would contain itself. */
  readonly anchors: Map<string, Node | 'open'>
  /** Values in a node, itself counted; what an alias stands for counts each time. */
  readonly sizes: Map<Node, number>
  readonly flaws: YamlFlaw[]
  readonly lines: LineTable
  /** Values decoded so far, and those of them below an alias, as go-yaml counts them. */
  decoded: number
  aliased: number
}

function flaw(reading: Reading, offset: number, message: string): void {
  if (reading.flaws.length < LIMITS.problems) reading.flaws.push({ offset, message })
}

function nodeOf(written: Written, reading: Reading): Node {
  if (written.type === 'alias') return aliased(written, reading)
  const { anchor } = written
  if (anchor !== undefined) reading.anchors.set(anchor, 'open')
  reading.decoded++
  const node = withoutAnchor(written, reading)
  if (anchor !== undefined) reading.anchors.set(anchor, node)
  return node
}

function withoutAnchor(written: Exclude<Written, WrittenAlias>, reading: Reading): Node {
  if (written.type === 'map') return mapOf(written, reading)
  if (written.type === 'scalar') return scalarOf(written, reading)
  const { start, end } = written
  const items = written.items.map((item) => nodeOf(item, reading))
  return counted({ type: 'list', start, end, items }, items, reading)
}

function scalarOf(written: WrittenScalar, reading: Reading): Node {
  const { start, end } = written
  const resolved = resolveScalar(written)
  if (!resolved) flaw(reading, start, `${quote(written.text)} is not what its tag says`)
  return { type: 'scalar', start, end, value: resolved?.value ?? null }
}

/** Remembers how much is in a node, and stops what an alias bomb would make of it. */
function counted<T extends Node>(node: T, inside: readonly Node[], reading: Reading): T {
  const size = inside.reduce((sum, one) => sum + (reading.sizes.get(one) ?? 1), 1)
  reading.sizes.set(node, size)
  if (size > LIMITS.values) {
    flaw(reading, node.start, `this has more than ${LIMITS.values} values once its aliases are followed`)
    reading.sizes.set(node, 1)
    return { ...node, ...(node.type === 'list' ? { items: [] } : { entries: new Map() }) }
  }
  return node
}

/** Shares of a document that may come out of aliases (go-yaml decode.go): all but little, of a large one a tenth. */
function tooManyAliases({ decoded, aliased }: Reading): boolean {
  const [low, high] = [400_000, 4_000_000]
  const share = Math.min(1, Math.max(0, (decoded - low) / (high - low)))
  return aliased > 100 && decoded > 1000 && aliased / decoded > 0.99 - 0.89 * share
}

function aliased({ name, start, end }: WrittenAlias, reading: Reading): Node {
  const nothing: Node = { type: 'scalar', start, end, value: null }
  const node = reading.anchors.get(name)
  if (node === undefined) flaw(reading, start, `there is no anchor ${quote(`&${name}`)} above this alias`)
  if (node === 'open') flaw(reading, start, `the alias ${quote(`*${name}`)} stands inside the thing that it names`)
  if (node === undefined || node === 'open') return nothing
  const size = reading.sizes.get(node) ?? 1
  reading.decoded += 1 + size
  reading.aliased += size
  if (!tooManyAliases(reading)) return node
  flaw(reading, start, 'the file is almost nothing but what its aliases stand for')
  return nothing
}

function mapOf(written: WrittenMap, reading: Reading): MapNode {
  const { start, end } = written
  const entries = new Map<string, Entry>()
  const merged: MapNode[] = []
  let merge: number | undefined
  for (const [writtenKey, writtenValue] of written.pairs) {
    const key = keyOf(writtenKey, reading)
    const value = nodeOf(writtenValue, reading)
    const first = key.merge ? merge : entries.get(key.text)?.key
    if (first !== undefined) twice(key, first, reading)
    else if (!key.merge) entries.set(key.text, { key: key.offset, value })
    else {
      merge = key.offset
      merged.push(...mergedMaps(value, reading))
    }
  }
  const all = withMerged(entries, merged)
  return counted(
    { type: 'map', start, end, entries: all },
    [...all.values()].map((entry) => entry.value),
    reading,
  )
}

interface Key {
  readonly text: string
  readonly offset: number
  readonly merge: boolean
}

function keyOf(written: Written, reading: Reading): Key {
  const node = nodeOf(written, reading)
  const offset = written.start
  if (node.type === 'scalar' && typeof node.value === 'string') {
    return { text: node.value, offset, merge: node.value === '<<' && isMerge(written) }
  }
  flaw(
    reading,
    offset,
    `a key must be a text${node.type === 'scalar' ? `, not ${typeWord(node.value)}: quote it` : ''}`,
  )
  return { text: `\0${offset}`, offset, merge: false }
}

/** `<<`, or whatever quotes it stands in where its tag says so. */
function isMerge(written: Written): boolean {
  if (written.type !== 'scalar') return false
  const { plain, tag } = written
  return tag === 'tag:yaml.org,2002:merge' || (plain && (tag === undefined || tag === '!'))
}

function typeWord(value: Scalar): string {
  if (value === null) return 'nothing'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'object' && value.go === 'time' ? 'a date' : 'a number'
}

function twice(key: Key, first: number, reading: Reading): void {
  const { line, column } = reading.lines.place(first)
  flaw(reading, key.offset, `the key ${quote(key.text)} stands here twice; the first is at ${line}:${column}`)
}

function mergedMaps(value: Node, reading: Reading): readonly MapNode[] {
  const nodes = value.type === 'list' ? value.items : [value]
  return nodes.flatMap((node) => {
    if (node.type === 'map') return [node]
    flaw(reading, value.start, "'<<' takes a map, or a list of maps")
    return []
  })
}

/** Own keys win over merged ones, and earlier merged maps over later ones. */
function withMerged(own: ReadonlyMap<string, Entry>, merged: readonly MapNode[]): ReadonlyMap<string, Entry> {
  const entries = new Map(own)
  for (const map of merged) for (const [key, entry] of map.entries) if (!entries.has(key)) entries.set(key, entry)
  return entries
}
