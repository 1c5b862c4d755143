import { didYouMean } from '../lib/nearest.ts'
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
  const checked = before.length > 0 ? { problems: before } : checkKind(root, from, context.schemas)
  const document = 'value' in checked ? documentOf(root, from, checked.value) : undefined
  return { document, root, problems: checked.problems, bases: extended.bases }
}

type Checked =
  | { readonly value: unknown; readonly problems: readonly [] }
  | { readonly problems: readonly TreeProblem[] }

function checkKind(root: Rooted, from: WhereFrom, schemas: Schemas): Checked {
  const refuse = (pointer: string, message: string): Checked => ({
    problems: [{ position: positionIn(root, pointer), pointer, message }],
  })
  if (root.tree.type !== 'map') return refuse('', "a document is a map of keys and values, with 'kind' first")
  const kind = textAt(root.tree, 'kind')
  if (kind === undefined) {
    return root.tree.entries.has('kind') ? refuse('/kind', 'expected a text') : refuse('', "the key 'kind' is missing")
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
