import { parseEnvFile } from '../lib/env-file.ts'
import { didYouMean } from '../lib/nearest.ts'
import type { Position } from '../model/problem.ts'
import { decodeText } from './decode.ts'
import type { RepositoryFiles } from './document.ts'
import { applyExtends } from './extends.ts'
import type { LoadedFile } from './load-files.ts'
import { FLEET_FILE, fromRoot } from './places.ts'
import { quote } from './quote.ts'
import { type Reading, readFile, report } from './reading.ts'
import { readWritten, refusedInTree } from './resolve-path.ts'
import { positionIn, type Rooted, textAt } from './tree.ts'
import type { Vars } from './vars.ts'

export interface FleetRead {
  /** There is one Fleet, and nothing is wrong with it. */
  readonly valid: boolean
  readonly vars: Vars
}

const NO_VARS: Vars = new Map()

/** swarmkeeper.yaml: the Fleet, alone, and the variables that it names. */
export function readFleetDocument(files: readonly LoadedFile[], reading: Reading): FleetRead {
  const file = files.find(({ place }) => place === 'fleet')
  if (!file) return missing(reading)
  const [tree, second] = file.parsed.trees
  const root = tree && { tree, file: file.source }
  const vars = root ? readVars(root, reading) : 'unknown'
  const bases = { files: reading.input.files, vars, parse: reading.parse }
  const built = readFile(file, bases, reading)
  if (!tree && file.parsed.flaws.length === 0)
    report(reading, file, { ...top(file.path), message: 'the file is empty: it has no Fleet' })
  if (second) {
    const position = positionIn({ tree: second, file: file.source }, '')
    const message = `${FLEET_FILE} has one document, the Fleet at line ${root ? positionIn(root, '').line : 1}; this is one more`
    report(reading, file, { position, pointer: '', message })
  }
  return { valid: built.length === 1 && built[0]?.document !== undefined, vars }
}

function missing(reading: Reading): FleetRead {
  const { files } = reading.input
  const { root = '' } = files
  const message = whyNoRoot(root, files) ?? `there is no ${FLEET_FILE} ${placeOf(root)}${otherThan(root, files)}`
  reading.problems.add({ severity: 'error', ...top(fleetPath(root)), message })
  return { valid: false, vars: 'unknown' }
}

const fleetPath = (root: string): string => (root === '' ? FLEET_FILE : `${root}/${FLEET_FILE}`)

const placeOf = (root: string): string =>
  root === ''
    ? 'at the top of the repository (or of the path in the settings)'
    : `in ${quote(root)}, the path in the settings`

/** A file that may have been meant. */
function otherThan(root: string, { paths }: RepositoryFiles): string {
  const inside = paths.filter((path) => fromRoot(path, root) !== undefined)
  const other = inside.find((path) => /(^|\/)swarmkeeper\.ya?ml$/.test(path))
  return other === undefined ? didYouMean(fleetPath(root), inside) : `; ${quote(other)} is not it`
}

/** Why there is no such folder; undefined where there is one. */
function whyNoRoot(root: string, files: RepositoryFiles): string | undefined {
  const known = [...files.paths, ...(files.refused?.keys() ?? [])]
  if (root === '' || known.some((path) => fromRoot(path, root) !== undefined)) return undefined
  const refused = refusedInTree(files, root)
  if (refused !== undefined) return `the path in the settings leads nowhere: ${refused}`
  if (files.paths.includes(root)) return `the path in the settings, ${quote(root)}, is a file; it names a folder`
  const others = files.paths.flatMap((path) => /^(.+)\/swarmkeeper\.yaml$/.exec(path)?.[1] ?? [])
  return `the repository has no folder ${quote(root)}, the path in the settings${didYouMean(root, others)}`
}

const top = (path: string): { readonly position: Position; readonly pointer: string } => ({
  position: { path, line: 1, column: 1 },
  pointer: '',
})

/** Variables cannot stand in the path of the file that gives them. */
function readVars(root: Rooted, reading: Reading): Vars {
  const { files } = reading.input
  const fleet = applyExtends(root, { files, vars: NO_VARS, parse: reading.parse }).root
  const written = textAt(fleet.tree, 'vars')
  if (written === undefined) return NO_VARS
  const position = positionIn(fleet, '/vars')
  const refuse = (message: string): Vars => {
    reading.problems.add({ severity: 'error', position, pointer: '/vars', message })
    return 'unknown'
  }
  const found = readWritten(files, position.path, written)
  if ('refused' in found) return refuse(found.refused)
  const decoded = decodeText(found.content)
  if ('refused' in decoded) return refuse(`${quote(found.path)}: ${decoded.refused}`)
  const { values, problems } = parseEnvFile(decoded.text)
  for (const { line, column, message, severity } of problems) {
    reading.problems.add({ severity, position: { path: found.path, line, column }, pointer: '', message })
  }
  return values
}
