import { ownedLabels, plainLabels } from '../labels.ts'
import type { NodeLive, WireNode } from './spec.ts'

/** From an entry of `GET /nodes`. */
export function nodeFromWire(wire: WireNode): NodeLive {
  const spec = wire.Spec ?? {}
  return {
    name: wire.Description?.Hostname ?? '',
    availability: spec.Availability === 'pause' || spec.Availability === 'drain' ? spec.Availability : 'active',
    role: spec.Role === 'manager' ? 'manager' : 'worker',
    labels: plainLabels(spec.Labels),
    owns: ownedLabels(spec.Labels),
  }
}
