import { isInstallable, remainsAfterExit, serviceType } from '../../kinds/unit/check-unit.ts'
import { isTemplate, parseUnitName } from '../../kinds/unit/unit-name.ts'
import { someList, someMap, type Written, yes } from '../written.ts'
import type { FoundFile, FoundProgram, FoundThing, FoundUnit, FoundUser } from './found.ts'
import { startedBy } from './groups.ts'

/** Content of a file of the repository, beside the document that names it. */
interface Content {
  /** From the folder of the document. */
  readonly path: string
  readonly text: string
}

export interface HostDocument {
  readonly written: Written
  readonly contents: readonly Content[]
}

export interface DocumentContext {
  readonly host: string
  readonly things: readonly FoundThing[]
  /** `File//opt/x` -> what its document is called. */
  readonly fileNames: ReadonlyMap<string, string>
}

export function documentOf(thing: FoundThing, context: DocumentContext): HostDocument {
  switch (thing.kind) {
    case 'Unit':
      return unitDocument(thing, context)
    case 'Program':
      return programDocument(thing, context)
    case 'File':
      return fileDocument(thing, context)
    case 'User':
      return userDocument(thing, context)
  }
}

/** As a file name of any system; nothing that the engine would read as a document. */
const fileName = (path: string): string => {
  const plain = path.replace(/[^A-Za-z0-9_.@+/-]/g, '_')
  return /\.ya?ml$/.test(plain) ? `${plain}.txt` : plain
}

function unitDocument(unit: FoundUnit, context: DocumentContext): HostDocument {
  const { name, live } = unit
  const { host } = context
  const file =
    unit.from === 'etc' && live.file !== undefined ? { path: `${host}/${fileName(name)}`, text: live.file } : undefined
  const dropIns = Object.entries(live.dropIns).map(([key, text]) => ({
    key,
    path: `${host}/${fileName(`${name}.d/${key}`)}`,
    text,
  }))
  const ignored = notOurState(unit, context)
  const written = {
    kind: 'Unit',
    name,
    hosts: [host],
    file: file?.path,
    dropIns: someMap(Object.fromEntries(dropIns.map(({ key, path }) => [key, path]))),
    enabled: enabledOf(unit),
    state: ignored === undefined ? stateOf(unit) : 'stopped',
    restartOn: someList(restartsOn(unit, context)),
    keeper: { adopt: true, ignore: ignored === undefined ? undefined : [{ field: '/state', reason: ignored }] },
  }
  return { written, contents: [...(file ? [file] : []), ...dropIns.map(({ path, text }) => ({ path, text }))] }
}

const isUp = ({ live }: FoundUnit): boolean => ['active', 'reloading'].includes(live.active)
const ENABLED = new Set(['enabled', 'alias'])

/** Said only where the file alone would be understood otherwise. */
function enabledOf({ name, from, live, assignments }: FoundUnit): boolean | undefined {
  if (from === 'package' || live.enabled === 'linked') return undefined
  const enabled = ENABLED.has(live.enabled)
  if (isTemplate(parseUnitName(name))) return undefined
  if (from !== 'etc') return live.enabled === 'static' || live.enabled === 'generated' ? undefined : enabled
  return isInstallable(assignments) && !enabled ? false : undefined
}

const hasNoState = ({ name, from, assignments }: FoundUnit): boolean => {
  const parsed = parseUnitName(name)
  const ends = parsed.type === 'service' && serviceType(assignments) === 'oneshot' && !remainsAfterExit(assignments)
  return isTemplate(parsed) || parsed.type === 'slice' || (from === 'etc' && ends)
}

const stateOf = (unit: FoundUnit): 'stopped' | undefined => (hasNoState(unit) || isUp(unit) ? undefined : 'stopped')

/**
 * Why it runs now and then, if it does: then neither is drift. It is written as stopped, for health asks of what is stopped
 * only that it has not failed.
 */
function notOurState(unit: FoundUnit, { things }: DocumentContext): string | undefined {
  const { name, from, show, assignments } = unit
  if (hasNoState(unit)) return undefined
  const starter = things.find((one) => one.kind === 'Unit' && startedBy(one).some((other) => isOf(other, name)))
  if (starter) return `${starter.name} starts it`
  if (from === 'etc' || show.Type !== 'oneshot') return undefined
  const remains = remainsAfterExit(textOfTemplate(name, things) ?? assignments)
  return remains && from !== 'package' ? undefined : 'it runs to its end'
}

const isOf = (starts: string, name: string): boolean => starts === name || starts === parseUnitName(name).template

function textOfTemplate(name: string, things: readonly FoundThing[]): FoundUnit['assignments'] | undefined {
  const { template } = parseUnitName(name)
  return things.flatMap((one) => (one.kind === 'Unit' && one.name === template ? [one.assignments] : []))[0]
}

/** What runs with it is started again when it changes. */
function restartsOn(unit: FoundUnit, { things, fileNames }: DocumentContext): readonly string[] {
  const { type, template } = parseUnitName(unit.name)
  const isTold = template !== undefined && template !== unit.name
  const ofTemplate =
    isTold && things.some((one) => one.kind === 'Unit' && one.name === template) ? [`Unit/${template}`] : []
  if (type !== 'service' || hasNoState(unit)) return ofTemplate
  return [...ofTemplate, ...referredFiles(unit, fileNames)]
}

function referredFiles(
  { references: { environmentFiles, commands } }: FoundUnit | FoundProgram,
  fileNames: ReadonlyMap<string, string>,
): readonly string[] {
  const names = [...environmentFiles, ...commands].flatMap((path) => fileNames.get(`File/${path}`) ?? [])
  return [...new Set(names)].map((name) => `File/${name}`)
}

function programDocument(program: FoundProgram, { host, fileNames }: DocumentContext): HostDocument {
  const { name, live } = program
  const path = `${host}/supervisord/${fileName(name)}.conf`
  const states = Object.values(live.groups).flatMap(({ processes }) => Object.values(processes))
  const isDown = states.length > 0 && states.every((state) => state === 'STOPPED')
  const written = {
    kind: 'Program',
    name,
    hosts: [host],
    conf: path,
    state: isDown ? 'stopped' : undefined,
    restartOn: someList(referredFiles(program, fileNames)),
    keeper: { adopt: true },
  }
  return { written, contents: [{ path, text: live.file ?? '' }] }
}

function fileDocument({ name, live, text }: FoundFile, { host, fileNames }: DocumentContext): HostDocument {
  const path = `${host}/files${fileName(name)}`
  const written = {
    kind: 'File',
    name: fileNames.get(`File/${name}`),
    hosts: [host],
    path: name,
    file: path,
    ...placeWritten(live, '0644'),
    keeper: { adopt: true },
  }
  return { written, contents: [{ path, text }] }
}

interface Place {
  readonly owner: string
  readonly group: string
  readonly mode: string
}

export const placeWritten = ({ owner, group, mode }: Place, usual: string): Written => ({
  owner: owner === 'root' ? undefined : owner,
  group: owner === 'root' && group === 'root' ? undefined : group,
  mode: mode === usual ? undefined : mode,
})

function userDocument({ name, live }: FoundUser, { host }: DocumentContext): HostDocument {
  const { uid, group, groups, home, shell, comment } = live
  const others = groups.filter((one) => one !== group)
  const written = {
    kind: 'User',
    name,
    hosts: [host],
    uid,
    system: yes(uid < 1000),
    group: group === name ? undefined : group,
    groups: someList(others),
    home,
    shell,
    comment: comment === '' ? undefined : comment,
    keeper: { adopt: true },
  }
  return { written, contents: [] }
}
