import type { FieldDiff } from '../../model/live.ts'
import { diffValues } from '../field-diff.ts'
import { compareLabels } from '../labels.ts'
import type { NodeLive, NodeSpec } from './spec.ts'

/** Only what is declared. Draining moves the tasks of the node away: a restart for each. */
export function compareNode(spec: NodeSpec, live: NodeLive): readonly FieldDiff[] {
  const { availability, role } = spec
  const effect = availability === 'drain' ? ('restart' as const) : ('none' as const)
  return [
    ...(availability
      ? diffValues('/availability', live.availability, availability).map((diff) => ({ ...diff, effect }))
      : []),
    ...[...(role ? diffValues('/role', live.role, role) : []), ...compareLabels('/labels', spec.labels, live)].map(
      (diff) => ({ ...diff, effect: 'none' as const }),
    ),
  ]
}
