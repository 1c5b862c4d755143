import { type NormalizeContext, type Normalized, NormalizeProblem } from '../../model/kind.ts'
import type { Unit } from '../../model/written/unit.ts'
import { note } from '../mistakes.ts'
import { isInstallable, readUnitFile, refusalOfUnit, remainsAfterExit, serviceType } from './check-unit.ts'
import { programOf } from './program.ts'
import type { UnitSpec } from './spec.ts'
import { type Assignment, listOf } from './unit-file.ts'
import { isTemplate, parseUnitName, type UnitName } from './unit-name.ts'

/** A unit whose files were read, on its way to a spec. */
interface ReadUnit {
  readonly written: Unit
  readonly name: UnitName
  readonly file?: string
  readonly dropIns: Readonly<Record<string, string>>
  /** Of the file and then of the drop-ins, in the order of their names, as systemd applies them. */
  readonly assignments: readonly Assignment[]
}

/**
 * Digests of triggers are filled in when everything is rendered. What systemd would say of the files is a warning here:
 * on the host, its own version decides. @throws NormalizeProblem
 */
export function normalizeUnit(written: Unit, context: NormalizeContext): Normalized<UnitSpec> {
  const unit = readUnit(written, context)
  for (const problem of mistakesOf(unit)) note(context, problem)
  const { name, masked = false, reloadOn = [] } = written
  const { file, dropIns } = unit
  const enabled = enabledOf(unit)
  const state = stateOf(unit)
  const spec: UnitSpec = {
    name,
    ...(file === undefined ? {} : { file }),
    dropIns,
    masked,
    ...(enabled === undefined ? {} : { enabled }),
    ...(state === undefined ? {} : { state }),
    program: programOf(unit, unit.name.type),
    triggers: {},
    reloadOn: [...reloadOn].sort(),
  }
  return { name, spec, uses: templateUsed(unit, context) }
}

function readUnit(written: Unit, context: NormalizeContext): ReadUnit {
  const name = parseUnitName(written.name)
  const assignments: Assignment[] = []
  const read = (path: string, pointer: string): string => {
    const text = textOf(context.file(path, pointer), pointer)
    const found = readUnitFile(text, name.type)
    for (const { line, message } of found.complaints) context.warn(pointer, `${path}:${line ?? 1}: ${message}`)
    assignments.push(...found.assignments)
    return text
  }
  const file = written.file === undefined ? undefined : read(written.file, '/file')
  const dropIns = Object.fromEntries(
    dropInNames(written).map(({ key, name: dropIn, path }) => [dropIn, read(path, `/dropIns/${key}`)]),
  )
  const refusal = file === undefined ? undefined : refusalOfUnit(name.type, assignments)
  if (refusal) context.warn('/file', `${written.file}: ${refusal}`)
  return { written, name, ...(file === undefined ? {} : { file }), dropIns, assignments }
}

function textOf(content: Buffer, pointer: string): string {
  const text = content.toString('utf8')
  if (!text.includes('\0') && !text.includes('\uFFFD')) return text
  throw new NormalizeProblem(pointer, 'the file is no UTF-8 text: systemd would ignore lines of it')
}

/** Sorted, with their ending; a name is a file's, and nothing that leads elsewhere (SEC-1). */
function dropInNames({ dropIns = {} }: Unit) {
  const names = Object.entries(dropIns).map(([key, path]) => {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.@:-]{0,200}$/.test(key)) {
      throw new NormalizeProblem('/dropIns', `'${key}' is no name of a drop-in: letters, digits, dots and dashes`)
    }
    return { key, name: key.endsWith('.conf') ? key : `${key}.conf`, path }
  })
  const twice = names.find(({ name }, index) => names.findIndex((other) => other.name === name) !== index)
  if (twice) throw new NormalizeProblem(`/dropIns/${twice.key}`, `${twice.name} is declared twice`)
  return names.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isService = ({ name }: ReadUnit): boolean => name.type === 'service'

