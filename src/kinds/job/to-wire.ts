import { RUN_KEY_LABEL } from '../labels.ts'
import { type ServiceToWire, serviceToWire } from '../service/to-wire.ts'
import type { WireServiceSpec } from '../service/wire.ts'
import { runKeyOf } from './compare.ts'
import type { JobSpec } from './spec.ts'

/** The body of a create or update of the job's service: either runs it (swarm.md 16). */
export function jobToWire(spec: JobSpec, options: ServiceToWire): WireServiceSpec {
  const stamp = { ...options.stamp, [RUN_KEY_LABEL]: runKeyOf(spec) }
  return serviceToWire({ ...spec.service, triggers: spec.triggers }, { ...options, stamp })
}
