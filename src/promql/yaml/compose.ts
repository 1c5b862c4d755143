import type { MapNode, Pair, ScalarNode, YamlNode } from './node.ts'
import { NotYaml } from './reader.ts'
import { Scanner } from './scanner.ts'
import type { Token } from './token.ts'

/** The first document of a text: Prometheus decodes no other one. Undefined: there is none. @throws NotYaml */
export function compose(text: string): YamlNode | undefined {
  return new Composer(new Scanner(text)).document()
}

const CORE = 'tag:yaml.org,2002:'

/** An anchored node, once it is complete. */
interface Anchored {
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

/** From tokens to nodes: the productions of libyaml's parser. */
class Composer {
  readonly #scanner: Scanner
  readonly #anchors = new Map<string, Anchored>()
  readonly #handles = new Map([
    ['!', '!'],
    ['!!', CORE],
  ])

  constructor(scanner: Scanner) {
    this.#scanner = scanner
  }

  #is(...types: readonly Token['type'][]): boolean {
    return types.includes(this.#scanner.peek().type)
  }

  document(): YamlNode | undefined {
    if (this.#is('stream-end')) return undefined
    if (!this.#is('directive', 'document-start')) return this.#ended(this.#node(BLOCK))
    this.#directives()
    if (!this.#is('document-start')) throw new NotYaml(this.#scanner.peek().at, "behind %directives stands '---'")
    this.#scanner.next()
    const empty = this.#is('directive', 'document-start', 'document-end', 'stream-end')
    return this.#ended(empty ? nothing(this.#scanner.peek().at) : this.#node(BLOCK))
  }

  /** The end of a document is looked at, and nothing behind it. */
  #ended(node: YamlNode): YamlNode {
    if (this.#is('document-end')) this.#scanner.next()
    return node
  }

  #directives(): void {
    const given = new Set<string>()
    for (let token = this.#scanner.peek(); token.type === 'directive'; token = this.#scanner.peek()) {
      const { directive, at } = token
      const name = 'version' in directive ? '%YAML' : directive.handle
      if (given.has(name)) throw new NotYaml(at, `${name} stands here a second time`)
      given.add(name)
      if ('version' in directive) {
        if (directive.version !== '1.1') throw new NotYaml(at, 'Prometheus reads YAML 1.1 and needs no %YAML')
      } else this.#handles.set(directive.handle, directive.prefix)
      this.#scanner.next()
    }
  }

  #node(place: Place): YamlNode {
    const token = this.#scanner.peek()
    if (token.type === 'alias') return this.#alias(token)
    const properties = this.#properties()
    const node = this.#content(place, properties)
    if (properties.anchored) properties.anchored.node = node
    return node
  }

  #alias({ name, at }: Token & { readonly type: 'alias' | 'anchor' }): YamlNode {
    const anchored = this.#anchors.get(name)
    if (!anchored) throw new NotYaml(at, `there is no anchor '&${name}' above this alias`)
    this.#scanner.next()
    return { type: 'alias', offset: at, tag: '', name, of: () => anchored.node }
  }

  #properties(): Properties {
    const { at } = this.#scanner.peek()
    let tag = ''
    let anchored: Anchored | undefined
    let any = false
    // One of each, in any order.
    for (const type of this.#is('tag') ? (['tag', 'anchor'] as const) : (['anchor', 'tag'] as const)) {
      const token = this.#scanner.peek()
      if (token.type !== type) continue
      any = true
      if (token.type === 'tag') tag = this.#tag(token)
      else anchored = this.#anchor(token.name)
      this.#scanner.next()
    }
    return { at, tag, anchored, any }
  }

  #anchor(name: string): Anchored {
    const anchored: Anchored = {}
    this.#anchors.set(name, anchored)
    return anchored
  }

  /** `!!` for YAML's own; empty for `!`, which says nothing. */
  #tag({ tag: { handle, suffix }, at }: Token & { readonly type: 'tag' }): string {
    const prefix = handle === '' ? '' : this.#handles.get(handle)
    if (prefix === undefined) throw new NotYaml(at, `the tag handle '${handle}' is not known`)
    const whole = prefix + suffix
    if (whole === '!') return ''
    return whole.startsWith(CORE) ? `!!${whole.slice(CORE.length)}` : whole
  }

  #content(place: Place, { at, tag, any }: Properties): YamlNode {
    const token = this.#scanner.peek()
    const from = any && token.type !== 'scalar' ? at : token.at
    if (place.indentless && token.type === 'entry')
      return { type: 'list', offset: from, tag, items: this.#indentless() }
    if (token.type === 'scalar') {
      this.#scanner.next()
      return { type: 'scalar', offset: token.at, end: token.end, tag, value: token.value, style: token.style }
    }
    if (token.type === 'flow-list') return { type: 'list', offset: from, tag, items: this.#flowList() }
    if (token.type === 'flow-map') return { type: 'map', offset: from, tag, pairs: this.#flowMap() }
    if (place.block && token.type === 'block-list') return { type: 'list', offset: from, tag, items: this.#blockList() }
    if (place.block && token.type === 'block-map') return { type: 'map', offset: from, tag, pairs: this.#blockMap() }
    if (any) return { ...nothing(token.at), tag }
    throw new NotYaml(token.at, 'a value is expected here')
  }

  #indentless(): readonly YamlNode[] {
    const items: YamlNode[] = []
    while (this.#is('entry')) {
      const { at } = this.#scanner.next()
      items.push(this.#is('entry', 'key', 'value', 'block-end') ? nothing(at) : this.#node(BLOCK))
    }
    return items
  }

  #blockList(): readonly YamlNode[] {
    this.#scanner.next()
    const items: YamlNode[] = []
    while (this.#is('entry')) {
      const { at } = this.#scanner.next()
      items.push(this.#is('entry', 'block-end') ? nothing(at) : this.#node(BLOCK))
    }
    if (!this.#is('block-end')) throw new NotYaml(this.#scanner.peek().at, "here another '- ' of the list is expected")
    this.#scanner.next()
    return items
  }

  #blockMap(): readonly Pair[] {
    this.#scanner.next()
    const pairs: Pair[] = []
    while (this.#is('key', 'value')) pairs.push(this.#blockPair())
    if (!this.#is('block-end')) throw new NotYaml(this.#scanner.peek().at, 'here another key of the map is expected')
    this.#scanner.next()
    return pairs
  }

  #blockPair(): Pair {
    const { at } = this.#scanner.peek()
    if (!this.#is('key')) throw new NotYaml(at, 'here another key of the map is expected')
    this.#scanner.next()
    const key = this.#is('key', 'value', 'block-end') ? nothing(at) : this.#node(VALUE)
    if (!this.#is('value')) return { key, value: nothing(at) }
    this.#scanner.next()
    return { key, value: this.#is('key', 'value', 'block-end') ? nothing(at) : this.#node(VALUE) }
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

  #comma(message: string): void {
    if (!this.#is('comma')) throw new NotYaml(this.#scanner.peek().at, message)
    this.#scanner.next()
  }

  /** `[a: b]` is a list with a map in it. */
  #flowListPair(): MapNode {
    const { at } = this.#scanner.next()
    let key: YamlNode = nothing(at)
    // libyaml passes over the token that makes the key empty.
    if (this.#is('value', 'comma', 'flow-list-end')) this.#scanner.next()
    else key = this.#node(FLOW)
    let value: YamlNode = nothing(at)
    if (this.#is('value')) {
      this.#scanner.next()
      if (!this.#is('comma', 'flow-list-end')) value = this.#node(FLOW)
    }
    return { type: 'map', offset: at, tag: '', pairs: [{ key, value }] }
  }

  #flowMap(): readonly Pair[] {
    this.#scanner.next()
    const pairs: Pair[] = []
    while (!this.#is('flow-map-end')) {
      if (pairs.length > 0) this.#comma("',' or '}' is expected here")
      if (this.#is('flow-map-end')) break
      pairs.push(this.#flowPair())
    }
    this.#scanner.next()
    return pairs
  }

  #flowPair(): Pair {
    const { at } = this.#scanner.peek()
    if (!this.#is('key')) return { key: this.#node(FLOW), value: nothing(at) }
    this.#scanner.next()
    const key = this.#is('value', 'comma', 'flow-map-end') ? nothing(at) : this.#node(FLOW)
    if (!this.#is('value')) return { key, value: nothing(at) }
    this.#scanner.next()
    return { key, value: this.#is('comma', 'flow-map-end') ? nothing(at) : this.#node(FLOW) }
  }
}

const nothing = (offset: number): ScalarNode => ({
  type: 'scalar',
  offset,
  end: offset,
  tag: '',
  value: '',
  style: 'plain',
})
