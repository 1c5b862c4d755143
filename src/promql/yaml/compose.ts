import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar } from 'yaml'
import { LineTable } from '../../desired/line-table.ts'
import type { Flaw } from '../../desired/parse-yaml.ts'
import { composeDocuments, flawsOf } from '../../desired/parse-yaml.ts'
import type { MapNode, ScalarNode, YamlNode } from './node.ts'

export interface Composed {
  /** Of the first document; Prometheus decodes no other one. Undefined where it is empty. */
  readonly root: YamlNode | undefined
  readonly flaws: readonly Flaw[]
}

export function compose(text: string): Composed {
  const { documents, stopped } = composeDocuments(text)
  if (stopped) return { root: undefined, flaws: [stopped] }
  const [first] = documents
  if (!first) return { root: undefined, flaws: [] }
  const flaws = [...flawsOf(first, text, new LineTable(text))]
  const anchors = new Map<string, YamlNode | undefined>()
  const root = first.contents === null ? undefined : nodeOf(first.contents, { anchors, flaws })
  return { root, flaws }
}

interface Composing {
  /** What has an anchor so far; undefined while it is not complete. */
  readonly anchors: Map<string, YamlNode | undefined>
  readonly flaws: Flaw[]
}

function nodeOf(node: ParsedNode, composing: Composing): YamlNode {
  if (isAlias(node)) return aliasOf(node.source, node.range[0], composing)
  const anchor = node.anchor
  if (anchor !== undefined) composing.anchors.set(anchor, undefined)
  const made = withoutAnchor(node, composing)
  if (anchor !== undefined) composing.anchors.set(anchor, made)
  return made
}

function aliasOf(name: string, offset: number, { anchors, flaws }: Composing): YamlNode {
  if (!anchors.has(name)) flaws.push({ offset, message: `there is no anchor '&${name}' above this`, severity: 'error' })
  const now = anchors.get(name)
  return { type: 'alias', offset, tag: '', name, of: () => now }
}

function withoutAnchor(node: ParsedNode, composing: Composing): YamlNode {
  const offset = node.range[0]
  const tag = shortTag(node.tag)
  if (isMap(node)) return { type: 'map', offset, tag, pairs: pairsOf(node.items, composing, offset) }
  if (isSeq(node)) return { type: 'list', offset, tag, items: node.items.map((item) => nodeOf(item, composing)) }
  return isScalar(node) ? scalarOf(node, tag) : nothing(offset)
}

interface WrittenPair {
  readonly key: ParsedNode
  readonly value: ParsedNode | null
}

function pairsOf(items: readonly WrittenPair[], composing: Composing, offset: number): MapNode['pairs'] {
  return items.map(({ key, value }) => {
    const made = nodeOf(key, composing)
    return { key: made, value: value ? nodeOf(value, composing) : nothing(made.offset ?? offset) }
  })
}

const nothing = (offset: number): ScalarNode => ({
  type: 'scalar',
  offset,
  end: offset,
  tag: '',
  value: '',
  style: 'plain',
})

const STYLES: Readonly<Record<string, ScalarNode['style']>> = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
}

function scalarOf(node: Scalar.Parsed, tag: string): ScalarNode {
  const [offset, end] = node.range
  return { type: 'scalar', offset, end, tag, value: node.source, style: STYLES[node.type ?? ''] ?? 'plain' }
}

const YAML = 'tag:yaml.org,2002:'

const shortTag = (tag: string | undefined): string =>
  tag?.startsWith(YAML) ? `!!${tag.slice(YAML.length)}` : tag === '!' ? '' : (tag ?? '')
