import { listOf } from '../../kinds/unit/unit-file.ts'
import { parseUnitName } from '../../kinds/unit/unit-name.ts'
import { appName } from '../apps.ts'
import { type FoundThing, type FoundUnit, type HostFound, keyOf } from './found.ts'

/** `Kind/name` -> the app that it becomes part of. What hangs together is applied, proven and taken back together. */
export function appsOf({ things }: Pick<HostFound, 'things'>): ReadonlyMap<string, string> {
  const sets = createSets(things.filter(({ kind }) => kind !== 'User').map(keyOf))
  for (const thing of things) for (const other of tiesOf(thing, things)) sets.join(keyOf(thing), other)
  const groups = sets.groups()
  const byKey = new Map(things.map((thing) => [keyOf(thing), thing]))
  const taken = new Set<string>()
  const apps = new Map<string, string>()
  for (const keys of groups) {
    const members = keys.flatMap((key) => byKey.get(key) ?? [])
    const app = free(appName(nameOf(members)), taken)
    for (const key of keys) apps.set(key, app)
  }
  for (const thing of things) if (thing.kind === 'User') apps.set(keyOf(thing), appOfUser(thing.name, things, apps))
  return apps
}

function free(wanted: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`
    if (taken.has(name)) continue
    taken.add(name)
    return name
  }
}

/** Where several apps run as it, it has one of its own. */
function appOfUser(user: string, things: readonly FoundThing[], apps: ReadonlyMap<string, string>): string {
  const [app, ...others] = new Set(
    things.flatMap((thing) =>
      'references' in thing && thing.references.user === user ? (apps.get(keyOf(thing)) ?? []) : [],
    ),
  )
  return app !== undefined && others.length === 0 ? app : 'accounts'
}

const NEEDS = ['Requires', 'Requisite', 'Wants', 'BindsTo', 'PartOf', 'Upholds', 'Conflicts', 'PropagatesReloadTo']
const INSTALLS = ['WantedBy', 'RequiredBy', 'UpheldBy', 'Also']
const STARTS: Readonly<Record<string, readonly [string, string]>> = {
  timer: ['Timer', 'Unit'],
  path: ['Path', 'Unit'],
  socket: ['Socket', 'Service'],
}

/** Keys of what a thing cannot well be without, or is nothing without. */
function tiesOf(thing: FoundThing, things: readonly FoundThing[]): readonly string[] {
  if (thing.kind === 'File' || thing.kind === 'User') return []
  const { environmentFiles, commands } = thing.references
  const files = [...environmentFiles, ...commands].map((path) => `File/${path}`)
  if (thing.kind === 'Program') return known(files, things)
  const { template } = parseUnitName(thing.name)
  const listed = (section: string, keys: readonly string[]) =>
    keys.flatMap((key) => listOf(thing.assignments, section, key)).flatMap((value) => value.split(/\s+/))
  const units = [
    ...listed('Unit', NEEDS),
    ...listed('Install', INSTALLS),
    ...(template === undefined ? [] : [template]),
    ...startedBy(thing),
  ]
  return known([...files, ...units.map((name) => `Unit/${name}`)], things)
}

/** What a timer, a path or a socket starts: units(5) say so, or it is the service of the same name. */
export function startedBy({ name, assignments }: Pick<FoundUnit, 'name' | 'assignments'>): readonly string[] {
  const { type } = parseUnitName(name)
  const [section, key] = STARTS[type] ?? []
  if (section === undefined || key === undefined) return []
  const said = listOf(assignments, section, key)
  return said.length > 0 ? said : [name.replace(/\.[a-z]+$/, '.service'), name.replace(/\.[a-z]+$/, '@.service')]
}

function known(keys: readonly string[], things: readonly FoundThing[]): readonly string[] {
  const there = new Set(things.map(keyOf))
  return keys.filter((key) => there.has(key))
}

/** As people would call it: a target's name, what all names begin with, or the first of them. */
function nameOf(members: readonly FoundThing[]): string {
  const units = members.filter(({ kind }) => kind === 'Unit').map(({ name }) => name)
  const [target] = units.filter((name) => name.endsWith('.target'))
  if (target !== undefined) return stemOf(target)
  const stems = (units.length > 0 ? units : members.map(({ name }) => name)).map(stemOf).sort()
  const [first = 'imported'] = stems
  const last = stems.at(-1) ?? first
  const same = [...first].findIndex((letter, at) => letter !== last[at])
  const common = same < 0 ? first : first.slice(0, same).replace(/[-_.][^-_.]*$/, '')
  return common.length >= 3 && (same < 0 || /^[-_.]/.test(first.slice(common.length))) ? common : first
}

const stemOf = (name: string): string =>
  (name.startsWith('/') ? (name.split('/').at(-1) ?? name) : name)
    .replace(/@?[^@]*$/, (end) => (end.startsWith('@') ? '' : end))
    .replace(/\.(service|socket|timer|path|target|mount|automount|swap|slice)$/, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '-')

interface Sets {
  join(a: string, b: string): void
  groups(): readonly (readonly string[])[]
}

function createSets(keys: readonly string[]): Sets {
  const parents = new Map(keys.map((key) => [key, key]))
  const rootOf = (key: string): string => {
    const parent = parents.get(key)
    return parent === undefined || parent === key ? key : rootOf(parent)
  }
  return {
    join: (a, b) => void parents.set(rootOf(a), rootOf(b)),
    groups: () => {
      const groups = new Map<string, string[]>()
      for (const key of keys) groups.set(rootOf(key), [...(groups.get(rootOf(key)) ?? []), key])
      return [...groups.values()]
    },
  }
}
