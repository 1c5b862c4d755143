import { decodeText } from '../../desired/decode.ts'
import { LIMITS } from '../../desired/limits.ts'
import { LineTable } from '../../desired/line-table.ts'
import { quote } from '../../desired/quote.ts'
import { isMerge, type YamlAlias, type YamlMap, type YamlNode, type YamlScalar } from '../../yaml/node.ts'
import { type ParsedYaml, type ParseOptions, parseYaml } from '../../yaml/parse-yaml.ts'
import { YamlError } from '../../yaml/yaml-error.ts'
import type { Entry, MapNode, Node, Scalar } from './node.ts'
import { resolveScalar } from './resolve-scalar.ts'

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
  const parsed = tryParse(text)
  if ('offset' in parsed) return failed(text, parsed)
  const lines = new LineTable(text)
  const reading: Reading = { anchored: new Map(), sizes: new Map(), flaws: [], lines, decoded: 0, aliased: 0 }
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

const { depth, tokens } = LIMITS
// The mark that says how the file is encoded is taken off.
const YAML: ParseOptions = { program: 'Docker', mark: false, depth, tokens }

function tryParse(text: string): ParsedYaml | YamlFlaw {
  try {
    return parseYaml(text, YAML)
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

interface Reading {
  /** `open`: the anchored thing is not complete yet; an alias to it would contain itself. */
  readonly anchored: Map<YamlNode, Node | 'open'>
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

function nodeOf(written: YamlNode, reading: Reading): Node {
  if (written.type === 'alias') return aliased(written, reading)
  const { anchor } = written
  if (anchor !== '') reading.anchored.set(written, 'open')
  reading.decoded++
  const node = withoutAnchor(written, reading)
  if (anchor !== '') reading.anchored.set(written, node)
  return node
}

function withoutAnchor(written: Exclude<YamlNode, YamlAlias>, reading: Reading): Node {
  if (written.type === 'map') return mapOf(written, reading)
  if (written.type === 'scalar') return scalarOf(written, reading)
  const items = written.items.map((item) => nodeOf(item, reading))
  return counted({ type: 'list', start: written.offset, items }, items, reading)
}

function scalarOf(written: YamlScalar, reading: Reading): Node {
  const { offset, end } = written
  const resolved = resolveScalar(written)
  if (!resolved) flaw(reading, offset, `${quote(written.value)} is not what its tag says`)
  return { type: 'scalar', start: offset, end, value: resolved?.value ?? null }
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

function aliased({ name, of, offset, end }: YamlAlias, reading: Reading): Node {
  const nothing: Node = { type: 'scalar', start: offset, end, value: null }
  const target = of()
  const node = target && reading.anchored.get(target)
  if (node === undefined || node === 'open') {
    flaw(reading, offset, `the alias ${quote(`*${name}`)} stands inside the thing that it names`)
    return nothing
  }
  const size = reading.sizes.get(node) ?? 1
  reading.decoded += 1 + size
  reading.aliased += size
  if (!tooManyAliases(reading)) return node
  flaw(reading, offset, 'the file is almost nothing but what its aliases stand for')
  return nothing
}

function mapOf(written: YamlMap, reading: Reading): MapNode {
  const entries = new Map<string, Entry>()
  const merged: MapNode[] = []
  let merge: number | undefined
  for (const pair of written.pairs) {
    const key = keyOf(pair.key, reading)
    const value = nodeOf(pair.value, reading)
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
    { type: 'map', start: written.offset, entries: all },
    [...all.values()].map((entry) => entry.value),
    reading,
  )
}

interface Key {
  readonly text: string
  readonly offset: number
  readonly merge: boolean
}

function keyOf(written: YamlNode, reading: Reading): Key {
  const node = nodeOf(written, reading)
  const { offset } = written
  if (node.type === 'scalar' && typeof node.value === 'string') {
    return { text: node.value, offset, merge: isMerge(written) }
  }
  flaw(
    reading,
    offset,
    `a key must be a text${node.type === 'scalar' ? `, not ${typeWord(node.value)}: quote it` : ''}`,
  )
  return { text: `\0${offset}`, offset, merge: false }
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
