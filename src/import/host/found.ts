import type { FileLive } from '../../kinds/file/spec.ts'
import type { HostSurvey, SurveyedFile, SurveyedUnit } from '../../kinds/host/survey.ts'
import { groupsIn } from '../../kinds/program/from-wire.ts'
import type { ProgramLive } from '../../kinds/program/spec.ts'
import { readUnitFile } from '../../kinds/unit/check-unit.ts'
import { commandPaths, type UnitReferences, unitReferences } from '../../kinds/unit/references.ts'
import type { UnitLive } from '../../kinds/unit/spec.ts'
import type { Assignment } from '../../kinds/unit/unit-file.ts'
import { parseUnitName } from '../../kinds/unit/unit-name.ts'
import type { UserLive } from '../../kinds/user/spec.ts'
import { makeId } from '../../model/id.ts'
import type { LiveState, Observed } from '../../model/live.ts'
import { secretNames, secretsOfProgram, secretsOfUnit, textHoldsSecret } from './secrets.ts'

type Present<L> = Extract<Observed<L>, { readonly state: 'present' }>

export interface FoundUnit extends SurveyedUnit {
  readonly kind: 'Unit'
  readonly live: UnitLive
  /** Of its file, where it is known, and then of its drop-ins. */
  readonly assignments: readonly Assignment[]
  readonly references: UnitReferences
}

export interface FoundProgram {
  readonly kind: 'Program'
  readonly name: string
  readonly live: ProgramLive
  readonly references: UnitReferences
}

export interface FoundFile {
  readonly kind: 'File'
  /** Its path. */
  readonly name: string
  readonly live: FileLive
  readonly text: string
}

export interface FoundUser {
  readonly kind: 'User'
  readonly name: string
  readonly live: UserLive
}

export type FoundThing = FoundUnit | FoundProgram | FoundFile | FoundUser

/** What was installed on a host by hand and is nobody's yet, and can be a document. */
export interface HostFound {
  readonly target: string
  readonly live: LiveState
  readonly survey: HostSurvey
  readonly things: readonly FoundThing[]
  /** Files that most likely hold secrets: never written, only proposed. By path. */
  readonly secretFiles: ReadonlyMap<string, SurveyedFile>
  /** `Unit/web.service` -> why it is no document. */
  readonly leftOut: ReadonlyMap<string, string>
  /** Resources that are ours already. */
  readonly owned: number
}

/** `Kind/name` */
export const keyOf = ({ kind, name }: { readonly kind: string; readonly name: string }): string => `${kind}/${name}`

export function findOnHost(target: string, live: LiveState): HostFound {
  const survey = live.facts.get(target) as HostSurvey
  const leftOut = new Map<string, string>()
  const look: Looking = { target, live, survey, leftOut }
  const units = survey.units.flatMap((unit) => foundUnit(unit, look))
  const programs = survey.programs.flatMap((name) => foundProgram(name, look))
  const users = [...survey.users].flatMap(([name, { ofPackage }]) => (ofPackage ? [] : foundUser(name, look)))
  const secretFiles = secretFilesOf([...units, ...programs], look)
  const files = [...survey.files].flatMap(([path, file]) => (secretFiles.has(path) ? [] : foundFile(path, file, look)))
  return {
    target,
    live,
    survey,
    things: [...users, ...files, ...programs, ...units],
    secretFiles,
    leftOut,
    owned: [...live.of.values()].filter((one) => one.state === 'present' && one.owner.who === 'us').length,
  }
}

interface Looking {
  readonly target: string
  readonly live: LiveState
  readonly survey: HostSurvey
  readonly leftOut: Map<string, string>
}

/** Undefined where it is somebody's, or cannot be seen: then it is said, but for what is ours. */
function nobodys<L>(kind: string, name: string, { target, live, leftOut }: Looking): Present<L> | undefined {
  const seen = live.of.get(makeId({ target, kind, name })) as Observed<L> | undefined
  if (seen === undefined || seen.state === 'absent') return undefined
  if (seen.state === 'unknown') leftOut.set(keyOf({ kind, name }), seen.reason)
  else if (seen.owner.who === 'other')
    leftOut.set(keyOf({ kind, name }), `it belongs to the install '${seen.owner.install}'`)
  else if (seen.owner.who === 'nobody') return seen
  return undefined
}

function foundUnit(unit: SurveyedUnit, look: Looking): readonly FoundUnit[] {
  const seen = nobodys<UnitLive>('Unit', unit.name, look)
  if (!seen || seen.live.load === 'masked' || seen.live.enabled === 'masked') return []
  const { live } = seen
  const { type } = parseUnitName(unit.name)
  const dropIns = Object.keys(live.dropIns)
    .sort()
    .map((name) => live.dropIns[name] ?? '')
  const texts = [...(live.file === undefined ? [] : [live.file]), ...dropIns]
  const assignments = texts.flatMap((text) => readUnitFile(text, type).assignments)
  const why = notToAdopt(unit, live, seen.health.message) ?? holding(texts.flatMap((text) => secretsOfUnit(text, type)))
  if (why !== undefined) look.leftOut.set(keyOf({ kind: 'Unit', name: unit.name }), why)
  return why === undefined
    ? [{ ...unit, kind: 'Unit', live, assignments, references: unitReferences(assignments) }]
    : []
}

