import { didYouMean } from '../lib/nearest.ts'
import type { Position } from '../model/problem.ts'
import { LIMITS } from './limits.ts'
import { quote } from './quote.ts'
import {
  type Entry,
  type Item,
  listOf,
  mapOf,
  pointerTo,
  positionAt,
  type Rooted,
  type ScalarTree,
  type SourceFile,
  type Tree,
} from './tree.ts'

export interface TreeProblem {
  readonly position: Position
  readonly pointer: string
  readonly message: string
}

/** `unknown`: the file of variables could not be read. A document that uses one says so once. */
export type Vars = ReadonlyMap<string, string> | 'unknown'

/**
 * `${NAME}` in the scalar values of a document; `$$` is a dollar. A text without quotes that becomes a number, or true
 * or false, is one, as if it had been written there; in quotes it stays a text. Values are not looked through again.
 */
export function substitute(
  root: Rooted,
  vars: Vars,
): { readonly tree: Tree; readonly problems: readonly TreeProblem[] } {
  if (!root.tree.dollars) return { tree: root.tree, problems: [] }
  const work: Work = { vars, problems: [], added: 0 }
  return { tree: inTree(root.tree, { file: root.file, pointer: '' }, work), problems: work.problems }
}

interface Work {
  readonly vars: Vars
  readonly problems: TreeProblem[]
  /** Characters that variables have added. */
  added: number
}

interface Where {
  readonly file: SourceFile
  readonly pointer: string
}

function inTree(tree: Tree, where: Where, work: Work): Tree {
  if (!tree.dollars) return tree
  if (tree.type === 'scalar') return inScalar(tree, where, work)
  if (tree.type === 'list') {
    return listOf(
      tree.offset,
      tree.items.map((item, index) => inItem(item, where, index, work)),
    )
  }
  const entries = new Map<string, Entry>()
  for (const [key, entry] of tree.entries) entries.set(key, inItem(entry, where, key, work))
  return mapOf(tree.offset, entries)
}

function inItem<T extends Item>(item: T, where: Where, key: string | number, work: Work): T {
  const inside = { file: item.from ?? where.file, pointer: pointerTo(where.pointer, key) }
  return { ...item, value: inTree(item.value, inside, work) }
}

const DOLLAR = /\$\$|\$\{([^}]*)\}?/g

function inScalar(tree: ScalarTree, where: Where, work: Work): Tree {
  const problem = (message: string): string => {
    work.problems.push({ position: positionAt(where.file, tree.offset), pointer: where.pointer, message })
    return ''
  }
  const text = String(tree.value).replace(DOLLAR, (written: string, name: string | undefined) => {
    if (written === '$$') return '$'
    if (!written.endsWith('}') || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name ?? '')) return problem(notAVariable(written))
    if (work.vars === 'unknown')
      return work.problems.length > 0
        ? ''
        : problem(`the variable ${quote(name ?? '')} is not known: the file of variables could not be read`)
    const value = work.vars.get(name ?? '')
    if (value === undefined) return problem(unset(name ?? '', work.vars))
    work.added += value.length
    return work.added > LIMITS.substituted ? tooLong(problem, work) : value
  })
  const value = tree.plain ? retype(text) : text
  return { ...tree, value, text, dollars: false }
}

const notAVariable = (written: string): string =>
  `${quote(written)} is not a variable: write \${NAME}, with letters, digits and _ (no defaults), or $$ for a dollar`

const unset = (name: string, vars: ReadonlyMap<string, string>): string =>
  `the variable ${quote(name)} is not set${didYouMean(name, vars.keys())}`

/** Said once for a document; the rest is left out. */
function tooLong(problem: (message: string) => string, work: Work): string {
  const first = work.added < Number.MAX_SAFE_INTEGER
  work.added = Number.MAX_SAFE_INTEGER
  return first ? problem(`variables add more than ${LIMITS.substituted} characters to this document`) : ''
}

const NUMBER = /^[-+]?([0-9]+|[0-9]*\.[0-9]+|[0-9]+\.)(e[-+]?[0-9]+)?$/i

/** As YAML 1.2 reads decimal numbers and true and false; all else, empty too, is a text. */
function retype(text: string): string | number | boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true
  if (/^(false|False|FALSE)$/.test(text)) return false
  const number = NUMBER.test(text) ? Number(text) : Number.NaN
  const exact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number))
  return exact ? number : text
}
