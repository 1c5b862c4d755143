import type {
  AccessMode,
  ClusterSpec,
  ComposeFile,
  ComposeIpam,
  ComposeNetwork,
  ComposeVolume,
  Extras,
  Plain,
  Texts,
  Topology,
} from '../model.ts'
import type { Node } from '../yaml/node.ts'
import { at, type Cursor, isNull, type Read, refuse } from './cursor.ts'
import {
  type Fields,
  flag,
  listOf,
  mapping,
  notEmpty,
  pointerTo,
  size,
  struct,
  text,
  textMap,
  texts,
} from './readers.ts'

/** `true`, or a map with a name, which is the older way to say it. */
interface External {
  readonly external: boolean
  readonly name?: string
}

const readExternal: Read<External> = (cursor) => {
  if (cursor.node.type !== 'map') return flag(cursor) ? { external: true } : undefined
  const below = at(cursor, 'name')
  const name = below && text(below)
  return { external: true, ...(name === undefined ? {} : { name }) }
}

const someTextMap: Read<Texts> = (cursor) => notEmpty(textMap(cursor) ?? {})

/** A thing under `networks`, `volumes`, `secrets` or `configs`, before what `external` means is worked in. */
type Written<T> = Omit<T, 'external' | 'extras'> & { readonly external?: External }

const IPAM: Fields<ComposeIpam> = {
  driver: text,
  config: listOf(pointerTo<{ readonly subnet?: string }>({ subnet: text })),
}

const NETWORK: Fields<Written<ComposeNetwork>> = {
  name: text,
  driver: text,
  driver_opts: someTextMap,
  ipam: struct(IPAM),
  external: readExternal,
  internal: flag,
  attachable: flag,
  labels: mapping,
}

const ACCESS_MODE: Fields<AccessMode> = {
  scope: text,
  sharing: text,
  mount_volume: pointerTo<NonNullable<AccessMode['mount_volume']>>({ fs_type: text, mount_flags: texts }),
  block_volume: pointerTo<NonNullable<AccessMode['block_volume']>>({}),
}

const topologies = listOf(pointerTo<Topology>({ segments: mapping }))

const CLUSTER_SPEC: Fields<ClusterSpec> = {
  group: text,
  access_mode: pointerTo(ACCESS_MODE),
  accessibility_requirements: pointerTo<NonNullable<ClusterSpec['accessibility_requirements']>>({
    requisite: topologies,
    preferred: topologies,
  }),
  capacity_range: pointerTo<NonNullable<ClusterSpec['capacity_range']>>({ required_bytes: size, limit_bytes: size }),
  secrets: listOf(pointerTo<{ readonly key?: string; readonly secret?: string }>({ key: text, secret: text })),
  availability: text,
}

const VOLUME: Fields<Written<ComposeVolume>> = {
  name: text,
  driver: text,
  driver_opts: textMap,
  external: readExternal,
  labels: mapping,
  'x-cluster-spec': pointerTo(CLUSTER_SPEC),
}

const FILE: Fields<Written<ComposeFile>> = {
  name: text,
  file: text,
  external: readExternal,
  labels: mapping,
  driver: text,
  driver_opts: someTextMap,
  template_driver: text,
}

/** Null declares one with every default. */
export function readNetwork(cursor: Cursor, name: string): ComposeNetwork {
  const network = named(pointerTo(NETWORK)(cursor) ?? {}, { kind: 'network', name, cursor })
  // Docker keeps the extras of external networks and volumes only.
  return network.external ? withExtras(network, cursor) : network
}

export function readVolumeObject(cursor: Cursor, name: string): ComposeVolume {
  const volume = named(pointerTo(VOLUME)(cursor) ?? {}, { kind: 'volume', name, cursor })
  if (!volume.external) return volume
  const own = (['driver', 'driver_opts', 'labels'] as const).find((key) => notEmpty(Object(volume[key] ?? {})))
  const below = own && at(cursor, own)
  if (below) refuse(below, `an external volume is not made here: '${own}' does nothing beside 'external'`)
  return withExtras(volume, cursor)
}

export interface FilePlace {
  readonly kind: 'secret' | 'config'
  /** A path of the repository or of the machine, from the root. */
  absolute(path: string): string
}

/** A secret or a config. Where it says no file, Docker takes the folder, which nobody can read. */
export function readFile(cursor: Cursor, name: string, { kind, absolute }: FilePlace): ComposeFile {
  const file = named(pointerTo(FILE)(cursor) ?? {}, { kind, name, cursor })
  if (file.external) return withExtras(file, cursor)
  if (file.driver !== undefined) {
    const below = at(cursor, 'file')
    if (file.file !== undefined && below) refuse(below, "'file' and 'driver' together: only one of them")
    return withExtras(file, cursor)
  }
  return withExtras({ ...file, file: absolute(file.file ?? '') }, cursor)
}

interface Naming {
  readonly kind: string
  readonly name: string
  readonly cursor: Cursor
}

/** What is external is called by its name, or by its key. */
function named<T extends { readonly name?: string; readonly external?: External }>(
  written: T,
  { kind, name, cursor }: Naming,
): Omit<T, 'external'> & { readonly external?: boolean } {
  const { external, ...rest } = written
  if (!external) return rest
  const below = at(cursor, 'external')
  if (external.name !== undefined && written.name !== undefined && below) {
    refuse(
      below,
      `the ${kind} has 'name' and 'external: {name: …}': only one of them, best 'name' with 'external: true'`,
    )
  }
  return { ...rest, name: external.name ?? written.name ?? name, external: true }
}

function withExtras<T extends object>(value: T, cursor: Cursor): T & { readonly extras?: Extras } {
  const extras = isNull(cursor) ? undefined : readExtras(cursor.node)
  return extras ? { ...value, extras } : value
}

export function readExtras(node: Node): Extras | undefined {
  if (node.type !== 'map') return undefined
  const extras = [...node.entries]
    .filter(([key]) => key.startsWith('x-'))
    .map(([key, entry]) => [key, plain(entry.value)])
  return notEmpty(Object.fromEntries(extras))
}

function plain(node: Node): Plain {
  if (node.type === 'scalar') return node.value
  if (node.type === 'list') return node.items.map(plain)
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]))
}
