import { type JsonNode, type Member, type ObjectNode, readJson } from './json-text.ts'

type Path = readonly string[]

/**
 * The text with another value at a path; undefined takes the key away, and objects that become empty by that. All other
 * characters stay. @throws JsonMistake
 */
export function editJson(text: string, path: Path, value: unknown): string {
  const root = readJson(text)
  if (value === undefined) return withoutKey(text, root, path)
  const { node, depth } = deepest(root, path)
  const rest = path.slice(depth)
  const [key, ...below] = rest
  if (key === undefined || node.type !== 'object') return replaced(text, node, nested(rest, value))
  return withMember(text, node, { key, value: nested(below, value) })
}

/** How far a path goes; of a key that is there twice, readers take the last. */
function deepest(root: JsonNode, path: Path): { readonly node: JsonNode; readonly depth: number } {
  let node = root
  for (const [depth, key] of path.entries()) {
    const member = memberOf(node, key)
    if (!member) return { node, depth }
    node = member.value
  }
  return { node, depth: path.length }
}

const memberOf = (node: JsonNode, key: string): Member | undefined =>
  node.type === 'object' ? node.members.findLast((member) => member.key === key) : undefined

const nested = (path: Path, value: unknown): unknown =>
  [...path].reverse().reduce<unknown>((inner, key) => ({ [key]: inner }) satisfies Record<string, unknown>, value)

function replaced(text: string, node: JsonNode, value: unknown): string {
  return text.slice(0, node.start) + written(text, value, lineIndent(text, node.start)) + text.slice(node.end)
}

function withMember(text: string, node: ObjectNode, { key, value }: { readonly key: string; readonly value: unknown }) {
  const last = node.members.at(-1)
  if (!last) {
    const outer = lineIndent(text, node.start)
    return text.slice(0, node.start) + written(text, { [key]: value }, outer) + text.slice(node.end)
  }
  const own = lineIndent(text, last.start)
  const onLines = text.slice(node.start, last.start).includes('\n')
  const spaced = text[last.value.start - 1] === ' '
  const name = `${JSON.stringify(key)}:${onLines || spaced ? ' ' : ''}`
  const gap = onLines ? `,${newlineOf(text)}${own}` : spaced ? ', ' : ','
  const member = `${gap}${name}${onLines ? written(text, value, own) : JSON.stringify(value)}`
  return text.slice(0, last.value.end) + member + text.slice(last.value.end)
}

function withoutKey(text: string, root: JsonNode, path: Path): string {
  const { node, depth } = deepest(root, path.slice(0, -1))
  const key = path.at(-1) ?? ''
  if (depth < path.length - 1 || node.type !== 'object') return text
  if (node.members.every((member) => member.key === key) && path.length > 1)
    return withoutKey(text, root, path.slice(0, -1))
  const at = node.members.findLastIndex((member) => member.key === key)
  const [before, member, after] = [node.members[at - 1], node.members[at], node.members[at + 1]]
  if (!member) return text
  const start = before ? before.value.end : after ? member.start : node.start + 1
  const end = before ? member.value.end : after ? after.start : node.end - 1
  const cut = text.slice(0, start) + text.slice(end)
  // a key that is there twice would show its other value
  return withoutKey(cut, readJson(cut), path)
}

/** As people write it, at this depth: or on one line, where the whole file is on one. */
function written(text: string, value: unknown, outer: string): string {
  const isOneLine = !text.trim().includes('\n') && text.trim() !== '' && text.trim() !== '{}'
  if (isOneLine) return JSON.stringify(value)
  const lines = JSON.stringify(value, null, unitOf(text)).split('\n')
  return lines.map((line, index) => (index === 0 ? line : outer + line)).join(newlineOf(text))
}

const newlineOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n')
const unitOf = (text: string): string => /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '

function lineIndent(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
  return /^[ \t]*/.exec(line)?.[0] ?? ''
}

/** A line and a column for people, from 1. */
export function positionOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n')
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`
}
