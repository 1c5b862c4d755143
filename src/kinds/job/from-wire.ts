import type { SwarmNames } from '../ids.ts'
import { RUN_KEY_LABEL } from '../labels.ts'
import { serviceFromWire } from '../service/from-wire.ts'
import type { WireServiceSpec } from '../service/wire.ts'
import type { JobLive } from './spec.ts'

/** From `Spec` of the live service. */
export function jobFromWire(wire: WireServiceSpec, names: SwarmNames): JobLive {
  const ranFor = wire.Labels?.[RUN_KEY_LABEL]
  return { service: serviceFromWire(wire, names), ...(ranFor ? { ranFor } : {}) }
}
