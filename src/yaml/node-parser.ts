import type { YamlAlias, YamlList, YamlMap, YamlNode, YamlPair, YamlScalar } from './node.ts'
import type { Scanner } from './scanner.ts'
import type { TagHandles } from './tag-handles.ts'
import type { Token } from './token.ts'
import { YamlError } from './yaml-error.ts'

/** An anchored node, once it is complete. */
interface Anchored {
  readonly anchor: string
  node?: YamlNode
}

interface Properties {
  readonly at: number
  readonly tag: string
  readonly anchored: Anchored | undefined
  /** There is a tag or an anchor: nothing behind it is an empty value then. */
  readonly any: boolean
}

/** What may come where a node is expected. */
interface Place {
  readonly block: boolean
  /** A list may begin at the column of the key that it is the value of. */
  readonly indentless: boolean
}

const BLOCK: Place = { block: true, indentless: false }
const VALUE: Place = { block: true, indentless: true }
const FLOW: Place = { block: false, indentless: false }

interface Context {
  readonly tags: TagHandles
  /** The most collections inside each other. */
  readonly depth: number
}

/** From tokens to nodes: the productions of libyaml's parser. */
export class NodeParser {
  readonly #scanner: Scanner
  readonly #context: Context
  readonly #anchors = new Map<string, Anchored>()
  #depth = 0

  constructor(scanner: Scanner, context: Context) {
    this.#scanner = scanner
    this.#context = context
  }

  /** @throws YamlError */
  root(): YamlNode {
    return this.#node(BLOCK)
  }

  #is(...types: readonly Token['type'][]): boolean {
    return types.includes(this.#scanner.peek().type)
  }

  #node(place: Place): YamlNode {
    const token = this.#scanner.peek()
    if (token.type === 'alias') return this.#alias(token)
    const { depth } = this.#context
    if (this.#depth > depth) throw new YamlError(token.at, `nested deeper than ${depth} levels`)
    this.#depth++
    const properties = this.#properties()
    const node = this.#content(place, properties)
    if (properties.anchored) properties.anchored.node = node
    this.#depth--
    return node
  }

