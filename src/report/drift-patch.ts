import type { DriftItem, DriftReport } from '../model/engine.ts'
import { partsOf } from '../model/id.ts'
import type { FieldDiff } from '../model/live.ts'
import { isUndeclared } from './describe-change.ts'
import { printable } from './printable.ts'
import { yamlLines } from './render-resource.ts'

/**
 * What to merge into the documents so that the drift becomes desired: one YAML document for each, with just what differs.
 * What no merge can say (a field to take out, a secret, a value that is not ours) stands beside it as a comment.
 */
export function renderDriftAsPatch(report: DriftReport): readonly string[] {
  const patches = report.items.map(patchOf)
  return [
    ...unknownLines(report),
    ...patches.flatMap((lines, index) => (index === 0 ? lines : ['---', ...lines])),
    ...(patches.length > 0 ? [] : [report.unknown.length === 0 ? '# no drift' : '# no drift known']),
  ]
}

const unknownLines = ({ unknown }: DriftReport): readonly string[] =>
  unknown.length === 0 ? [] : [`# not looked at, for it could not be: ${unknown.map(({ id }) => id).join(', ')}`]

function patchOf(item: DriftItem): readonly string[] {
  const { kind } = partsOf(item.id)
  const head = [
    `# ${item.id}${item.origin ? `: ${item.diffs.length > 0 ? 'merge this into ' : ''}${printable(item.origin.path)}:${item.origin.line}` : ''}`,
    ...(item.next === 'heal' ? ['# the next apply takes this drift back, unless it is declared'] : []),
  ]
  if (item.diffs.length === 0) return [...head, `# ${removedWords(item)}`]
  const told = item.diffs.map((diff) => ({ diff: asWritten(kind, diff), note: noteFor(kind, diff) }))
  const merged = told.filter(({ note }) => note === undefined).reduce((all, { diff }) => put(all, diff), new Map())
  const notes = told.flatMap(({ diff, note }) => (note === undefined ? [] : [`# ${fieldOf(diff)}: ${note}`]))
  if (merged.size === 0) return [...head, ...notes]
  return [...head, ...yamlLines(new Map<string, unknown>([['kind', kind], nameOf(item), ...merged])), ...notes]
}

const removedWords = (item: DriftItem): string => `${item.message ?? 'it differs'}: to accept that, delete its document`

/** Documents know no generations; what stands at a path is known by that, and its document has a name beside it. */
function nameOf({ id }: DriftItem): readonly ['name' | 'path', string] {
  const { name } = partsOf(id)
  return name.startsWith('/') ? ['path', name] : ['name', name.replace(/_[0-9a-f]{12}$/, '')]
}

/** Live they have another shape, or other names, than in a document. */
const UNWRITABLE: ReadonlySet<string> = new Set([
  'name',
  'secrets',
  'configs',
  'hosts',
  'ulimits',
  'platforms',
  'triggers',
  'content',
  'run',
])

/** Files by their path in the repository, and what only hosts know. */
const UNWRITABLE_OF: Readonly<Record<string, ReadonlySet<string>>> = {
  Unit: new Set(['file', 'dropIns', 'program', 'daemonReload']),
  Program: new Set(['file', 'groups']),
  Artifact: new Set(['sha256', 'type']),
  File: new Set(['type']),
  Directory: new Set(['type']),
}

/** Documents know two states of a unit, where systemd has many: if it is not the one, it is the other. */
function asWritten(kind: string, diff: FieldDiff): FieldDiff {
  if (kind !== 'Unit') return diff
  if (diff.path === '/state') return { ...diff, from: diff.to === 'running' ? 'stopped' : 'running' }
  return diff.path === '/enabled' ? { ...diff, from: diff.to !== true } : diff
}

function noteFor(kind: string, diff: FieldDiff): string | undefined {
  if (diff.opaque) return 'a secret that differs: it cannot be read back'
  if (isUndeclared(diff)) return 'set by hand: its value is not shown; declare it, or it goes with the next change'
  const [field = ''] = segments(diff)
  const byHand = UNWRITABLE_OF[kind]?.has(field) === true
  if (diff.from === undefined && !byHand) return 'not there live: take it out of the document'
  return byHand || UNWRITABLE.has(field)
    ? 'differs in a way that is written by hand: see `swarmkeeper drift`'
    : undefined
}

const segments = ({ path }: FieldDiff): readonly string[] =>
  path
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))

const fieldOf = (diff: FieldDiff): string => printable(segments(diff).join('.'))

/** The live value at its place, in maps: a key of somebody else's choosing may be called `__proto__`. */
function put(tree: ReadonlyMap<string, unknown>, diff: FieldDiff): Map<string, unknown> {
  return putAt(tree, segments(diff), diff.from)
}

function putAt(tree: ReadonlyMap<string, unknown>, path: readonly string[], value: unknown): Map<string, unknown> {
  const [first = '', ...rest] = path
  const below = tree.get(first)
  const next = rest.length === 0 ? value : putAt(below instanceof Map ? below : new Map(), rest, value)
  return new Map(tree).set(first, next)
}
