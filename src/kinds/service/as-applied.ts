import { serviceFromWire } from './from-wire.ts'
import type { ServiceLive, ServiceSpec } from './spec.ts'
import { serviceToWire } from './to-wire.ts'

/** By way of the wire, with names in place of ids: so it is what would be read back. */
export function serviceAsApplied(spec: ServiceSpec): ServiceLive {
  const ids = {
    networks: namesOf(spec.networks),
    secrets: namesOf(spec.secrets),
    configs: namesOf(spec.configs),
  }
  return serviceFromWire(serviceToWire(spec, { ids, stamp: {} }), ids)
}

const namesOf = (used: readonly { readonly name: string }[]): ReadonlyMap<string, string> =>
  new Map(used.map(({ name }) => [name, name]))
