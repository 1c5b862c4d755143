import { type NormalizeContext, NormalizeProblem } from '../model/kind.ts'
import type { FieldDiff } from '../model/live.ts'
import { diffValues } from './field-diff.ts'
import { hostPath } from './host-path.ts'

/** Whose something on the disk of a host is, and who may do what with it. */
export interface Ownership {
  /** Name, or number as a text. */
  readonly owner: string
  /** Undefined: not ours. */
  readonly group?: string
  /** Octal, four digits. */
  readonly mode: string
}

/** What stands at a path of a host, before anything is followed. */
export type LiveType = 'file' | 'directory' | 'symlink' | 'other'

/** As the facts of a host report it. */
export interface LiveEntry {
  readonly type: LiveType
  /** Name, where the host knows one, else the number. */
  readonly owner: string
  readonly uid: number
  readonly group: string
  readonly gid: number
  /** Octal, four digits. */
  readonly mode: string
  /** A part of the path is a symlink, and which one. */
  readonly crosses?: string
}

/** A thing at a path: what File, Directory and Artifact have in common. */
export interface PlacedSpec extends Ownership {
  readonly path: string
  readonly symlinks: 'refuse' | 'follow'
}

type Scalar = string | number | boolean

interface WrittenPlace {
  readonly path: string
  readonly owner?: Scalar
  readonly group?: Scalar
  readonly mode?: Scalar
  readonly symlinks?: 'refuse' | 'follow'
}

/** @throws NormalizeProblem */
export function placeOf(written: WrittenPlace, defaultMode: string): PlacedSpec {
  const owner = nameOrNumber(written.owner ?? 'root', '/owner')
  const group = written.group ?? (owner === 'root' ? 'root' : undefined)
  return {
    path: hostPath(written.path),
    owner,
    ...(group === undefined ? {} : { group: nameOrNumber(group, '/group') }),
    mode: modeOf(written.mode ?? defaultMode, '/mode'),
    symlinks: written.symlinks ?? 'refuse',
  }
}

/** Names that useradd takes, and numbers; never a text that a program could take for an option (SEC-5, SEC-26). */
function nameOrNumber(written: Scalar, pointer: string): string {
  const text = String(written)
  if (/^([a-z_][a-z0-9_-]{0,30}[a-z0-9_$-]?|[0-9]{1,10})$/i.test(text)) return text
  throw new NormalizeProblem(pointer, `'${JSON.stringify(text).slice(1, -1)}' is neither a name nor a number`)
}

function modeOf(written: Scalar, pointer: string): string {
  const text = String(written)
  if (/^[0-7]{3,4}$/.test(text)) return text.padStart(4, '0')
  throw new NormalizeProblem(pointer, `'${text}' is no mode: write it in octal and as a text, "0644"`)
}

/** Documents of the same host that must be there first: who owns it. */
export function ownersUsed({ owner, group }: Ownership, context: NormalizeContext) {
  const named = [{ kind: 'User', name: owner }, ...(group === undefined ? [] : [{ kind: 'Group', name: group }])]
  return named.filter(({ kind, name }) => context.refer(kind, name) !== undefined)
}

const isNumber = (text: string): boolean => /^[0-9]+$/.test(text)

/** Type, owner, group and mode. */
export function compareEntry(spec: PlacedSpec, live: LiveEntry, wanted: 'file' | 'directory'): readonly FieldDiff[] {
  const owner = isNumber(spec.owner) ? String(live.uid) : live.owner
  const group = spec.group !== undefined && isNumber(spec.group) ? String(live.gid) : live.group
  return [
    ...diffValues('/type', live.type, wanted).map((diff) => ({ ...diff, effect: 'replace' as const })),
    ...[
      ...diffValues('/owner', owner, spec.owner),
      ...(spec.group === undefined ? [] : diffValues('/group', group, spec.group)),
      ...diffValues('/mode', live.mode, spec.mode),
    ].map((diff) => ({ ...diff, effect: 'none' as const })),
  ]
}

/** The live half of an entry that was made as the spec says. */
export const entryAsApplied = (spec: Ownership, type: LiveType): LiveEntry => ({
  type,
  owner: spec.owner,
  uid: isNumber(spec.owner) ? Number(spec.owner) : 0,
  group: spec.group ?? '',
  gid: spec.group !== undefined && isNumber(spec.group) ? Number(spec.group) : 0,
  mode: spec.mode,
})

/** What `stat -c '%F|%U|%u|%G|%g|%a'` prints of a path, without following it. */
export interface WireStat {
  readonly type: string
  readonly owner: string
  readonly uid: string
  readonly group: string
  readonly gid: string
  readonly mode: string
  readonly crosses?: string
}

const TYPES: Readonly<Record<string, LiveType>> = {
  'regular file': 'file',
  'regular empty file': 'file',
  directory: 'directory',
  'symbolic link': 'symlink',
}

export const entryFromWire = (wire: WireStat): LiveEntry => ({
  type: TYPES[wire.type] ?? 'other',
  owner: wire.owner === 'UNKNOWN' ? wire.uid : wire.owner,
  uid: Number(wire.uid),
  group: wire.group === 'UNKNOWN' ? wire.gid : wire.group,
  gid: Number(wire.gid),
  mode: wire.mode.padStart(4, '0'),
  ...(wire.crosses ? { crosses: wire.crosses } : {}),
})

/** Why nothing may be written there, or undefined: a symlink could lead anywhere (SEC-2). */
export function refusalOfEntry(
  { path, symlinks }: Pick<PlacedSpec, 'path' | 'symlinks'>,
  live: Pick<LiveEntry, 'type' | 'crosses'>,
): string | undefined {
  if (symlinks === 'follow') return undefined
  if (live.type === 'symlink') return `${path} is a symlink: write 'symlinks: follow' if that is meant`
  if (live.crosses === undefined) return undefined
  return `${path} crosses the symlink ${live.crosses}: write 'symlinks: follow' if that is meant`
}
