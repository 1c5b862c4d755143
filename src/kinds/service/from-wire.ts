import { InternalError } from '../../model/error.ts'
import type { SwarmNames } from '../ids.ts'
import type { ServiceLive } from './spec.ts'
import type { WireServiceSpec } from './wire.ts'

/** A live service in the shape of a spec; an id that `names` does not know stands for itself. */
export function serviceFromWire(wire: WireServiceSpec, names: SwarmNames): ServiceLive {
  throw new InternalError(`not written yet: ${wire.Name} ${names}`)
}