/** What is between two states is adopted by nobody; nor is it known what it runs with. */
function notToAdopt({ show }: SurveyedUnit, live: UnitLive, message = live.active): string | undefined {
  if (live.active === 'failed')
    return `it has failed, now: ${message}; start it, or say 'systemctl reset-failed', and import again`
  if (['activating', 'deactivating'].includes(live.active) || show.SubState?.startsWith('auto-restart')) {
    return `it is not at rest, now: ${message}; import again when it is`
  }
  if (live.needsReload)
    return "systemd runs another version than its files say; say 'systemctl daemon-reload', and import again"
  return undefined
}

export const SECRET_WITHIN = 'looks like a secret'

const holding = (names: readonly string[]): string | undefined =>
  names.length === 0
    ? undefined
    : `${[...new Set(names)].join(', ')} in it ${SECRET_WITHIN}, and no document may hold one: move it into a file that only root can read, and import again`

function foundProgram(name: string, look: Looking): readonly FoundProgram[] {
  const seen = nobodys<ProgramLive>('Program', name, look)
  if (!seen) return []
  const { live } = seen
  const processes = groupsIn(name, live.file ?? '').flatMap((group) => group.processes)
  const restless = Object.entries(live.groups).flatMap(([group, { processes: states }]) =>
    Object.entries(states)
      .filter(([, state]) => ['STARTING', 'BACKOFF', 'STOPPING', 'FATAL', 'UNKNOWN'].includes(state))
      .map(([process, state]) => `${group}:${process} is ${state}`),
  )
  const why =
    holding(secretsOfProgram(name, live.file ?? '')) ??
    (restless.length > 0 ? `${restless.join(', ')}; import again when it is at rest` : undefined)
  if (why !== undefined) {
    look.leftOut.set(keyOf({ kind: 'Program', name }), why)
    return []
  }
  const commands = processes.flatMap(({ command }) => commandPaths(command))
  const user = processes.flatMap((one) => one.user ?? []).find((one) => one !== 'root')
  return [
    {
      kind: 'Program',
      name,
      live,
      references: { environmentFiles: [], commands, ...(user === undefined ? {} : { user }) },
    },
  ]
}

const SYSTEM_USERS = 100

function foundUser(name: string, look: Looking): readonly FoundUser[] {
  const seen = nobodys<UserLive>('User', name, look)
  return seen && seen.live.uid >= SYSTEM_USERS && seen.live.uid < 65_534
    ? [{ kind: 'User', name, live: seen.live }]
    : []
}

/** Environment files that hold secrets, or that somebody has closed to others, which says the same. */
function secretFilesOf(
  things: readonly (FoundUnit | FoundProgram)[],
  look: Looking,
): ReadonlyMap<string, SurveyedFile> {
  const environment = new Set(things.flatMap(({ references }) => references.environmentFiles))
  return new Map(
    [...look.survey.files].filter(([path, file]) => {
      if (file.type === 'binary' || isOurs(path, look)) return false
      if (environment.has(path) && (!file.forAll || secretNames(file).length > 0)) return true
      return file.forAll && textHoldsSecret(textAt(path, look) ?? '')
    }),
  )
}

const seenAt = (path: string, { target, live }: Looking) =>
  live.of.get(makeId({ target, kind: 'File', name: path })) as Observed<FileLive> | undefined

function isOurs(path: string, look: Looking): boolean {
  const seen = seenAt(path, look)
  return seen?.state === 'present' && seen.owner.who === 'us'
}

function textAt(path: string, look: Looking): string | undefined {
  const seen = seenAt(path, look)
  if (seen?.state !== 'present' || seen.live.base64 === undefined) return undefined
  const bytes = Buffer.from(seen.live.base64, 'base64')
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) && !text.includes('\0') ? text : undefined
}

function foundFile(path: string, file: SurveyedFile, look: Looking): readonly FoundFile[] {
  if (file.type === 'binary' || !file.forAll) return []
  const seen = nobodys<FileLive>('File', path, look)
  const text = textAt(path, look)
  if (!seen || text === undefined) return []
  const { live } = seen
  if (live.type === 'file' && live.crosses === undefined) return [{ kind: 'File', name: path, live, text }]
  const where = live.crosses === undefined ? 'it is a symlink' : `its path crosses the symlink ${live.crosses}`
  look.leftOut.set(keyOf({ kind: 'File', name: path }), where)
  return []
}