  #alias({ name, at, end }: Token & { readonly type: 'alias' | 'anchor' }): YamlAlias {
    const anchored = this.#anchors.get(name)
    if (!anchored) throw new YamlError(at, `there is no anchor '&${name}' above this alias`)
    this.#scanner.next()
    return { type: 'alias', offset: at, end, tag: '', name, of: () => anchored.node }
  }

  /** One tag and one anchor, in any order. */
  #properties(): Properties {
    const { at } = this.#scanner.peek()
    let tag: string | undefined
    let anchored: Anchored | undefined
    while (true) {
      const token = this.#scanner.peek()
      if (token.type === 'tag' && tag === undefined) tag = this.#context.tags.expand(token.tag, token.at)
      else if (token.type === 'anchor' && !anchored) anchored = this.#anchor(token.name)
      else return { at, tag: tag ?? '', anchored, any: tag !== undefined || anchored !== undefined }
      this.#scanner.next()
    }
  }

  #anchor(anchor: string): Anchored {
    const anchored: Anchored = { anchor }
    this.#anchors.set(anchor, anchored)
    return anchored
  }

  #content(place: Place, { at, tag, anchored, any }: Properties): YamlNode {
    const token = this.#scanner.peek()
    const written = { tag, anchor: anchored?.anchor ?? '' }
    if (token.type === 'scalar') {
      this.#scanner.next()
      const { value, style, end } = token
      return { type: 'scalar', offset: token.at, end, ...written, value, style }
    }
    const items = this.#items(place)
    if (items) return { type: 'list', offset: at, ...written, items }
    const pairs = this.#pairs(place)
    if (pairs) return { type: 'map', offset: at, ...written, pairs }
    if (any) return { ...emptyScalar(token.at), ...written }
    throw new YamlError(token.at, VALUE_MISSING)
  }

  #items({ block, indentless }: Place): YamlList['items'] | undefined {
    if (indentless && this.#is('entry')) return this.#indentless()
    if (this.#is('flow-list')) return this.#flowList()
    return block && this.#is('block-list') ? this.#blockList() : undefined
  }

  #pairs({ block }: Place): YamlMap['pairs'] | undefined {
    if (this.#is('flow-map')) return this.#flowMap()
    return block && this.#is('block-map') ? this.#blockMap() : undefined
  }

  /** What stands here, or nothing, behind a sign and before one of these. */
  #nodeUnless(ends: readonly Token['type'][], place: Place): YamlNode {
    const { end } = this.#scanner.next()
    return this.#is(...ends) ? emptyScalar(end) : this.#node(place)
  }

  #nothing(): YamlScalar {
    return emptyScalar(this.#scanner.peek().at)
  }

  #blockEnd(otherwise: string): void {
    if (!this.#is('block-end')) throw new YamlError(this.#scanner.peek().at, otherwise)
    this.#scanner.next()
  }

  #indentless(): readonly YamlNode[] {
    const items: YamlNode[] = []
    while (this.#is('entry')) items.push(this.#nodeUnless(['entry', 'key', 'value', 'block-end'], BLOCK))
    return items
  }

  #blockList(): readonly YamlNode[] {
    this.#scanner.next()
    const items: YamlNode[] = []
    while (this.#is('entry')) items.push(this.#nodeUnless(['entry', 'block-end'], BLOCK))
    this.#blockEnd("here another '- ' of the list is expected")
    return items
  }

  #blockMap(): readonly YamlPair[] {
    this.#scanner.next()
    const pairs: YamlPair[] = []
    while (this.#is('key')) {
      const key = this.#nodeUnless(BLOCK_PARTS, VALUE)
      pairs.push({ key, value: this.#is('value') ? this.#nodeUnless(BLOCK_PARTS, VALUE) : this.#nothing() })
    }
    this.#blockEnd(KEY_MISSING)
    return pairs
  }

  #flowList(): readonly YamlNode[] {
    this.#scanner.next()
    const items: YamlNode[] = []
    while (!this.#is('flow-list-end')) {
      if (items.length > 0) this.#comma("',' or ']' is expected here")
      if (this.#is('flow-list-end')) break
      items.push(this.#is('key') ? this.#flowListPair() : this.#node(FLOW))
    }
    this.#scanner.next()
    return items
  }

  #comma(otherwise: string): void {
    if (!this.#is('comma')) throw new YamlError(this.#scanner.peek().at, otherwise)
    this.#scanner.next()
  }

  /** `[a: b]` is a list with a map in it. */
  #flowListPair(): YamlMap {
    const { at, end } = this.#scanner.next()
    const empty = this.#is('value', 'comma', 'flow-list-end')
    const key = empty ? emptyScalar(end) : this.#node(FLOW)
    // libyaml passes over the token that makes the key empty.
    if (empty) this.#scanner.next()
    return { type: 'map', offset: at, tag: '', anchor: '', pairs: [{ key, value: this.#flowValue('flow-list-end') }] }
  }

  #flowMap(): readonly YamlPair[] {
    this.#scanner.next()
    const pairs: YamlPair[] = []
    while (!this.#is('flow-map-end')) {
      if (pairs.length > 0) this.#comma("',' or '}' is expected here")
      if (this.#is('flow-map-end')) break
      pairs.push(this.#flowPair())
    }
    this.#scanner.next()
    return pairs
  }

  #flowPair(): YamlPair {
    if (!this.#is('key')) return { key: this.#node(FLOW), value: this.#nothing() }
    const key = this.#nodeUnless(['value', 'comma', 'flow-map-end'], FLOW)
    return { key, value: this.#flowValue('flow-map-end') }
  }

  #flowValue(close: 'flow-list-end' | 'flow-map-end'): YamlNode {
    return this.#is('value') ? this.#nodeUnless(['comma', close], FLOW) : this.#nothing()
  }
}

const BLOCK_PARTS = ['key', 'value', 'block-end'] as const
const VALUE_MISSING = 'a value is expected here; a text with special characters needs quotes'
const KEY_MISSING = "here another key of the map is expected; is the indentation right, and the ': '?"

/** What stands where nothing is written: null. */
export const emptyScalar = (offset: number): YamlScalar => ({
  type: 'scalar',
  offset,
  end: offset,
  tag: '',
  anchor: '',
  value: '',
  style: 'plain',
})
