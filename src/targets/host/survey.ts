import type { FileSpec } from '../../kinds/file/spec.ts'
import type { HostSurvey, SurveyedFile, SurveyedUnit } from '../../kinds/host/survey.ts'
import { groupsIn } from '../../kinds/program/from-wire.ts'
import type { ProgramLive } from '../../kinds/program/spec.ts'
import { readUnitFile } from '../../kinds/unit/check-unit.ts'
import { commandPaths, unitReferences } from '../../kinds/unit/references.ts'
import type { UnitLive } from '../../kinds/unit/spec.ts'
import { parseUnitName } from '../../kinds/unit/unit-name.ts'
import type { Clock } from '../../model/clock.ts'
import { ReconcileError } from '../../model/error.ts'
import { makeId, partsOf, type ResourceId } from '../../model/id.ts'
import type { LiveState, Observed } from '../../model/live.ts'
import type { CallOptions } from '../../model/target.ts'
import { runScript } from '../../shell/script.ts'
import type { Asked } from './look.ts'
import { type Looked, lookAt, type Place } from './look-at.ts'
import { aboutScript, listScript, UNIT_FILE } from './survey-script.ts'

/**
 * Everything on a host that no package brought: first the names, then a look at them, then at what they stand on. The
 * facts of the target are its `HostSurvey`. @throws ReconcileError without root, who alone sees all of it
 */
export async function surveyHost(place: Place & { readonly clock: Clock }, options: CallOptions): Promise<LiveState> {
  const list = listOf(await answers(listScript(place.supervisor), place, options))
  if (list.uid !== 0) {
    throw new ReconcileError('TargetRefused', {
      message: `${place.shell.where}: user ${list.uid} may not see all that is installed there`,
      todo: "say `become: sudo` in the Host's document, or log in as root",
    })
  }
  const id = (kind: string, name: string): Asked => ({ id: makeId({ target: place.name, kind, name }) })
  const things = [
    ...list.units.map(({ name }) => id('Unit', name)),
    ...list.programs.map((name) => id('Program', name)),
  ]
  const first = await lookAt(things, place, options)
  const { paths, users } = standsOn(first.of)
  const about = aboutOf(await answers(aboutScript(paths, users), place, options))
  const second = await lookAt(
    [
      ...[...about.files].flatMap(([path, file]) =>
        file.forAll ? [{ ...id('File', path), ...specFor(path, file) }] : [],
      ),
      ...[...about.users.keys()].map((name) => id('User', name)),
    ],
    place,
    options,
  )
  const survey: HostSurvey = {
    ...list,
    ...about,
    units: list.units.map((unit) => ({ ...unit, show: showOf(unit, first) })),
  }
  return { at: place.clock.now(), of: new Map([...first.of, ...second.of]), facts: new Map([[place.name, survey]]) }
}

const showOf = ({ name }: { readonly name: string }, { facts }: Looked) => facts.units.get(name) ?? {}

/** Of a larger one no content is needed: it would not become a document. */
const MOST_TEXT = 262_144

/** A content is asked for where a spec has one. */
function specFor(path: string, { type, bytes }: SurveyedFile): { readonly spec?: Partial<FileSpec> } {
  if (type === 'binary' || bytes > MOST_TEXT) return {}
  return { spec: { path, symlinks: 'refuse', content: { base64: '', sha256: '' } } }
}

type Answers = ReadonlyMap<string, readonly string[]>

/** Word -> what was said after it, each time. */
async function answers(text: string, { shell }: Place, { signal }: CallOptions): Promise<Answers> {
  const ran = await runScript(shell, { text, args: ['survey'] }, { signal, maxBytes: 16 * 1024 * 1024 })
  const lines = ran.stdout.toString('utf8').split('\n')
  if (ran.code !== 0 || !lines.includes('end')) {
    const said = ran.stderr.toString('utf8').trim().slice(-500)
    throw new ReconcileError('TargetRefused', { message: `${shell.where}: it cannot be surveyed: ${said}` })
  }
  const found = new Map<string, string[]>()
  for (const line of lines) {
    const [word = '', base64 = ''] = line.split(' ')
    found.set(word, [...(found.get(word) ?? []), Buffer.from(base64, 'base64').toString('utf8')])
  }
  return found
}

const linesOf = (found: Answers, word: string): readonly string[] =>
  (found.get(word) ?? []).flatMap((text) => text.split('\n')).filter((line) => line !== '')

interface Listed extends Omit<HostSurvey, 'units' | 'files' | 'users'> {
  readonly uid: number
  readonly units: readonly Omit<SurveyedUnit, 'show'>[]
}

function listOf(found: Answers): Listed {
  const packaged = new Set(linesOf(found, 'packaged'))
  const paths = pathsOf(found).filter(({ path }) => !packaged.has(path))
  const own = paths.flatMap(unitAt)
  const templates = new Set(own.map(({ name }) => name).filter((name) => name.includes('@.')))
  const instances = [...new Set(linesOf(found, 'instances'))]
    .filter((name) => templates.has(parseUnitName(name).template ?? '') && !templates.has(name))
    .map((name) => ({ name, from: 'template' as const }))
  const dropIns = paths.flatMap(dropInAt)
  const known = new Set([...own, ...instances].map(({ name }) => name))
  const others = [...new Set(dropIns.flatMap(({ unit }) => unit ?? []))]
    .filter((name) => !known.has(name))
    .map((name) => ({ name, from: 'package' as const }))
  const programs = paths.flatMap(programAt)
  const main = linesOf(found, 'main').map((section) => ({
    subject: `[${section}]`,
    message: "stands in supervisord's main file; a file of its own in the include folder can be declared",
  }))
  return {
    uid: Number(found.get('uid')?.[0]),
    units: distinct([...own, ...instances, ...others]),
    programs: programs.flatMap(({ name }) => name ?? []),
    apart: [...dropIns, ...programs].flatMap(({ apart }) => apart ?? []).concat(main),
  }
}

