import type { YamlScalar } from '../../yaml/node.ts'

/**
 * Where each character of a scalar stands in its file, one more for its end. Folded lines and escapes make a character of
 * several: it stands where they begin.
 */
export function placesOf(source: string, node: YamlScalar): readonly number[] {
  const places: number[] = []
  let at = startOf(source, node)
  for (const character of node.value.split('')) {
    at = nextPlace(source, at, { character, style: node.style })
    places.push(at)
    at += lengthAt(source, at, { character, style: node.style })
  }
  places.push(Math.min(at, node.end))
  return places
}

function startOf(source: string, { offset, style }: YamlScalar): number {
  if (style === 'plain') return offset
  // The header of a block (`|-`) ends its line.
  if (style === 'block') return source.indexOf('\n', offset) + 1 || source.length + 1
  return offset + 1
}

interface Sought {
  readonly character: string
  readonly style: YamlScalar['style']
}

const SPACE = /\s/

/** Passes over indentation, which is in the file and not in the value. */
function nextPlace(source: string, from: number, { character, style }: Sought): number {
  if (source[from] === character || (style === 'double' && source[from] === '\\')) return from
  let at = from
  while (at < source.length && SPACE.test(source[at] ?? '')) at++
  // A folded line end: the space in the value is the first white space in the file.
  if (SPACE.test(character)) return from
  return source[at] === character || (style === 'double' && source[at] === '\\') ? at : from
}

function lengthAt(source: string, at: number, { character, style }: Sought): number {
  if (style === 'double' && source[at] === '\\') return escapeLength(source, at)
  if (style === 'single' && character === "'" && source[at + 1] === "'") return 2
  if (source[at] === character) return 1
  return SPACE.test(character) ? 1 : 0
}

const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r?\n[ \t]*|[\s\S])/y

function escapeLength(source: string, at: number): number {
  ESCAPE.lastIndex = at
  return ESCAPE.exec(source)?.[0].length ?? 1
}
