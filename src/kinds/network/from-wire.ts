import { plainLabels } from '../labels.ts'
import type { Ipam, NetworkLive, WireIpam, WireNetwork } from './spec.ts'

/** From an entry of `GET /networks`. */
export function networkFromWire(wire: WireNetwork): NetworkLive {
  return {
    name: wire.Name ?? '',
    driver: wire.Driver ?? '',
    scope: wire.Scope === 'local' ? 'local' : 'swarm',
    attachable: wire.Attachable ?? false,
    internal: wire.Internal ?? false,
    ingress: wire.Ingress ?? false,
    ipv6: wire.EnableIPv6 ?? false,
    ipam: ipamFromWire(wire.IPAM),
    options: wire.Options ?? {},
    labels: plainLabels(wire.Labels),
    configOnly: wire.ConfigOnly ?? false,
    ...(wire.ConfigFrom?.Network ? { configFrom: wire.ConfigFrom.Network } : {}),
  }
}

function ipamFromWire(ipam: WireIpam | null | undefined): Ipam {
  const config = (ipam?.Config ?? []).map((pool) => ({
    ...(pool.Subnet ? { subnet: pool.Subnet } : {}),
    ...(pool.IPRange ? { ipRange: pool.IPRange } : {}),
    ...(pool.Gateway ? { gateway: pool.Gateway } : {}),
    auxAddresses: pool.AuxiliaryAddresses ?? {},
  }))
  return { driver: ipam?.Driver || 'default', options: ipam?.Options ?? {}, config }
}
