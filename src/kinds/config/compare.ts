import type { FieldDiff } from '../../model/live.ts'
import { diffValues } from '../field-diff.ts'
import { compareLabels } from '../labels.ts'
import type { ConfigLive, ConfigSpec } from './spec.ts'

/** Labels can change in place; everything else is another generation, with another name (swarm.md 13). */
export function compareConfig(spec: ConfigSpec, live: ConfigLive): readonly FieldDiff[] {
  const labels = compareLabels('/labels', spec.labels, live).map((diff) => ({ ...diff, effect: 'none' as const }))
  const fixed = [
    ...diffValues('/name', live.name, spec.name),
    ...diffValues('/template', live.template, spec.template),
    ...('base64' in spec.content ? diffValues('/content', textOf(live.base64), textOf(spec.content.base64)) : []),
  ]
  return [...labels, ...fixed.map((diff) => ({ ...diff, effect: 'replace' as const }))]
}

/** Readable where it is text, so that the difference can be shown. */
function textOf(base64: string): string {
  const text = Buffer.from(base64, 'base64').toString('utf8')
  return text.includes('\uFFFD') || text.includes('\0') ? base64 : text
}
