import { LIMITS } from '../../desired/limits.ts'
import { Scanner } from './scanner.ts'
import { type Mark, type Token, YamlError } from './token.ts'

/** What stands in a YAML file, before aliases are followed. */
export type Written = WrittenScalar | WrittenAlias | WrittenMap | WrittenList

interface Base {
  readonly start: number
  readonly end: number
}

export interface WrittenScalar extends Base {
  readonly type: 'scalar'
  readonly text: string
  readonly plain: boolean
  readonly tag: string | undefined
  readonly anchor: string | undefined
}

export interface WrittenAlias extends Base {
  readonly type: 'alias'
  readonly name: string
}

export interface WrittenMap extends Base {
  readonly type: 'map'
  readonly pairs: readonly (readonly [Written, Written])[]
  readonly anchor: string | undefined
}

interface WrittenList extends Base {
  readonly type: 'list'
  readonly items: readonly Written[]
  readonly anchor: string | undefined
}

export interface ParsedYaml {
  /** Of the first document; undefined where there is nothing at all. */
  readonly root: Written | undefined
  /** Where something stands behind the first document: Docker does not look at it. */
  readonly rest: number | undefined
}

/** The first document of a file, by the grammar of libyaml. @throws YamlError */
export function parseWritten(text: string): ParsedYaml {
  return new DocumentParser(new Scanner(text)).parse()
}

class DocumentParser {
  readonly #scanner: Scanner
  readonly #handles = new Map<string, string>()
  #depth = 0
  #versioned = false

  constructor(scanner: Scanner) {
    this.#scanner = scanner
  }

  parse(): ParsedYaml {
    const explicit = this.#directives()
    if (!explicit && this.#at('stream-end')) return { root: undefined, rest: undefined }
    const empty = explicit && this.#at('document-start', 'document-end', 'stream-end', 'version', 'tag-directive')
    const root = empty ? this.#nothing() : this.#node(true, false)
    const next = this.#scanner.peek()
    if (next.type === 'document-end') this.#scanner.next()
    const after = this.#scanner.peek()
    return { root, rest: after.type === 'stream-end' ? undefined : after.start }
  }

  /** Is there a `---`? */
  #directives(): boolean {
    let seen = false
    while (this.#at('version', 'tag-directive')) {
      this.#directive(this.#scanner.next())
      seen = true
    }
    if (!this.#handles.has('!')) this.#handles.set('!', '!')
    if (!this.#handles.has('!!')) this.#handles.set('!!', 'tag:yaml.org,2002:')
    if (this.#at('document-start')) {
      this.#scanner.next()
      return true
    }
    if (seen) throw new YamlError(this.#scanner.peek().start, "a '%' line is followed by '---'")
    return false
  }

  #directive(token: Token): void {
    if (token.type === 'version' && token.version !== '1.1') {
      throw new YamlError(token.start, `Docker reads YAML 1.1, not ${token.version}: leave the line out`)
    }
    if (token.type === 'version') this.#version(token.start)
    if (token.type !== 'tag-directive') return
    if (this.#handles.has(token.handle)) throw new YamlError(token.start, `'${token.handle}' is named twice`)
    this.#handles.set(token.handle, token.prefix)
  }

  #version(start: number): void {
    if (this.#versioned) throw new YamlError(start, 'the version is said twice')
    this.#versioned = true
  }

  #at(...types: readonly Token['type'][]): boolean {
    return types.includes(this.#scanner.peek().type)
  }

  #nothing(start = this.#scanner.peek().start): WrittenScalar {
    return { type: 'scalar', text: '', plain: true, tag: undefined, anchor: undefined, start, end: start }
  }

  #node(block: boolean, indentless: boolean): Written {
    if (this.#depth > LIMITS.depth) {
      throw new YamlError(this.#scanner.peek().start, `nested deeper than ${LIMITS.depth} levels`)
    }
    this.#depth++
    const node = this.#nodeInside(block, indentless)
    this.#depth--
    return node
  }

  #nodeInside(block: boolean, indentless: boolean): Written {
    const first = this.#scanner.peek()
    if (first.type === 'alias') {
      this.#scanner.next()
      return { type: 'alias', name: first.name, start: first.start, end: first.end }
    }
    const { tag, anchor } = this.#properties()
    const token = this.#scanner.peek()
    const { start } = token
    if (token.type === 'scalar') {
      this.#scanner.next()
      return { type: 'scalar', text: token.text, plain: token.plain, tag, anchor, start, end: token.end }
    }
    if (indentless && token.type === '-') return this.#indentlessList(anchor)
    if (token.type === '[') return this.#flowList(anchor)
    if (token.type === '{') return this.#flowMap(anchor)
    if (block && token.type === 'block-sequence') return this.#blockList(anchor)
    if (block && token.type === 'block-mapping') return this.#blockMap(anchor)
    if (tag !== undefined || anchor !== undefined) {
      return { type: 'scalar', text: '', plain: true, tag, anchor, start: first.start, end: start }
    }
    throw new YamlError(start, 'a value is missing here; a text with special characters needs quotes')
  }

  #properties(): { readonly tag: string | undefined; readonly anchor: string | undefined } {
    let tag: string | undefined
    let anchor: string | undefined
    for (let turn = 0; turn < 2; turn++) {
      const token = this.#scanner.peek()
      if (token.type === 'anchor' && anchor === undefined) anchor = token.name
      else if (token.type === 'tag' && tag === undefined) tag = this.#tagOf(token.handle, token.suffix, token.start)
      else break
      this.#scanner.next()
    }
    return { tag, anchor }
  }

