import type { FieldDiff } from '../../model/live.ts'
import { diffValues } from '../field-diff.ts'
import { compareLabels } from '../labels.ts'
import type { SecretLive, SecretSpec } from './spec.ts'

/** Labels can change in place; everything else is another generation, with another name (swarm.md 13). */
export function compareSecret(spec: SecretSpec, live: SecretLive): readonly FieldDiff[] {
  const labels = compareLabels('/labels', spec.labels, live).map((diff) => ({ ...diff, effect: 'none' as const }))
  const fixed = [
    ...diffValues('/name', live.name, spec.name),
    ...diffValues('/driver', live.driver, spec.driver),
    ...diffValues('/template', live.template, spec.template),
  ]
  return [...labels, ...fixed.map((diff) => ({ ...diff, effect: 'replace' as const }))]
}
