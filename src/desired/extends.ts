import type { RepositoryFiles } from './document.ts'
import { LIMITS } from './limits.ts'
import { mergeOver } from './merge.ts'
import type { ParsedFile } from './parse-yaml.ts'
import { quote } from './quote.ts'
import { type FileFound, readWritten } from './resolve-path.ts'
import { type Entry, type MapTree, mapOf, positionAt, type Rooted, type Tree } from './tree.ts'
import { substitute, type TreeProblem, type Vars } from './vars.ts'

export interface Bases {
  readonly files: RepositoryFiles
  readonly vars: Vars
  parse(file: { readonly oid: string; readonly content: Buffer }): ParsedFile
}

export interface Extended {
  readonly root: Rooted
  readonly problems: readonly TreeProblem[]
  /** Files that it is made from, besides its own. */
  readonly bases: readonly string[]
}

/** A document merged over the one that its `extends` names, and that one over its own base, and so on. */
export function applyExtends(root: Rooted, bases: Bases): Extended {
  return extendFrom(root, [root.file.path], bases)
}

function extendFrom(root: Rooted, chain: readonly string[], bases: Bases): Extended {
  const entry = root.tree.type === 'map' ? root.tree.entries.get('extends') : undefined
  if (!entry || root.tree.type !== 'map') return { root, problems: [], bases: [] }
  const own = { ...root, tree: withoutExtends(root.tree) }
  const base = readBase(entry, root, chain, bases)
  if ('problems' in base) return { root: own, problems: base.problems, bases: base.bases }
  const extended = extendFrom(base.root, [...chain, base.root.file.path], bases)
  return {
    root: { ...own, tree: mergeOver(extended.root, own) },
    problems: extended.problems,
    bases: [base.root.file.path, ...extended.bases],
  }
}

function withoutExtends(tree: MapTree): MapTree {
  return mapOf(tree.offset, new Map([...tree.entries].filter(([key]) => key !== 'extends')))
}

type Base = { readonly root: Rooted } | { readonly problems: readonly TreeProblem[]; readonly bases: readonly string[] }

function readBase(entry: Entry, root: Rooted, chain: readonly string[], bases: Bases): Base {
  const at = { position: positionAt(root.file, entry.value.offset), pointer: '/extends' }
  const refuse = (message: string, ...found: readonly string[]): Base => ({
    problems: [{ ...at, message }],
    bases: found,
  })
  const written = writtenPath(entry.value, root, bases)
  if ('problems' in written) return { problems: written.problems, bases: [] }
  if (written.path === undefined) return refuse('expected the path of a YAML file; for example ../base/hello.yaml')
  const found = readWritten(bases.files, root.file.path, written.path)
  if ('refused' in found) return refuse(found.refused)
  if (chain.includes(found.path)) return refuse(`goes in a circle: ${[...chain, found.path].join(' -> ')}`)
  if (chain.length > LIMITS.extends) return refuse(`more than ${LIMITS.extends} documents extend each other`)
  return baseIn(found, bases) ?? refuse(notOneMap(found, bases), found.path)
}

/** Variables may stand in it, as in any value. */
function writtenPath(value: Tree, root: Rooted, bases: Bases) {
  const { tree, problems } = substitute({ tree: value, file: root.file }, bases.vars)
  if (problems.length > 0) return { problems: problems.map((problem) => ({ ...problem, pointer: '/extends' })) }
  const isText = tree.type === 'scalar' && typeof tree.value === 'string'
  return { path: isText ? String(tree.value) : undefined }
}

function baseIn(found: Exclude<FileFound, { refused: string }>, bases: Bases): Base | undefined {
  const parsed = bases.parse(found)
  const file = { path: found.path, lines: parsed.lines }
  const errors = parsed.flaws.filter((flaw) => flaw.severity === 'error')
  if (errors.length > 0) {
    const problems = errors.map(({ offset, message }) => ({ position: positionAt(file, offset), pointer: '', message }))
    return { problems, bases: [found.path] }
  }
  const [tree, ...others] = parsed.trees
  return tree?.type === 'map' && others.length === 0 ? { root: { tree, file } } : undefined
}

function notOneMap(found: Exclude<FileFound, { refused: string }>, bases: Bases): string {
  const { trees } = bases.parse(found)
  const what = trees.length === 1 ? 'something else than a map of keys and values' : `${trees.length} documents`
  return `${quote(found.path)} has ${what}; exactly one document can be extended`
}
