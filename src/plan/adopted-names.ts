import type { DesiredApp } from '../model/desired.ts'
import { digestOf } from '../model/digest.ts'
import { makeId, partsOf, type ResourceId } from '../model/id.ts'
import type { Kind, Kinds } from '../model/kind.ts'
import type { Observed } from '../model/live.ts'
import type { Recorded, Wanted } from '../model/resource.ts'

export interface AdoptedInput {
  readonly apps: ReadonlyMap<string, DesiredApp>
  readonly live: ReadonlyMap<ResourceId, Observed>
  readonly record: readonly Recorded[]
  readonly kinds: Kinds
  /** Adoptions that a person asked for on the command line. */
  readonly adopt?: ReadonlySet<ResourceId>
}

/** Generation that the documents give -> the live thing that counts as it. */
type Names = ReadonlyMap<ResourceId, ResourceId>

/**
 * A secret or config that was there under the plain name of its document counts as the present generation once it is
 * adopted, for as long as its content is what is declared (rule 22): whatever refers to it keeps its name, and nothing
 * restarts. Another content is another generation, and this one an old one of it.
 */
export function adoptedNames(input: AdoptedInput): Names {
  const record = new Map(input.record.map((entry) => [entry.id, entry]))
  const found = [...input.apps.values()].flatMap(({ wanted }) =>
    wanted.flatMap((one) => adoptedName(one, record, input)),
  )
  return new Map(found)
}

function adoptedName(
  wanted: Wanted,
  record: ReadonlyMap<ResourceId, Recorded>,
  { live, kinds, adopt }: AdoptedInput,
): readonly (readonly [ResourceId, ResourceId])[] {
  const generation = kinds.get(wanted.kind)?.generation
  if (!generation || live.get(wanted.id)?.state === 'present') return []
  const id = plainId(wanted, kinds)
  const observed = id && live.get(id)
  if (!observed || observed.state === 'absent') return []
  const spec = generation.renamed(wanted.spec, partsOf(id).name)
  const known = record.get(id)
  if (known && known.state !== 'intended' && generation.sameContent(spec, known.spec)) return [[wanted.id, id]]
  if (observed.state === 'unknown') return []
  if (observed.owner.who === 'us') return observed.owner.digest === digestOf(spec) ? [[wanted.id, id]] : []
  const asked = wanted.handling.adopt !== 'no' || adopt?.has(wanted.id) === true || adopt?.has(id) === true
  return asked && observed.owner.who === 'nobody' && generation.mayBe(spec, observed.live) ? [[wanted.id, id]] : []
}

/** The id under the plain name of its document; undefined for what has no generations. */
export function plainId(wanted: Pick<Wanted, 'id' | 'kind'>, kinds: Kinds): ResourceId | undefined {
  const { generation, generationOf } = kinds.get(wanted.kind) ?? {}
  if (!generation || !generationOf) return undefined
  const parts = partsOf(wanted.id)
  return makeId({ ...parts, name: generationOf(parts.name) })
}

/** The same apps, with adopted things under the names that they have, wherever they are referred to. */
export function withAdoptedNames(
  apps: ReadonlyMap<string, DesiredApp>,
  names: Names,
  kinds: Kinds,
): ReadonlyMap<string, DesiredApp> {
  if (names.size === 0) return apps
  return new Map(
    [...apps].map(([name, app]) => [name, { ...app, wanted: app.wanted.map((one) => renamed(one, names, kinds)) }]),
  )
}

export function renamed(wanted: Wanted, names: Names, kinds: Kinds): Wanted {
  const id = names.get(wanted.id) ?? wanted.id
  const kind = kinds.get(wanted.kind)
  const spec =
    id === wanted.id ? referring(wanted, kind, names) : kind?.generation?.renamed(wanted.spec, partsOf(id).name)
  const after = wanted.after.map((one) => names.get(one) ?? one)
  return spec === wanted.spec ? { ...wanted, after } : { ...wanted, id, spec, digest: digestOf(spec), after }
}

/** The very same spec where it refers to none of them. */
function referring(wanted: Wanted, kind: Kind | undefined, names: Names): unknown {
  const { target } = partsOf(wanted.id)
  let any = false
  const nameOf = (otherKind: string, name: string): string => {
    const id = names.get(makeId({ target, kind: otherKind, name }))
    if (id !== undefined) any = true
    return id === undefined ? name : partsOf(id).name
  }
  const spec = kind?.referring?.(wanted.spec, nameOf)
  return any ? spec : wanted.spec
}
