import type { YamlLimits } from './limits.ts'
import type { YamlNode } from './node.ts'
import { emptyScalar, NodeParser } from './node-parser.ts'
import { Scanner } from './scanner.ts'
import { TagHandles } from './tag-handles.ts'
import { TextReader } from './text-reader.ts'
import { YamlError } from './yaml-error.ts'

export interface ParseOptions extends YamlLimits {
  /** The text still has the byte order mark that says how it is encoded, where there was one. */
  readonly mark: boolean
  /** Whose reading this is: `Docker`. */
  readonly program: string
}

export interface ParsedYaml {
  /** Of the first document; undefined where there is none. */
  readonly root: YamlNode | undefined
  /** Where something stands behind the first document: yaml.v3 does not look at it. */
  readonly rest: number | undefined
}

/** The first document of a text, by the grammar of libyaml. @throws YamlError */
export function parseYaml(text: string, options: ParseOptions): ParsedYaml {
  const reader = new TextReader(text)
  if (reader.peek() === '\ufeff') skipMark(reader, options)
  const scanner = new Scanner(reader, options)
  const root = parseDocument(scanner, options)
  return { root, rest: scanner.rest }
}

/** One that says how the text is encoded is no part of its first line; yaml.v3 passes over one behind it, which is. */
function skipMark(reader: TextReader, { mark }: ParseOptions): void {
  if (mark) reader.skipMark()
  else reader.skip()
}

function parseDocument(scanner: Scanner, options: ParseOptions): YamlNode | undefined {
  const { type } = scanner.peek()
  if (type === 'stream-end') return undefined
  const tags = readDirectives(scanner, options)
  const explicit = type === 'directive' || type === 'document-start'
  const parser = new NodeParser(scanner, { tags, depth: options.depth })
  const root = (explicit ? emptyDocument(scanner) : undefined) ?? parser.root()
  // The end of a document is looked at, and nothing behind it.
  if (scanner.peek().type === 'document-end') scanner.next()
  return root
}

/** Over `%` lines and `---`. */
function readDirectives(scanner: Scanner, { program }: ParseOptions): TagHandles {
  const tags = new TagHandles()
  const first = scanner.peek().type
  for (let token = scanner.peek(); token.type === 'directive'; token = scanner.peek()) {
    tags.direct(token)
    const { directive, at } = token
    if ('version' in directive && directive.version !== '1.1') {
      throw new YamlError(at, `${program} reads YAML 1.1 and needs no %YAML`)
    }
    scanner.next()
  }
  const { type, at } = scanner.peek()
  if (type === 'document-start') scanner.next()
  else if (first === 'directive') throw new YamlError(at, "behind %directives stands '---'")
  return tags
}

const ENDS: ReadonlySet<string> = new Set(['directive', 'document-start', 'document-end', 'stream-end'])

function emptyDocument(scanner: Scanner): YamlNode | undefined {
  const { type, at } = scanner.peek()
  return ENDS.has(type) ? emptyScalar(at) : undefined
}