  #tagOf(handle: string, suffix: string, start: number): string {
    if (handle === '') return suffix
    const prefix = this.#handles.get(handle)
    if (prefix === undefined)
      throw new YamlError(start, `the tag '${handle}${suffix}' is not known; a text that begins with '!' needs quotes`)
    return prefix + suffix
  }

  #blockList(anchor: string | undefined): WrittenList {
    const { start } = this.#scanner.next()
    const items: Written[] = []
    while (this.#at('-')) {
      const { end } = this.#scanner.next()
      items.push(this.#at('-', 'block-end') ? this.#nothing(end) : this.#node(true, false))
    }
    return { type: 'list', items, anchor, start, end: this.#end("an item begins with '- ' here, as those before it") }
  }

  /** The list of a key that stands at the same column as the key. */
  #indentlessList(anchor: string | undefined): WrittenList {
    const { start } = this.#scanner.peek()
    const items: Written[] = []
    while (this.#at('-')) {
      const { end } = this.#scanner.next()
      items.push(this.#at('-', 'key', 'value', 'block-end') ? this.#nothing(end) : this.#node(true, false))
    }
    return { type: 'list', items, anchor, start, end: this.#scanner.peek().start }
  }

  #blockMap(anchor: string | undefined): WrittenMap {
    const { start } = this.#scanner.next()
    const pairs: (readonly [Written, Written])[] = []
    while (this.#at('key', 'value')) {
      const key = this.#blockPart('key')
      pairs.push([key, this.#blockPart('value')])
    }
    return {
      type: 'map',
      pairs,
      anchor,
      start,
      end: this.#end("a key, or the end of the map, is missing here; is the indentation right, and the ': '?"),
    }
  }

  #blockPart(part: 'key' | 'value'): Written {
    if (!this.#at(part)) return this.#nothing()
    const { end } = this.#scanner.next()
    return this.#at('key', 'value', 'block-end') ? this.#nothing(end) : this.#node(true, true)
  }

  /** Over the end of a block collection. */
  #end(otherwise: string): number {
    const token = this.#scanner.peek()
    if (token.type !== 'block-end') throw new YamlError(token.start, otherwise)
    return this.#scanner.next().start
  }

  #flowList(anchor: string | undefined): WrittenList {
    const { start } = this.#scanner.next()
    const items: Written[] = []
    for (let first = true; !this.#at(']'); first = false) {
      if (!first) this.#comma(']')
      if (this.#at('key')) items.push(this.#flowPair())
      else if (!this.#at(']')) items.push(this.#node(false, false))
    }
    return { type: 'list', items, anchor, start, end: this.#scanner.next().end }
  }

  /** `[key: value]`: a map of one pair. */
  #flowPair(): WrittenMap {
    const { start } = this.#scanner.next()
    const key = this.#at('value', ',', ']') ? this.#skipped() : this.#node(false, false)
    const value = this.#flowValue(']')
    return { type: 'map', pairs: [[key, value]], anchor: undefined, start, end: this.#scanner.peek().start }
  }

  /** libyaml takes the token behind an empty key of a pair away. */
  #skipped(): Written {
    return this.#nothing(this.#scanner.next().end)
  }

  #flowMap(anchor: string | undefined): WrittenMap {
    const { start } = this.#scanner.next()
    const pairs: (readonly [Written, Written])[] = []
    for (let first = true; !this.#at('}'); first = false) {
      if (!first) this.#comma('}')
      if (this.#at('key')) {
        this.#scanner.next()
        const key = this.#at('value', ',', '}') ? this.#nothing() : this.#node(false, false)
        pairs.push([key, this.#flowValue('}')])
      } else if (!this.#at('}')) {
        const key = this.#node(false, false)
        pairs.push([key, this.#nothing()])
      }
    }
    return { type: 'map', pairs, anchor, start, end: this.#scanner.next().end }
  }

  #flowValue(close: Mark): Written {
    if (!this.#at('value')) return this.#nothing()
    this.#scanner.next()
    return this.#at(',', close) ? this.#nothing() : this.#node(false, false)
  }

  #comma(close: string): void {
    const token = this.#scanner.peek()
    if (token.type !== ',') throw new YamlError(token.start, `a ',' or a '${close}' is missing here`)
    this.#scanner.next()
  }
}
