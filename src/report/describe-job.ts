import { sameValue } from '../model/digest.ts'
import type { FieldDiff } from '../model/live.ts'
import type { Change } from '../model/plan.ts'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

interface JobRun {
  /** What stands after `because`: `its definition changed`. */
  readonly why: string
  /** Fields of its definition, in place of the keys that programs compare. */
  readonly diffs: readonly FieldDiff[]
}

/** A job differs in one thing only, that it has to run; people want to know why. Undefined where it does not run. */
export function jobRun(change: Change): JobRun | undefined {
  if (change.action !== 'update' && change.action !== 'replace') return undefined
  if (change.to.kind !== 'Job') return undefined
  const [run] = change.diffs
  if (!run) return { why: 'its last run failed', diffs: [] }
  const after = typeof run.to === 'string' ? /^after (.+)$/.exec(run.to)?.[1] : undefined
  if (after !== undefined)
    return { why: after === 'operator' ? 'an operator asked for it' : `${after} changed`, diffs: [] }
  const diffs = definitionChange(change.from?.spec, change.to.spec)
  return { why: diffs.length > 0 ? 'its definition changed' : 'it never ran for this definition', diffs }
}

/** What planning fills in, and what only a live service has, is no part of a definition. */
const NOT_DEFINED = new Set(['pin', 'triggers', 'owns', 'platforms', 'suspendedReplicas'])

function definitionChange(from: unknown, to: unknown): readonly FieldDiff[] {
  const [before, after] = [serviceOf(from), serviceOf(to)]
  if (!before || !after) return []
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((name) => !NOT_DEFINED.has(name))
  return names.flatMap((name) => differing(`/${name}`, before[name], after[name]))
}

const serviceOf = (spec: unknown): Fields | undefined =>
  isFields(spec) && isFields(spec.service) ? spec.service : undefined

function differing(path: string, from: unknown, to: unknown): readonly FieldDiff[] {
  if (isFields(from) && isFields(to)) {
    const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort()
    return names.flatMap((name) => differing(`${path}/${name}`, from[name], to[name]))
  }
  const same = (from === undefined) === (to === undefined) && sameValue(from, to)
  return same || isSameImage(path, from, to) ? [] : [{ path, from, to, effect: 'restart' }]
}

/** Found live after the database was lost: with the digest that the tag meant. */
const isSameImage = (path: string, from: unknown, to: unknown): boolean =>
  path === '/image' && typeof from === 'string' && typeof to === 'string' && from.startsWith(`${to}@`)
