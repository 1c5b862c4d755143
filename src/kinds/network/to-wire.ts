import type { Labels } from '../labels.ts'
import type { Ipam, NetworkSpec, WireIpam, WireNetwork } from './spec.ts'

/** The body of `POST /networks/create`; a network is never updated (swarm.md 14). */
export function networkToWire(spec: NetworkSpec, options: { readonly stamp: Labels }): WireNetwork {
  return {
    Name: spec.name,
    Driver: spec.driver,
    Scope: spec.scope,
    Attachable: spec.attachable,
    Internal: spec.internal,
    Ingress: spec.ingress,
    ConfigOnly: spec.configOnly,
    Labels: { ...spec.labels, ...options.stamp },
    Options: { ...spec.options },
    ...(spec.ipv6 ? { EnableIPv6: true } : {}),
    ...(spec.ipam ? { IPAM: ipamToWire(spec.ipam) } : {}),
    ...(spec.configFrom ? { ConfigFrom: { Network: spec.configFrom } } : {}),
  }
}

function ipamToWire(ipam: Ipam): WireIpam {
  const pools = ipam.config.map((pool) => ({
    ...(pool.subnet ? { Subnet: pool.subnet } : {}),
    ...(pool.ipRange ? { IPRange: pool.ipRange } : {}),
    ...(pool.gateway ? { Gateway: pool.gateway } : {}),
    ...(Object.keys(pool.auxAddresses).length > 0 ? { AuxiliaryAddresses: { ...pool.auxAddresses } } : {}),
  }))
  const options = Object.keys(ipam.options).length > 0 ? { Options: { ...ipam.options } } : {}
  return { Driver: ipam.driver, Config: pools, ...options }
}