/** The one in /etc comes first, and wins. */
function distinct<T extends { readonly name: string }>(units: readonly T[]): readonly T[] {
  const byName = new Map<string, T>()
  for (const unit of units) if (!byName.has(unit.name)) byName.set(unit.name, unit)
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface ListedPath {
  readonly path: string
  /** Of a symlink: where it leads in the end; empty where that is nowhere. */
  readonly to?: string
}

function pathsOf(found: Answers): readonly ListedPath[] {
  const words = (found.get('paths') ?? []).flatMap((text) => text.split('\0').slice(0, -1))
  return words.flatMap((word, at) => {
    if (at % 3 !== 0) return []
    const [path = '', to = ''] = words.slice(at + 1, at + 3)
    return [word === 'link' ? { path, to } : { path }]
  })
}

/** Made by `systemctl enable` or `mask`, or by a package: what leads elsewhere under another name, or into its folders. */
const NOT_LOCAL = /^$|^\/dev\/null$|^\/(usr\/)?lib\/systemd\/|^\/run\//

function unitAt({ path, to }: ListedPath): readonly Omit<SurveyedUnit, 'show'>[] {
  const { folder, name } = UNIT_FILE.exec(path)?.groups ?? {}
  if (name === undefined) return []
  if (to === undefined)
    return [folder === '/etc/systemd/system' ? { name, from: 'etc' } : { name, from: 'usr-local', path }]
  return NOT_LOCAL.test(to) || !to.endsWith(`/${name}`) ? [] : [{ name, from: 'link', path: to }]
}

interface Sorted {
  readonly unit?: string
  readonly name?: string
  readonly apart?: HostSurvey['apart'][number]
}

function dropInAt({ path, to }: ListedPath): readonly Sorted[] {
  const [, unit] = /^\/etc\/systemd\/system\/([^/]+)\.d\/[^/]+\.conf$/.exec(path) ?? []
  if (unit === undefined) return []
  // service.d/ and web-.service.d/ are of many units (systemd.unit(5))
  if (!UNIT_FILE.test(`/x/${unit}`)) return [apart(path, 'is of all units of a type')]
  if (/-\.[a-z]+$/.test(unit)) return [apart(path, 'is of all units that begin so')]
  return to === undefined ? [{ unit }] : to === '/dev/null' ? [] : [apart(path, `is a symlink to ${to || 'nothing'}`)]
}

const apart = (subject: string, message: string): Sorted => ({ apart: { subject, message } })

function programAt({ path, to }: ListedPath): readonly Sorted[] {
  if (path.startsWith('/etc/systemd/') || UNIT_FILE.test(path) || !path.endsWith('.conf')) return []
  if (to !== undefined) return [apart(path, `is a symlink to ${to || 'nothing'}`)]
  return [{ name: path.slice(path.lastIndexOf('/') + 1, -'.conf'.length) }]
}

function standsOn(of: ReadonlyMap<ResourceId, Observed>): {
  readonly paths: readonly string[]
  readonly users: readonly string[]
} {
  const paths = new Set<string>()
  const users = new Set<string>()
  for (const [id, seen] of of) {
    if (seen.state !== 'present') continue
    const { kind } = partsOf(id)
    if (kind !== 'Unit' && kind !== 'Program') continue
    const found = kind === 'Unit' ? ofUnit(seen.live as UnitLive) : ofProgram(seen.live as ProgramLive)
    for (const path of found.paths) paths.add(path)
    for (const user of found.users) users.add(user)
  }
  return { paths: [...paths].sort(), users: [...users].sort() }
}

function ofUnit({ name, file = '', dropIns }: UnitLive) {
  const { type } = parseUnitName(name)
  const texts = [
    file,
    ...Object.keys(dropIns)
      .sort()
      .map((key) => dropIns[key] ?? ''),
  ]
  const found = unitReferences(texts.flatMap((text) => readUnitFile(text, type).assignments))
  return { paths: [...found.environmentFiles, ...found.commands], users: found.user === undefined ? [] : [found.user] }
}

function ofProgram({ name, file = '' }: ProgramLive) {
  const processes = groupsIn(name, file).flatMap((group) => group.processes)
  return {
    paths: processes.flatMap(({ command }) => commandPaths(command)),
    users: processes.flatMap(({ user }) =>
      typeof user === 'string' && /^[a-z_]/.test(user) && user !== 'root' ? [user] : [],
    ),
  }
}

function aboutOf(found: Answers): Pick<HostSurvey, 'files' | 'users'> {
  const packaged = new Set(linesOf(found, 'packaged'))
  const files = (found.get('about') ?? []).map((text): readonly [string, SurveyedFile] => {
    const [path = '', type = '', stat = '', names = ''] = text.split('\0')
    const [mode = '', bytes = '', owner = '', group = '', uid = '', gid = ''] = stat.split(':')
    const file: SurveyedFile = {
      type: type === 'script' || type === 'text' ? type : 'binary',
      bytes: Number(bytes),
      owner: owner === 'UNKNOWN' ? uid : owner,
      group: group === 'UNKNOWN' ? gid : group,
      mode: mode.padStart(4, '0'),
      forAll: /[4-7]$/.test(mode),
      names: [...new Set(names.split('\n').filter((name) => name !== ''))],
    }
    return [path, file]
  })
  const users = (found.get('account') ?? []).map((text) => {
    const [name = '', word = ''] = text.split('\0')
    return [name, { ofPackage: word === 'package' }] as const
  })
  return { files: new Map(files.filter(([path]) => !packaged.has(path))), users: new Map(users) }
}