/** It runs to its end, and is inactive after that: to keep it running would run it for ever. */
const runsToItsEnd = (unit: ReadUnit): boolean =>
  isService(unit) &&
  unit.file !== undefined &&
  serviceType(unit.assignments) === 'oneshot' &&
  !remainsAfterExit(unit.assignments)

function stateOf(unit: ReadUnit): UnitSpec['state'] | undefined {
  const { written, name } = unit
  if (written.state !== undefined) return written.state
  if (written.masked) return 'stopped'
  return isTemplate(name) || name.type === 'slice' || runsToItsEnd(unit) ? undefined : 'running'
}

/** Of a unit of a package, as it is; of a file without [Install], there is nothing to say. */
function enabledOf({ written, file, assignments, name }: ReadUnit): boolean | undefined {
  if (written.enabled !== undefined || written.masked || file === undefined) return written.enabled
  if (isTemplate(name) && listOf(assignments, 'Install', 'DefaultInstance').length === 0) return undefined
  return isInstallable(assignments) ? true : undefined
}

function mistakesOf(unit: ReadUnit): readonly NormalizeProblem[] {
  const { written, name, file, assignments } = unit
  const known = file !== undefined
  const template = isTemplate(name)
  const restarts = new Set(written.restartOn ?? [])
  const rules: readonly (readonly [boolean, string, string])[] = [
    [file === '', '/file', "the file is empty: systemd takes that for masked, which is 'masked: true'"],
    [written.masked === true && known, '/file', 'a masked unit has no file: its place is taken by a link to /dev/null'],
    [written.masked === true && written.enabled === true, '/enabled', 'a masked unit cannot be enabled'],
    [written.masked === true && written.state === 'running', '/state', 'a masked unit cannot run'],
    [template && written.state !== undefined, '/state', `${written.name} is a template: its instances run, not itself`],
    [
      written.state === 'running' && runsToItsEnd(unit),
      '/state',
      'it runs to its end (Type=oneshot): write RemainAfterExit=yes, or leave the state out',
    ],
    [
      written.enabled === true && known && !isInstallable(assignments),
      '/enabled',
      'there is nothing in its [Install] section: systemd calls it static, and enables nothing',
    ],
    [
      written.enabled === true && known && template && listOf(assignments, 'Install', 'DefaultInstance').length === 0,
      '/enabled',
      'a template is enabled by its instances, unless it has a DefaultInstance=',
    ],
    [
      (written.reloadOn ?? []).length > 0 && known && !canReload(unit),
      '/reloadOn',
      'it cannot reload: there is no ExecReload= in its file',
    ],
  ]
  const twice = (written.reloadOn ?? []).findIndex((reference) => restarts.has(reference))
  return [
    ...rules.filter(([applies]) => applies).map(([, pointer, message]) => new NormalizeProblem(pointer, message)),
    ...(twice < 0
      ? []
      : [new NormalizeProblem(`/reloadOn/${twice}`, `'${written.reloadOn?.[twice]}' restarts it already`)]),
  ]
}

const canReload = (unit: ReadUnit): boolean =>
  isService(unit) &&
  (listOf(unit.assignments, 'Service', 'ExecReload').length > 0 || serviceType(unit.assignments) === 'notify-reload')

/** An instance needs its template. What runs of it does not see that the template changed, unless it is told. */
function templateUsed({ written, name, file }: ReadUnit, context: NormalizeContext) {
  const { template, instance } = name
  if (template === undefined || instance === undefined || file !== undefined) return []
  if (context.refer('Unit', template) === undefined) return []
  if (![...(written.restartOn ?? []), ...(written.reloadOn ?? [])].some((on) => on.endsWith(`Unit/${template}`))) {
    context.warn('', `a change of Unit/${template} does not restart it; 'restartOn: [Unit/${template}]' would`)
  }
  return [{ kind: 'Unit', name: template }]
}
