import { artifactFromWire } from '../../kinds/artifact/from-wire.ts'
import { directoryFromWire } from '../../kinds/directory/from-wire.ts'
import { fileFromWire } from '../../kinds/file/from-wire.ts'
import type { FileSpec } from '../../kinds/file/spec.ts'
import { groupFromWire } from '../../kinds/group/from-wire.ts'
import type { ProgramSpec } from '../../kinds/program/spec.ts'
import { unitFromWire } from '../../kinds/unit/from-wire.ts'
import type { UnitSpec, WireText, WireUnit } from '../../kinds/unit/spec.ts'
import { parseUnitName } from '../../kinds/unit/unit-name.ts'
import { userFromWire } from '../../kinds/user/from-wire.ts'
import { digestOf } from '../../model/digest.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Health, Observed, Owner } from '../../model/live.ts'
import type { Resource } from '../../model/resource.ts'
import type { TargetRecord } from '../../model/target.ts'
import { keyOf, type OwnedEntry } from './entry.ts'
import type { HostFacts } from './facts.ts'
import { unitHealth } from './health.ts'
import type { Fact, PathFact } from './path-facts.ts'
import { programAt, programFile, programRecordOf } from './supervisord/look.ts'
import type { Supervisor } from './supervisord/reach.ts'

const FOLDER = '/etc/systemd/system'

export interface Look {
  readonly install: string
  readonly facts: HostFacts
  readonly record: TargetRecord | undefined
  readonly supervisor: Supervisor
}

/** The thing asked for; its spec is absent where only the host's own record speaks of it. */
export type Asked = Pick<Resource, 'id'> & { readonly spec?: unknown }

interface Seen {
  readonly live: unknown
  /** What another version of it differs in. */
  readonly version: unknown
  readonly health?: Health
}

export function observedOf(asked: Asked, look: Look): Observed {
  const { kind, name } = partsOf(asked.id)
  const mine = entriesFor(asked.id, look).find(({ install }) => install === look.install)
  const seen = READERS[kind]?.(name, asked.spec, { facts: look.facts, entry: mine, supervisor: look.supervisor })
  if (seen === undefined) return { state: 'unknown', reason: `hosts know no ${kind} yet` }
  if (seen === 'absent') return { state: 'absent' }
  if (typeof seen === 'object' && 'unknown' in seen) return { state: 'unknown', reason: seen.unknown }
  if (seen === 'denied')
    return { state: 'unknown', reason: `user ${look.facts.uid} may not see ${name}: it needs root` }
  if (look.facts.owned === 'denied') {
    return { state: 'unknown', reason: `user ${look.facts.uid} may not see whose ${name} is: that needs root` }
  }
  const { live, version, health = { status: 'healthy' } } = seen
  return { state: 'present', live, owner: ownerOf(asked.id, look), health, version: digestOf([version, mine?.sha256]) }
}

function entriesFor(id: ResourceId, { facts }: Pick<Look, 'facts'>): readonly OwnedEntry[] {
  return facts.owned === 'denied' ? [] : (facts.owned.get(keyOf(id)) ?? [])
}

/** The record, which knows what was adopted or moved, is the newer word (rule 8). */
function ownerOf(id: ResourceId, look: Look): Owner {
  const entries = entriesFor(id, look)
  const mine = look.record?.unstamped[id] ?? entries.find(({ install }) => install === look.install)
  const [other] = entries.filter(({ install }) => install !== look.install)
  if (other) return { who: 'other', install: other.install }
  return mine ? { who: 'us', app: mine.app, digest: mine.digest } : { who: 'nobody' }
}

interface Context {
  readonly facts: HostFacts
  readonly entry: OwnedEntry | undefined
  readonly supervisor: Supervisor
}

interface Unknown {
  readonly unknown: string
}
type Reader = (name: string, spec: unknown, context: Context) => Seen | Unknown | 'absent' | 'denied'

const READERS: Readonly<Record<string, Reader>> = {
  Unit: readUnit,
  Program: readProgram,
  File: readFile,
  Directory: (path, _, { facts }) => at(path, facts, ({ stat }) => ({ live: directoryFromWire(stat), version: stat })),
  Artifact: (path, _, { facts }) =>
    at(path, facts, ({ stat, sha256 }) => {
      const live = artifactFromWire({ stat, ...(sha256 === undefined ? {} : { sha256 }) })
      return { live, version: live }
    }),
  User: readUser,
  Group: (name, _, { facts }) => {
    const live = groupFromWire(facts.groups.get(name) ?? '')
    return live ? { live, version: live } : 'absent'
  },
}

