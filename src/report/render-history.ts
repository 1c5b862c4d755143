import type { HistoryEntry } from '../model/store.ts'
import { columns, oneLine, shortRevision } from './printable.ts'

/** What was done, newest first. */
export function renderHistory(entries: readonly HistoryEntry[]): readonly string[] {
  if (entries.length === 0) return ['nothing was done yet']
  return columns(entries.map(rowOf))
}

function rowOf({ at, app, revision, what, message, by }: HistoryEntry): readonly string[] {
  const who = by === undefined ? '' : ` (${by})`
  return [
    at.replace(/\.\d+Z$/, 'Z'),
    app || '(fleet)',
    shortRevision(revision || '-'),
    what,
    oneLine(`${message}${who}`),
  ]
}
