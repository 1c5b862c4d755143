/**
 * `target/Kind/name`, each segment percent-encoded. `name` is the live name of the thing on its target, so the id of a
 * Swarm secret names its generation. Made and parsed here only (architecture, section 6).
 */
export type ResourceId = string & { readonly __brand: 'ResourceId' }

export interface IdParts {
  readonly target: string
  readonly kind: string
  readonly name: string
}

const encode = (segment: string): string => encodeURIComponent(segment)

export function makeId(parts: IdParts): ResourceId {
  return [parts.target, parts.kind, parts.name].map(encode).join('/') as ResourceId
}

/** Undefined when the text is not an id. */
export function parseId(text: string): IdParts | undefined {
  const [target, kind, name, ...rest] = text.split('/')
  if (!target || !kind || !name || rest.length > 0) return undefined
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