function at(path: string, { paths }: HostFacts, read: (fact: PathFact) => Seen): Seen | 'absent' | 'denied' {
  const fact: Fact<PathFact> = paths.get(path) ?? 'denied'
  if (fact === 'nowhere') return 'absent'
  return typeof fact === 'string' ? fact : read(fact)
}

function readFile(path: string, spec: unknown, { facts, entry }: Context): Seen | 'absent' | 'denied' {
  return at(path, facts, ({ stat, sha256, base64 }) => {
    const record = entry?.file
    const live = fileFromWire({
      stat,
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(base64 === undefined ? {} : { base64 }),
      ...(record ? { record } : {}),
    })
    // a secret of which the record knows nothing yet has no plain digest either (SEC-9)
    const { sha256: _sha256, base64: _base64, ...bare } = live
    return { live: isSecret(spec) ? bare : live, version: [stat, sha256] }
  })
}

export const isSecret = (spec: unknown): boolean => {
  const { content } = (spec ?? {}) as Partial<FileSpec>
  return content !== undefined && 'mac' in content
}

function readUser(name: string, _: unknown, { facts, entry }: Context): Seen | 'absent' {
  const fact = facts.users.get(name)
  if (fact === undefined) return 'absent'
  const live = userFromWire({ ...fact, ...(entry?.user ? { record: entry.user } : {}) })
  return live ? { live, version: live } : 'absent'
}

function readUnit(name: string, spec: unknown, { facts, entry }: Context): Seen | 'absent' | 'denied' {
  const show = facts.units.get(name) ?? {}
  const file = textAt(`${FOLDER}/${name}`, facts)
  const dropIns = dropInsOf(name, facts)
  if (file === 'denied') return 'denied'
  const nothing = file === undefined && Object.keys(dropIns).length === 0
  if (nothing && (show.LoadState ?? 'not-found') === 'not-found') return 'absent'
  if (nothing && entry === undefined && isMadeUp(name, show)) return 'absent'
  const { unit, invocation = '' } = entry ?? {}
  const wire: WireUnit = {
    name,
    show,
    dropIns,
    ...(file ? { file } : {}),
    ...(unit ? { record: { ...unit, invocation } } : {}),
  }
  const { state } = (spec as UnitSpec | undefined) ?? {}
  return {
    live: unitFromWire(wire),
    version: [file?.text, Object.entries(dropIns).map(([conf, { text }]) => [conf, text]), show.UnitFileState],
    health: unitHealth(show, state),
  }
}

/**
 * systemd says of any slice that it is loaded, and of any instance of a template that it has (systemd.slice(5),
 * systemd.unit(5)): there is one where somebody enabled it, started it, or wrote something for it, as we did where there is
 * an entry.
 */
function isMadeUp(name: string, show: Readonly<Record<string, string>>): boolean {
  const { UnitFileState = '', ActiveState = 'inactive' } = show
  const { instance = '' } = parseUnitName(name)
  if (instance !== '') return ActiveState === 'inactive' && UNUSED.has(UnitFileState)
  return name.endsWith('.slice') && UnitFileState === ''
}

const UNUSED: ReadonlySet<string> = new Set(['', 'disabled', 'static', 'indirect'])

function readProgram(name: string, spec: unknown, { facts, entry, supervisor }: Context) {
  const { supervisord = 'supervisord was not asked' } = facts
  if (typeof supervisord === 'string') return { unknown: supervisord }
  const path = programFile(supervisor.programs, name)
  const file = textAt(path, facts)
  if (file === 'denied') return 'denied'
  const fact = facts.paths.get(path)
  if (typeof fact === 'object' && !file) return { unknown: `${path} is no file of its own that can be read whole` }
  const record = programRecordOf(entry?.invocation)
  return programAt(name, spec as ProgramSpec | undefined, { supervisord, file, record })
}

function textAt(path: string, { paths }: HostFacts): WireText | 'denied' | undefined {
  const fact = paths.get(path)
  if (fact === 'denied') return 'denied'
  if (fact === undefined || fact === 'absent' || fact === 'nowhere' || fact.base64 === undefined) return undefined
  return { text: Buffer.from(fact.base64, 'base64').toString('utf8'), changed: fact.changed }
}

function dropInsOf(name: string, facts: HostFacts): Readonly<Record<string, WireText>> {
  const prefix = `${FOLDER}/${name}.d/`
  return Object.fromEntries(
    [...facts.paths.keys()]
      .filter((path) => path.startsWith(prefix))
      .flatMap((path) => {
        const text = textAt(path, facts)
        return text === undefined || text === 'denied' ? [] : [[path.slice(prefix.length), text]]
      }),
  )
}
