import { partsOf } from '../model/id.ts'
import type { FieldDiff } from '../model/live.ts'
import type { Action, Change } from '../model/plan.ts'
import { printable, shorten } from './printable.ts'

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
    case 'move':
      return `from the app ${change.fromApp}`
    case 'adopt':
      return 'adopted: only our stamp is put on it'
    case 'replace':
      return change.frees.length === 0 ? undefined : `in place of ${change.frees.join(', ')}`
    default:
      return undefined
  }
}

const LONGEST_VALUE = 100

/** `image: "web:1" -> "web:2"`; a secret says only that it differs. */
export function describeDiff(diff: FieldDiff, options: { readonly hideLive?: boolean } = {}): string {
  const field = printable(diff.path.replace(/^\//, '') || '(all)')
  const note = diff.data === undefined ? '' : ` (${printable(diff.data)})`
  if (diff.opaque) return `${field}: changed (secret)${note}`
  if (options.hideLive) return `${field}: changed${note}`
  return `${field}: ${valueText(diff.from)} -> ${valueText(diff.to)}${note}`
}

function valueText(value: unknown): string {
  const text = value === undefined ? undefined : JSON.stringify(value)
  return text === undefined ? '(none)' : shorten(printable(shortDigests(text)), LONGEST_VALUE)
}

/** Twelve digits tell two digests apart; all of them are in the JSON form. */
const shortDigests = (text: string): string => text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…')
