import { partsOf } from '../model/id.ts'
import type { FieldDiff } from '../model/live.ts'
import type { Action, Change } from '../model/plan.ts'
import { aboutCreate, generationWords } from './describe-create.ts'
import { listChange } from './describe-items.ts'
import { jobRun } from './describe-job.ts'
import { lineDiff } from './line-diff.ts'
import { printable, shortDigests, shorten } from './printable.ts'

/** What a change is called in every report. */
export const SYMBOLS: Readonly<Record<Action, string>> = {
  create: '+',
  update: '~',
  replace: '±',
  prune: '-',
  move: '→',
  adopt: '=',
  unchanged: ' ',
}

/** What a change does to what runs, in a word; undefined where nothing that runs notices. */
export function disturbance(change: Change): string | undefined {
  if (change.action === 'unchanged') return undefined
  const { kind } = partsOf(change.id)
  if (kind === 'Job' && (change.action === 'create' || change.action === 'update')) return 'runs'
  if (change.action === 'replace') return 'removed and created again'
  const effects = new Set(change.diffs.map((diff) => diff.effect))
  if (effects.has('replace')) return 'removed and created again'
  if (effects.has('restart')) return 'restarts'
  return effects.has('reload') ? 'reloads' : undefined
}

/** What else a person should know at a glance. */
export function aside(change: Change): string | undefined {
  switch (change.action) {
    case 'create':
      return generationWords(change)
    case 'move':
      return `from the app ${change.fromApp}`
    case 'update':
      return becauseOf(change)
    case 'adopt':
      return adoptionOf(change)
    case 'replace':
      return change.frees.length === 0 ? becauseOf(change) : `in place of ${change.frees.join(', ')}`
    default:
      return undefined
  }
}

/** What a Secret holds can be read by nobody: its adoption takes the declared content for it (rule 22). */
function adoptionOf({ id }: Change): string {
  const words = 'adopted: only our stamp is put on it'
  return partsOf(id).kind === 'Secret' ? `${words}; its content is unknown, and taken for the declared one` : words
}

function becauseOf(change: Change): string | undefined {
  const run = jobRun(change)
  return run && `because ${printable(run.why)}`
}

const LONGEST_VALUE = 100

export interface DiffWords {
  /** Live values are not ours to show: what is adopted. */
  readonly hideLive?: boolean
  /** Values that somebody set by hand where we declare none are not shown: they may be secrets. */
  readonly hideUndeclared?: boolean
}

/** What stands under a change: of a create what it makes, of a job its definition, otherwise what differs. */
export function describeDetails(change: Change): readonly string[] {
  if (change.action === 'create') return aboutCreate(change)
  const run = jobRun(change)
  const words = { hideLive: change.action === 'adopt', hideUndeclared: change.cause === 'drift' }
  const { target } = partsOf(change.id)
  const diffs = (run?.diffs ?? change.diffs).flatMap((diff) => triggerWords(diff, target) ?? describeDiff(diff, words))
  return change.action === 'replace' && !run && diffs.length === 0 ? aboutCreate(change) : diffs
}

/** `for File/web-env`: nothing of it differs itself, but what it restarts or reloads for does. */
function triggerWords({ path, to }: FieldDiff, target: string): string | undefined {
  const name = path.startsWith('/triggers/') && to !== undefined ? unescapeSegment(path.slice('/triggers/'.length)) : ''
  if (!name.includes('/')) return undefined
  return `for ${printable(name.startsWith(`${target}/`) ? name.slice(target.length + 1) : name)}`
}

const unescapeSegment = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~')

/** `image: "web:1" -> "web:2"`; of a text its lines that differ; a secret says only that it differs. */
export function describeDiff(diff: FieldDiff, words: DiffWords = {}): readonly string[] {
  const field = printable(diff.path.replace(/^\//, '') || '(all)')
  const note = diff.data === undefined ? '' : ` (${printable(diff.data)})`
  if (diff.opaque) return [`${field}: changed (secret)${note}`]
  if (words.hideLive) return [`${field}: changed${note}`]
  if (words.hideUndeclared && isUndeclared(diff)) return [`${field}: set by hand -> (none)${note}`]
  const lines = lineDiff(diff.from, diff.to)
  if (lines) return [`${field}:${note}`, ...lines.map((line) => `  ${line}`)]
  const items = listChange(diff.path, diff.from, diff.to)
  const [from, to] = items ? items.map(shown) : [valueText(diff.from), valueText(diff.to)]
  return [`${field}: ${from} -> ${to}${note}`]
}

/** A variable of the environment that is live, and that no document declares. */
export const isUndeclared = ({ path, from, to }: FieldDiff): boolean =>
  path.startsWith('/env/') && from !== undefined && to === undefined

function valueText(value: unknown): string {
  const text = value === undefined ? undefined : JSON.stringify(value)
  return text === undefined ? '(none)' : shown(text)
}

const shown = (text: string): string => shorten(printable(shortDigests(text)), LONGEST_VALUE)
