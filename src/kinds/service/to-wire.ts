import { InternalError } from '../../model/error.ts'
import type { SwarmIds } from '../ids.ts'
import type { Labels } from '../labels.ts'
import type { ServiceSpec } from './spec.ts'
import type { WireServiceSpec } from './wire.ts'

export interface ServiceToWire {
  /** `Spec` of the live service; absent: it is created. */
  readonly live?: WireServiceSpec
  readonly ids: SwarmIds
  /** Labels of ours, all below `swarmkeeper.`. */
  readonly stamp: Labels
}

/** The body of a create or update. It starts from live: what does not differ is sent as live has it (rule 2). */
export function serviceToWire(spec: ServiceSpec, options: ServiceToWire): WireServiceSpec {
  throw new InternalError(`not written yet: ${spec.name} ${options.stamp}`)
}
