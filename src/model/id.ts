/**
 * `target/Kind/name`. `name` is the live name of the thing on its target, so the id of a Swarm secret names its generation,
 * and that of a file its path, as people read it: `app-1/File//opt/web/.env`. Made and parsed here only (architecture,
 * section 6).
 */
export type ResourceId = string & { readonly __brand: 'ResourceId' }

export interface IdParts {
  readonly target: string
  readonly kind: string
  readonly name: string
}

/** What would not survive as a word of a line. */
const UNSAFE = /[%\s\p{Cc}\p{Cs}]/gu
const encode = (text: string): string => text.replace(UNSAFE, encodeURIComponent)
const encodeSegment = (text: string): string => encode(text).replaceAll('/', '%2F')

export function makeId({ target, kind, name }: IdParts): ResourceId {
  return `${encodeSegment(target)}/${encodeSegment(kind)}/${encode(name)}` as ResourceId
}

/** Undefined when the text is not an id. Asked for every resource of every plan: it looks for slashes, and no more. */
export function parseId(text: string): IdParts | undefined {
  const first = text.indexOf('/')
  const second = text.indexOf('/', first + 1)
  if (first < 1 || second < first + 2 || second === text.length - 1) return undefined
  const target = decode(text.slice(0, first))
  const kind = decode(text.slice(first + 1, second))
  const name = decode(text.slice(second + 1))
  return target === undefined || kind === undefined || name === undefined ? undefined : { target, kind, name }
}

/** Undefined for a malformed percent escape: it is in no id. */
function decode(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The parts of an id that we made ourselves. */
export function partsOf(id: ResourceId): IdParts {
  const parts = parseId(id)
  if (!parts) throw new TypeError(`not a resource id: ${id}`)
  return parts
}
