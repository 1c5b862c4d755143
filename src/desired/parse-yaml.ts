import { Composer, Lexer, Parser, type YAMLError, type Document as YamlDocument } from 'yaml'
import { composeTree } from './compose-tree.ts'
import { decodeText } from './decode.ts'
import { LIMITS } from './limits.ts'
import { LineTable } from './line-table.ts'
import type { Tree } from './tree.ts'

/** A problem in a text, before it is known which file the text stands in. */
export interface Flaw {
  readonly offset: number
  readonly message: string
  readonly severity: 'error' | 'warning'
}

/** What one blob says; it depends on nothing but its content, so it can be kept by the blob's id. */
export interface ParsedFile {
  readonly lines: LineTable
  /** Documents as far as they could be read: with flaws of severity error they are good for names only. */
  readonly trees: readonly Tree[]
  readonly flaws: readonly Flaw[]
  /** What keeping it costs: about the number of its values. */
  readonly cost: number
}

/** YAML 1.2, core schema. Never throws, whatever the bytes. */
export function parseYaml(content: Uint8Array): ParsedFile {
  const decoded = decodeText(content)
  if ('refused' in decoded) return failed('', { offset: 0, message: decoded.refused, severity: 'error' })
  const { documents, stopped } = composeDocuments(decoded.text)
  if (stopped) return failed(decoded.text, stopped)
  const lines = new LineTable(decoded.text)
  const flaws: Flaw[] = []
  const trees: Tree[] = []
  for (const document of documents) {
    flaws.push(...flawsOf(document, decoded.text, lines))
    const tree = composeTree(document.contents, flaws, lines)
    if (tree && !isEmpty(tree)) trees.push(tree)
  }
  const weight = trees.reduce((sum, tree) => sum + tree.weight, 0)
  if (weight > LIMITS.values) return failed(decoded.text, tooManyValues(trees))
  return { lines, trees, flaws: inOrder(flaws).slice(0, LIMITS.problems), cost: costOf(decoded.text, weight) }
}

const inOrder = (flaws: readonly Flaw[]): readonly Flaw[] => [...flaws].sort((a, b) => a.offset - b.offset)

const tooManyValues = (trees: readonly Tree[]): Flaw => ({
  offset: trees[0]?.offset ?? 0,
  message: `the file has more than ${LIMITS.values} values once its aliases are followed`,
  severity: 'error',
})

const costOf = (text: string, values: number): number => values + Math.ceil(text.length / 64)

const failed = (text: string, flaw: Flaw): ParsedFile => ({
  lines: new LineTable(text),
  trees: [],
  flaws: [flaw],
  cost: costOf(text, 1),
})

/** Nothing between two `---`, or only comments. */
const isEmpty = (tree: Tree): boolean => tree.type === 'scalar' && tree.value === null && tree.text === ''

interface Composed {
  readonly documents: readonly YamlDocument.Parsed[]
  /** Why reading ended before the end. */
  readonly stopped?: Flaw
}

/**
 * Lexer, parser and composer one token at a time: the composer recurses into what is nested, so the depth is looked at
 * before it gets to see anything. The parser keeps its open collections on a stack of its own.
 */
function composeDocuments(text: string): Composed {
  const documents: YamlDocument.Parsed[] = []
  const parser = new Parser()
  // Duplicate keys are found by composeTree: the library compares each key with each other one, which is quadratic.
  const composer = new Composer({ schema: 'core', uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' })
  let tokens = 0
  let errors = 0
  for (const lexeme of new Lexer().lex(text)) {
    const offset = parser.offset
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') errors++
      documents.push(...composer.next(token))
    }
    tokens++
    const counts = { depth: parser.stack.length - 1, tokens, documents: documents.length, errors }
    const stopped = overLimit(counts, offset)
    if (stopped) return { documents, stopped }
  }
  for (const token of parser.end()) documents.push(...composer.next(token))
  documents.push(...composer.end())
  return { documents }
}

interface Counts {
  readonly depth: number
  readonly tokens: number
  readonly documents: number
  /** What the parser, not only the composer, could make nothing of. */
  readonly errors: number
}

function overLimit(counts: Counts, offset: number): Flaw | undefined {
  const stop = (message: string): Flaw => ({ offset, message, severity: 'error' })
  if (counts.depth > LIMITS.depth) return stop(`nested deeper than ${LIMITS.depth} levels`)
  if (counts.tokens > LIMITS.tokens) return stop(`the file has more than ${LIMITS.tokens} tokens`)
  if (counts.documents > LIMITS.documents) return stop(`the file has more than ${LIMITS.documents} documents`)
  if (counts.errors > LIMITS.problems) return stop('this is not YAML')
  return undefined
}

/** One mistake makes the library complain many times: the first of a line is enough, and of ten lines. */
function flawsOf(document: YamlDocument.Parsed, text: string, lines: LineTable): readonly Flaw[] {
  const byLine = new Map<number, Flaw>()
  for (const error of [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])) {
    const { line, column } = lines.place(error.pos[0])
    if (byLine.size < 10 && !byLine.has(line)) byLine.set(line, flawOf(error, text.slice(error.pos[0] - column + 1)))
  }
  const version = document.directives.yaml
  if (!version.explicit || version.version === '1.2') return [...byLine.values()]
  return [{ offset: document.range[0], message: 'only YAML 1.2 is read', severity: 'error' }]
}

/** Words of ours where the library's are hard to read, or could repeat what stands in the file. */
const MESSAGES: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab may not indent: use spaces',
  TAG_RESOLVE_FAILED: 'tags (!name) are not supported',
  MULTILINE_IMPLICIT_KEY: "a key stands on one line and is followed by ': '",
  BLOCK_AS_IMPLICIT_KEY: "a map may not begin behind 'key: ' on the same line; quote the text if it has ': ' in it",
  KEY_OVER_1024_CHARS: "the ': ' is missing, or the key has more than 1024 characters",
  BAD_ALIAS: 'an alias (*name) has a wrong name',
  UNEXPECTED_TOKEN: 'this is not expected here; a text with special characters needs quotes',
  BAD_SCALAR_START: 'a text that begins with this character needs quotes',
  BAD_DIRECTIVE: 'this %directive is not known',
  BAD_DQ_ESCAPE: 'this backslash escape is not known in a text in double quotes',
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is what people write
const VARIABLE_IN_FLOW = 'inside { } and [ ] a variable needs quotes: "${NAME}"'

/** @param line the text from the beginning of the error's line */
function flawOf(error: YAMLError, line: string): Flaw {
  const message = MESSAGES[error.code] ?? error.message
  const variable = error.code === 'UNEXPECTED_TOKEN' && /^[^\n]{0,500}\$\{/.test(line)
  return { offset: error.pos[0], message: variable ? VARIABLE_IN_FLOW : message, severity: 'error' }
}
