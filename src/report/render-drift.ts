import type { DriftItem, DriftReport } from '../model/engine.ts'
import { ageOf } from './ages.ts'
import { describeDiff } from './describe-change.ts'
import type { Paint } from './paint.ts'
import { plural, printable, shortRevision } from './printable.ts'
import { lostAmong, renderLostTargets } from './unknowns.ts'

/** What differs from the record although nobody declared it, and what becomes of it. */
export function renderDrift(report: DriftReport, now: Date, paint: Paint): readonly string[] {
  const { items, unknown } = report
  const lost = lostAmong(unknown.map(({ id, message, app }) => ({ id, message, app: app ?? '?' })))
  const single = unknown.filter(({ id }) => !lost.some(({ ids }) => ids.has(id)))
  const drifted =
    items.length === 0
      ? nothingFound(unknown.length)
      : `${plural(items.length, 'resource has', 'resources have')} drifted`
  const rest = unknown.length === 0 ? '' : `; ${unknown.length} unknown`
  return [
    ...renderLostTargets(lost, paint),
    ...items.flatMap((item) => renderItem(item, now, paint)),
    ...single.map(({ id, message }) => paint.careful(`? ${id}  unknown: ${printable(message)}`)),
    `${paint.quiet(`revision ${shortRevision(report.revision)}:`)} ${paint.strong(`${drifted}${rest}`)}`,
  ]
}

const nothingFound = (unknown: number): string => (unknown === 0 ? 'no drift' : 'no drift known')

function renderItem(item: DriftItem, now: Date, paint: Paint): readonly string[] {
  const seen = item.seen === undefined ? '' : `, first seen ${ageOf(item.seen.firstSeen, now)}`
  const next = item.next === 'heal' ? 'the next apply puts it right' : (item.message ?? `stays: ${item.next}`)
  return [
    `${paint.careful('~')} ${item.id}  ${printable(next)}${paint.quiet(` (${item.app}, drift: ${item.policy}${seen})`)}`,
    ...item.diffs
      .flatMap((diff) => describeDiff(diff, { hideUndeclared: true }))
      .map((line) => `    ${paint.quiet(line)}`),
  ]
}
