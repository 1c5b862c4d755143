import type { DriftItem, DriftReport } from '../model/engine.ts'
import { ageOf } from './ages.ts'
import { describeDiff } from './describe-change.ts'
import type { Paint } from './paint.ts'
import { plural, printable, shortRevision } from './printable.ts'

/** What differs from the record although nobody declared it, and what becomes of it. */
export function renderDrift(report: DriftReport, now: Date, paint: Paint): readonly string[] {
  const unknown = report.unknown.map(({ id, message }) => paint.careful(`? ${id}: unknown: ${printable(message)}`))
  const count = report.items.length === 0 ? 'no drift' : plural(report.items.length, 'resource has', 'resources have')
  const tail = report.items.length === 0 ? '' : ' drifted'
  return [
    ...report.items.flatMap((item) => renderItem(item, now, paint)),
    ...unknown,
    `${paint.quiet(`revision ${shortRevision(report.revision)}:`)} ${paint.strong(`${count}${tail}`)}`,
  ]
}

function renderItem(item: DriftItem, now: Date, paint: Paint): readonly string[] {
  const seen = item.seen === undefined ? '' : `, first seen ${ageOf(item.seen.firstSeen, now)}`
  const next = item.next === 'heal' ? 'the next apply puts it right' : (item.message ?? `stays: ${item.next}`)
  return [
    `${paint.careful('~')} ${item.id}  ${printable(next)}${paint.quiet(` (${item.app}, drift: ${item.policy}${seen})`)}`,
    ...item.diffs.map((diff) => `    ${paint.quiet(describeDiff(diff))}`),
  ]
}

/** What to write into the documents so that the drift becomes desired, as far as fields and documents share their names. */
export function renderDriftAsPatch(report: DriftReport): readonly string[] {
  return report.items.flatMap((item) => [
    `# ${item.id}`,
    ...item.diffs.map((diff) =>
      diff.opaque
        ? `# ${diff.path}: a secret that differs: it cannot be read back`
        : `- op: ${diff.from === undefined ? 'remove' : 'replace'}\n  path: ${diff.path}${diff.from === undefined ? '' : `\n  value: ${JSON.stringify(diff.from)}`}`,
    ),
  ])
}
