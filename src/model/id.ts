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

/** Undefined when the text is not an id. */
export function parseId(text: string): IdParts | undefined {
  const [, target, kind, name] = /^([^/]+)\/([^/]+)\/(.+)$/s.exec(text) ?? []
  if (target === undefined || kind === undefined || name === undefined) return undefined
  try {
    return { target: decodeURIComponent(target), kind: decodeURIComponent(kind), name: decodeURIComponent(name) }
  } catch {
    return undefined // a malformed percent escape: not an id
  }
}

/** The parts of an id that we made ourselves. */
export function partsOf(id: ResourceId): IdParts {
  const parts = parseId(id)
  if (!parts) throw new TypeError(`not a resource id: ${id}`)
  return parts
}
