import type { ParsedFile } from './parse-yaml.ts'
import { fromRoot, isStray, type WhereFrom, whereFrom, whereFromFolder } from './places.ts'
import type { Reading } from './reading.ts'
import type { SourceFile, Tree } from './tree.ts'

/** A parsed file, and what it is by its path. */
export interface LoadedFile extends WhereFrom {
  readonly path: string
  readonly source: SourceFile
  readonly parsed: ParsedFile
  /** Something in it has a `kind`, or it stands where only documents stand. */
  readonly isDocument: boolean
}

/** Every YAML file that may be a document, in the order of paths. What stands in the tree and is not read is reported. */
export function loadFiles(reading: Reading): readonly LoadedFile[] {
  const { files } = reading.input
  for (const [path, why] of files.refused ?? []) reportRefused(path, why, reading)
  const paths = files.paths.filter((path) => fromRoot(path, files.root) !== undefined)
  return paths.sort().flatMap((path) => loadFile(path, reading) ?? [])
}

function loadFile(path: string, reading: Reading): LoadedFile | undefined {
  const { files } = reading.input
  const where = whereFrom(path, files.root)
  if (isStray(path, files.root)) warnStray(path, reading)
  const file = where && files.read(path)
  if (!file || file === 'later') return undefined
  const parsed = reading.parse(file)
  const isDocument = where.place !== 'apps' || parsed.trees.some(hasKind)
  return { ...where, path, parsed, isDocument, source: { path, lines: parsed.lines } }
}

/** A document that extends another one may have its kind from there. */
const hasKind = (tree: Tree): boolean =>
  tree.type === 'map' && (tree.entries.has('kind') || tree.entries.has('extends'))

function reportRefused(path: string, why: string, reading: Reading): void {
  const { root } = reading.input.files
  const where = whereFrom(path, root) ?? whereFromFolder(path, root)
  if (!where) return // it matters where a document refers to it, and is reported there
  const app = where.app === undefined ? {} : { app: where.app }
  const message = `this is not read: ${why}`
  reading.problems.add({ severity: 'error', position: topOf(path), pointer: '', message, ...app })
  if (where.app === undefined) return
  reading.broken.add(where.app)
  reading.unread.add(path)
}

function warnStray(path: string, reading: Reading): void {
  const message = 'this file is not read: documents stand in the folder of their app, apps/<app>/'
  reading.problems.add({ severity: 'warning', position: topOf(path), pointer: '', message })
}

const topOf = (path: string) => ({ path, line: 1, column: 1 })
