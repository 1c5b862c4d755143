import { ReconcileError } from '../../model/error.ts'
import { entryOf, keyOfThing, type OwnedEntry, sha256Of } from './entry.ts'
import { type Fact, type PathFact, readManyPaths, readPaths } from './path-facts.ts'
import { readSupervisord, type SupervisordFacts } from './supervisord/facts.ts'

interface UserFact {
  /** Line of passwd(5). */
  readonly passwd: string
  /** Own group, and all groups with blanks between. */
  readonly group: string
  readonly groups: string
}

export interface HostFacts {
  readonly uid: number
  readonly machineId: string
  readonly osRelease: string
  /** `cgroup2fs` where version 2 is mounted. */
  readonly cgroup: string
  readonly disk: string
  readonly memory: string
  readonly paths: ReadonlyMap<string, Fact<PathFact>>
  /** Path of what is not there -> a part of it that is a symlink. */
  readonly crossings: ReadonlyMap<string, string>
  /** Name -> what `systemctl show` says. */
  readonly units: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** Those that are there. */
  readonly users: ReadonlyMap<string, UserFact>
  /** Name -> line of group(5), of those that are there. */
  readonly groups: ReadonlyMap<string, string>
  /** Where it was asked; a string says why it cannot be known. */
  readonly supervisord?: SupervisordFacts | string
  /** By key, of all installs; `denied`: whose anything is cannot be seen. */
  readonly owned: ReadonlyMap<string, readonly OwnedEntry[]> | 'denied'
  /** The own words of installs, as they stand there. */
  readonly records: ReadonlyMap<string, string>
}

type Line = readonly string[]

/** @throws ReconcileError where it was cut off; TornError */
export function readFacts(text: string, where: string): HostFacts {
  const lines = text.split('\n').map((line) => line.split(' '))
  if (!lines.some(([word]) => word === 'end')) {
    throw new ReconcileError('TargetUnreachable', {
      message: `${where}: what it says of itself is cut off`,
      retryable: true,
    })
  }
  const of = (word: string): readonly Line[] => lines.filter(([first]) => first === word).map(([, ...rest]) => rest)
  const [[machine = ''] = []] = of('machine')
  const [uid = '', machineId = '', osRelease = '', cgroup = '', disk = '', memory = ''] = text64(machine).split('\0')
  const [supervisord] = of('supervisord')
  const paths = [...of('paths').flatMap(readPaths), ...of('many').flatMap(readManyPaths)]
  return {
    uid: Number(uid),
    machineId: machineId.trim(),
    osRelease,
    cgroup: cgroup.trim(),
    disk,
    memory,
    paths: new Map(paths.map(({ path, fact }) => [path, fact])),
    crossings: new Map(paths.flatMap(({ path, crosses }) => (crosses === undefined ? [] : [[path, crosses]]))),
    units: unitsOf(of('show'), of('enabled')),
    users: new Map(of('users').flatMap(usersOf)),
    groups: new Map(of('groups').flatMap(([lines = '']) => byName(text64(lines)))),
    ...(supervisord ? { supervisord: readSupervisord(supervisord) } : {}),
    ...recordsOf(of('records')),
  }
}

const text64 = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')

/** Lines that start with a name and a colon, by that name. */
const byName = (text: string): readonly (readonly [string, string])[] =>
  text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => [line.slice(0, line.indexOf(':')).trim(), line])

/** What getent(1) and groups(1) say; who is not among them is not there. */
function usersOf([said = '']: Line): readonly (readonly [string, UserFact])[] {
  const [passwds = '', memberships = ''] = text64(said).split('\0')
  const groupsOf = new Map(byName(memberships))
  return byName(passwds).map(([name, passwd]) => {
    const groups = (groupsOf.get(name) ?? '').replace(/^[^:]*:/, '').trim()
    const [group = ''] = groups.split(' ')
    return [name, { passwd, group, groups }]
  })
}

function unitsOf(shown: readonly Line[], templates: readonly Line[]): HostFacts['units'] {
  const units = new Map<string, Readonly<Record<string, string>>>()
  for (const block of shown.flatMap(([blob = '']) => text64(blob).split('\n\n'))) {
    const show = Object.fromEntries(block.split('\n').map(pairOf))
    // an alias is asked for by its own name
    for (const name of new Set([show.Id ?? '', ...(show.Names ?? '').split(' ')])) if (name) units.set(name, show)
  }
  for (const [name = '', enabled = ''] of templates) {
    const state = text64(enabled).trim()
    units.set(text64(name), { LoadState: state === '' ? 'not-found' : 'loaded', UnitFileState: state, Template: 'yes' })
  }
  return units
}

function pairOf(line: string): readonly [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, Math.max(at, 0)), line.slice(at + 1)]
}

function recordsOf(lines: readonly Line[]): Pick<HostFacts, 'owned' | 'records'> {
  if (lines.some(([state]) => state === 'denied')) return { owned: 'denied', records: new Map() }
  const owned = new Map<string, OwnedEntry[]>()
  const records = new Map<string, string>()
  for (const [, said = ''] of lines) {
    const [install = '', entries = '', record = ''] = text64(said).split('\0')
    if (record) records.set(install, record)
    for (const one of entriesOf(install, entries)) {
      const key = keyOfThing(one.kind, one.name)
      owned.set(key, [...(owned.get(key) ?? []), one])
    }
  }
  return { owned, records }
}

/** Lines as `grep -H` prints them: `./KEY.json:{…}` of an entry, `./KEY.run:ID` of the start that it speaks of. */
function entriesOf(install: string, said: string): readonly OwnedEntry[] {
  const invocations = new Map(
    [...said.matchAll(/^\.\/([0-9a-f]+)\.run:([0-9a-f]+)$/gm)].map(([, key, id]) => [key, id]),
  )
  return [...said.matchAll(/^\.\/[0-9a-f]+\.json:(.*)$/gm)].flatMap(([, line = '']) => {
    const entry = entryOf(line)
    if (!entry) return []
    const invocation = invocations.get(keyOfThing(entry.kind, entry.name))
    return [{ ...entry, install, sha256: sha256Of(`${line}\n`), ...(invocation === undefined ? {} : { invocation }) }]
  })
}
