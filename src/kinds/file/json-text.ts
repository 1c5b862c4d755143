/** JSON as it is written: where each value stands, so that a change of one leaves every other character as it was. */
export type JsonNode = ObjectNode | { readonly type: 'array' | 'scalar'; readonly start: number; readonly end: number }

export interface ObjectNode {
  readonly type: 'object'
  readonly start: number
  readonly end: number
  readonly members: readonly Member[]
}

export interface Member {
  readonly key: string
  /** Of the key. */
  readonly start: number
  readonly value: JsonNode
}

/** RFC 8259, and not a word more. */
export class JsonMistake extends Error {
  override readonly name = 'JsonMistake'
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/** @throws JsonMistake */
export function readJson(text: string): JsonNode {
  const node = valueAt(text, { at: afterSpace(text, 0), depth: 0 })
  const rest = afterSpace(text, node.end)
  if (rest < text.length) throw mistake(text, rest, 'the end of the file')
  return node
}

interface Here {
  readonly at: number
  readonly depth: number
}

/** Deeper than any configuration, and far from what a stack of calls holds. */
const DEEPEST = 200
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: what a string of JSON may not hold
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const SPACE = /[ \t\n\r]*/y

const endOf = (pattern: RegExp, text: string, at: number): number | undefined => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

const afterSpace = (text: string, at: number): number => endOf(SPACE, text, at) ?? at

function mistake(text: string, at: number, wanted: string): JsonMistake {
  const found = at >= text.length ? 'the file ends' : `there is ${JSON.stringify([...text.slice(at, at + 4)][0])}`
  return new JsonMistake(at, `${found} where ${wanted} is expected`)
}

function valueAt(text: string, { at, depth }: Here): JsonNode {
  if (depth > DEEPEST) throw new JsonMistake(at, `it is nested deeper than ${DEEPEST}`)
  if (text[at] === '{') return objectAt(text, { at, depth })
  if (text[at] === '[') return arrayAt(text, { at, depth })
  const end = endOf(text[at] === '"' ? STRING : SCALAR, text, at)
  if (end === undefined) throw mistake(text, at, 'a value')
  return { type: 'scalar', start: at, end }
}

function arrayAt(text: string, { at: start, depth }: Here): JsonNode {
  let at = afterSpace(text, start + 1)
  if (text[at] === ']') return { type: 'array', start, end: at + 1 }
  for (;;) {
    at = afterSpace(text, valueAt(text, { at, depth: depth + 1 }).end)
    if (text[at] === ']') return { type: 'array', start, end: at + 1 }
    if (text[at] !== ',') throw mistake(text, at, 'a comma or the end of the list')
    at = afterSpace(text, at + 1)
  }
}

function objectAt(text: string, { at: start, depth }: Here): ObjectNode {
  const members: Member[] = []
  let at = afterSpace(text, start + 1)
  if (text[at] === '}') return { type: 'object', start, end: at + 1, members }
  for (;;) {
    const end = text[at] === '"' ? endOf(STRING, text, at) : undefined
    if (end === undefined) throw mistake(text, at, 'a key in quotes')
    const colon = afterSpace(text, end)
    if (text[colon] !== ':') throw mistake(text, colon, 'a colon')
    const value = valueAt(text, { at: afterSpace(text, colon + 1), depth: depth + 1 })
    members.push({ key: JSON.parse(text.slice(at, end)), start: at, value })
    at = afterSpace(text, value.end)
    if (text[at] === '}') return { type: 'object', start, end: at + 1, members }
    if (text[at] !== ',') throw mistake(text, at, 'a comma or the end of the object')
    at = afterSpace(text, at + 1)
  }
}
