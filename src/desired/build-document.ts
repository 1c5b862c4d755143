import { didYouMean, nearest } from '../lib/nearest.ts'
import type { Document } from './document.ts'
import { applyExtends, type Bases } from './extends.ts'
import { FOLDER_OF, type WhereFrom } from './places.ts'
import { quote } from './quote.ts'
import { type Judge, KINDS, type Schemas } from './schemas.ts'
import { positionIn, type Rooted, textAt, toPlain } from './tree.ts'
import { substitute, type TreeProblem } from './vars.ts'

export interface Built {
  /** Undefined where something is wrong with it. */
  readonly document: Document | undefined
  /** The same, as far as it could be read, where something is wrong with it; undefined where it has no kind or no name. */
  readonly unusable: Document | undefined
  /** As far as it could be put together: for names and references. */
  readonly root: Rooted
  readonly problems: readonly TreeProblem[]
  readonly bases: readonly string[]
}

/** A document of a file: extended, variables in place, checked by the schema of its kind. */
export function buildDocument(
  written: Rooted,
  from: WhereFrom,
  context: { readonly schemas: Schemas; readonly bases: Bases },
): Built {
  const extended = applyExtends(written, context.bases)
  const { tree, problems } = substitute(extended.root, context.bases.vars)
  const root = { ...extended.root, tree }
  const before = [...extended.problems, ...problems]
  // What a base would have brought is not known: its absence is no mistake.
  const checked = extended.problems.length > 0 ? { problems: [] } : checkKind(root, from, context.schemas)
  const all = [...before, ...checked.problems.filter((problem) => !before.some((other) => isAbout(problem, other)))]
  const document = 'value' in checked && all.length === 0 ? documentOf(root, from, checked.value) : undefined
  const unusable = document ? undefined : unusableOf(root, from)
  return { document, unusable, root, problems: all, bases: extended.bases }
}

/** A text whose variables are not known has no type yet, nor has what it stands in. */
const isAbout = (problem: TreeProblem, unknown: TreeProblem): boolean =>
  unknown.pointer === problem.pointer || unknown.pointer.startsWith(`${problem.pointer}/`)

/**
 * What a file says that was not read to its end, or not rightly: the name counts, and nothing else. Of a misspelt kind the
 * one that was likely meant; '' where nobody can tell, for it may be any.
 */
export function unusableOf(root: Rooted, from: WhereFrom): Document | undefined {
  if (textAt(root.tree, 'name') === undefined) return undefined
  const written = textAt(root.tree, 'kind') ?? ''
  const kind = KINDS.has(written) ? written : (nearest(written, KINDS.keys()) ?? '')
  if (kind === '' ? from.place !== 'apps' : KINDS.get(kind)?.place !== from.place) return undefined
  return { ...documentOf(root, from, toPlain(root.tree)), kind }
}

type Checked =
  | { readonly value: unknown; readonly problems: readonly [] }
  | { readonly problems: readonly TreeProblem[] }

function checkKind(root: Rooted, from: WhereFrom, schemas: Schemas): Checked {
  const refuse = (pointer: string, message: string, at?: 'key'): Checked => ({
    problems: [{ position: positionIn(root, pointer, at), pointer, message }],
  })
  if (root.tree.type !== 'map') return refuse('', "a document is a map of keys and values, with 'kind' first")
  const kind = textAt(root.tree, 'kind')
  if (kind === undefined) {
    if (root.tree.entries.has('kind')) return refuse('/kind', 'expected a text')
    const misspelt = [...root.tree.entries.keys()].find((key) => nearest(key, ['kind']) !== undefined)
    return misspelt === undefined
      ? refuse('', "the key 'kind' is missing")
      : refuse(`/${misspelt}`, `unknown key '${misspelt}'; did you mean 'kind'?`, 'key')
  }
  const known = KINDS.get(kind)
  if (!known) return refuse('/kind', unknownKind(kind, from))
  if (known.place !== from.place) {
    return refuse('/kind', `a document of kind ${kind} stands in ${FOLDER_OF[known.place]}`)
  }
  return known.schema === undefined
    ? { value: toPlain(root.tree), problems: [] }
    : checkValue(root, schemas.judge(known.schema))
}

function unknownKind(kind: string, from: WhereFrom): string {
  const here = [...KINDS].filter(([, { place }]) => place === from.place).map(([name]) => name)
  return `unknown kind ${quote(kind)}${didYouMean(kind, KINDS.keys()) || `; known here: ${here.join(', ')}`}`
}

/** The plain value of a tree, or everything that its schema has against it. */
function checkValue(root: Rooted, judge: Judge): Checked {
  const verdict = judge(root.tree)
  if ('value' in verdict) return { value: verdict.value, problems: [] }
  const problems = verdict.complaints.map(({ pointer, at, message }) => {
    return { position: positionIn(root, pointer, at), pointer, message }
  })
  return { problems }
}

function documentOf(root: Rooted, from: WhereFrom, value: unknown): Document {
  return {
    kind: textAt(root.tree, 'kind') ?? '',
    name: textAt(root.tree, 'name'),
    value: value as Readonly<Record<string, unknown>>,
    app: from.app,
    path: root.file.path,
    position: (pointer) => positionIn(root, pointer),
  }
}
