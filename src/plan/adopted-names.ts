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
  const users = usersIn(input)
  const found = [...input.apps.values()].flatMap(({ wanted }) =>
    wanted.flatMap((one) => adoptedName(one, { ...input, recorded: record, users })),
  )
  return new Map(found)
}

interface Naming extends AdoptedInput {
  readonly recorded: ReadonlyMap<ResourceId, Recorded>
  readonly users: Users
}

function adoptedName(wanted: Wanted, input: Naming): readonly (readonly [ResourceId, ResourceId])[] {
  const { live, kinds, recorded, users } = input
  const generation = kinds.get(wanted.kind)?.generation
  if (!generation) return []
  const id = plainId(wanted, kinds)
  const observed = id && live.get(id)
  if (!observed || observed.state === 'absent') return []
  const spec = generation.renamed(wanted.spec, partsOf(id).name)
  // What is used counts, where a generation was made beside it.
  if (live.get(wanted.id)?.state === 'present' && (users.has(wanted.id) || !users.has(id))) return []
  const known = recorded.get(id)
  if (known && known.state !== 'intended' && generation.sameContent(spec, known.spec)) return [[wanted.id, id]]
  if (observed.state === 'unknown') return []
  if (observed.owner.who === 'us') return observed.owner.digest === digestOf(spec) ? [[wanted.id, id]] : []
  if (observed.owner.who !== 'nobody' || !generation.mayBe(spec, observed.live)) return []
  // Without being asked, nothing is made beside what waits to be adopted together with who uses it: a conflict, as that is.
  return isAsked(wanted, id, input) || users.get(id) === 'foreign' ? [[wanted.id, id]] : []
}

const isAsked = ({ id: written, handling }: Wanted, id: ResourceId, { adopt }: AdoptedInput): boolean =>
  handling.adopt !== 'no' || adopt?.has(written) === true || adopt?.has(id) === true

/** What live things that are wanted refer to, and whether all of those are still nobody's. */
type Users = ReadonlyMap<ResourceId, 'ours' | 'foreign'>

function usersIn({ apps, live, kinds }: AdoptedInput): Users {
  const users = new Map<ResourceId, 'ours' | 'foreign'>()
  for (const { id, kind } of [...apps.values()].flatMap(({ wanted }) => wanted)) {
    const observed = live.get(id)
    if (observed?.state !== 'present') continue
    const { target } = partsOf(id)
    const foreign = observed.owner.who === 'nobody'
    // A live thing has the same parts as its spec.
    kinds.get(kind)?.referring?.(observed.live, (otherKind, name) => {
      const other = makeId({ target, kind: otherKind, name })
      users.set(other, foreign && users.get(other) !== 'ours' ? 'foreign' : 'ours')
      return name
    })
  }
  return users
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

function renamed(wanted: Wanted, names: Names, kinds: Kinds): Wanted {
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
