import type { Position, Problem } from '../model/problem.ts'
import { type Built, buildDocument, unusableOf } from './build-document.ts'
import type { Document, RepositoryFiles } from './document.ts'
import type { Bases } from './extends.ts'
import { LIMITS } from './limits.ts'
import type { LoadedFile } from './load-files.ts'
import { createParseCache, type ParseCache } from './parse-cache.ts'
import { type ParsedFile, parseYaml } from './parse-yaml.ts'
import { isAppName } from './places.ts'
import { createProblemList, type ProblemList } from './problems.ts'
import { pathsIn } from './references.ts'
import type { Schemas } from './schemas.ts'
import { mapOf, positionAt, type Tree, textAt } from './tree.ts'

export interface ReadInput {
  readonly files: RepositoryFiles
  readonly schemas: Schemas
  /** Keeps parsed files from one revision to the next. */
  readonly cache?: ParseCache
}

/** What reading has found so far. */
export interface Reading {
  readonly input: ReadInput
  readonly problems: ProblemList
  readonly documents: Document[]
  readonly unusable: Document[]
  /** Files with a flaw. */
  readonly unread: Set<string>
  readonly broken: Set<string>
  readonly brokenTargets: Set<string>
  /** There are YAML files that are no documents: what documents refer to is worth knowing. */
  others: boolean
  /** Files that documents name: none of them needs a `kind`. */
  readonly referred: Set<string>
  /** Values of all documents so far. */
  values: number
  parse(file: { readonly oid: string; readonly content: Buffer }): ParsedFile
}

export function startReading(input: ReadInput): Reading {
  const cache = input.cache ?? createParseCache()
  return {
    input,
    problems: createProblemList(),
    documents: [],
    unusable: [],
    unread: new Set(),
    broken: new Set(),
    brokenTargets: new Set(),
    others: false,
    referred: new Set(),
    values: 0,
    parse({ oid, content }) {
      const known = cache.get(oid)
      if (known) return known
      const parsed = parseYaml(content)
      cache.set(oid, parsed)
      return parsed
    },
  }
}

/** Documents of one file. Of a file with a flaw none is used: what it says is not certain. */
export function readFile(file: LoadedFile, bases: Bases, reading: Reading): readonly Built[] {
  if (reportFlaws(file, reading)) return []
  return file.parsed.trees.map((tree) => {
    const built = buildDocument({ tree, file: file.source }, file, { schemas: reading.input.schemas, bases })
    if (reading.others) for (const path of [...built.bases, ...pathsIn(built.root)]) reading.referred.add(path)
    for (const problem of built.problems) report(reading, file, problem)
    const valid = withinBudget(built, file, reading) ? built.document : undefined
    if (built.unusable) reading.unusable.push(built.unusable)
    if (valid) reading.documents.push(valid)
    // Without a name, the file stands for its target: that there is one more must be known where one is chosen.
    else if (file.place === 'targets') breakTarget(textAt(built.root.tree, 'name') ?? file.path, reading)
    if (valid?.kind === 'Policy') warnPolicy(valid, reading)
    return built
  })
}

/** Is there an error? Then its targets, as far as their names can be read, are not to be trusted. */
export function reportFlaws(file: LoadedFile, reading: Reading): boolean {
  const { flaws, trees } = file.parsed
  for (const { offset, message, severity } of flaws) {
    report(reading, file, { position: positionAt(file.source, offset), pointer: '', message, severity })
  }
  if (!isAppName(file.app ?? 'app')) report(reading, file, { ...topOf(file), message: badAppName(file.app ?? '') })
  const broken = flaws.some((flaw) => flaw.severity === 'error')
  if (broken && file.isDocument) {
    reading.unread.add(file.path)
    const found = trees.flatMap((tree) => unusableOf({ tree: namesIn(tree), file: file.source }, file) ?? [])
    reading.unusable.push(...found)
  }
  if (broken && file.place === 'targets') for (const tree of trees) breakTarget(textAt(tree, 'name'), reading)
  return broken
}

/** Kind, name and target: the rest of a file with a flaw may mean anything. */
function namesIn(tree: Tree): Tree {
  if (tree.type !== 'map') return tree
  return mapOf(tree.offset, new Map([...tree.entries].filter(([key]) => ['kind', 'name', 'target'].includes(key))))
}

const badAppName = (app: string): string =>
  `'${app}' cannot be the name of an app: letters, digits, dots, dashes and underscores, at most 63`

function breakTarget(name: string | undefined, reading: Reading): void {
  if (name !== undefined) reading.brokenTargets.add(name)
}

export const topOf = (file: LoadedFile): { readonly position: Position; readonly pointer: string } => ({
  position: positionAt(file.source, file.parsed.trees[0]?.offset ?? 0),
  pointer: '',
})

/** Adds a problem of a file; an error breaks the app of the file. */
export function report(
  reading: Reading,
  file: LoadedFile,
  problem: Omit<Problem, 'app' | 'severity'> & { readonly severity?: Problem['severity'] },
): void {
  const severity = problem.severity ?? 'error'
  reading.problems.add({ ...problem, severity, ...(file.app === undefined ? {} : { app: file.app }) })
  if (severity === 'error' && file.app !== undefined) reading.broken.add(file.app)
}

/** Many small files can multiply one large base: what all of them say together has an end, too. */
function withinBudget(built: Built, file: LoadedFile, reading: Reading): boolean {
  reading.values += built.root.tree.weight
  if (reading.values <= LIMITS.repositoryValues) return true
  report(reading, file, { ...topOf(file), message: `the repository has more than ${LIMITS.repositoryValues} values` })
  return false
}

function warnPolicy(document: Document, reading: Reading): void {
  const message = 'policies are not enforced by this version: this one stops nothing'
  reading.problems.add({ severity: 'warning', position: document.position(''), pointer: '', message })
}
