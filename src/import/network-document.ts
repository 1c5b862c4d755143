import type { Ipam, NetworkLive } from '../kinds/network/spec.ts'
import { someList, someMap, type Written, yes } from './written.ts'

/** The engine draws these; what it drew is nothing to declare. */
const DRAWN = /^com\.docker\.network\.(driver\.overlay\.vxlanid_list|enable_ipv[46])$/

/** A network as the options of its driver say it, without what the engine has filled in. */
export function declaredNetwork(live: NetworkLive): NetworkLive {
  return { ...live, options: Object.fromEntries(Object.entries(live.options).filter(([key]) => !DRAWN.test(key))) }
}

export function networkDocument(live: NetworkLive, target: string): Written {
  const { name, driver, scope, attachable, internal, ipv6, options, labels, configOnly, configFrom } = live
  return {
    kind: 'Network',
    name,
    target,
    driver,
    scope: scope === 'swarm' ? undefined : scope,
    attachable: yes(attachable),
    internal: yes(internal),
    ipv6: yes(ipv6),
    ipam: ipamWritten(live),
    options: someMap(options),
    labels: someMap(labels),
    configOnly: yes(configOnly),
    configFrom,
    keeper: { adopt: true },
  }
}

/** Swarm's own address pool (docker swarm init --default-addr-pool): a subnet of it was most likely drawn. */
const DEFAULT_POOL = /^10\.\d+\.\d+\.0\/24$/

/**
 * What was drawn and what was asked for look alike; only the latter must come back the same if the network is ever
 * made anew. So a pool of the default range is left to Swarm, and every other one is written.
 */
export function ipamWritten({ ipam }: Pick<NetworkLive, 'ipam'>): Written | undefined {
  const drawn = ipam.config.every(({ subnet = '', ipRange }) => DEFAULT_POOL.test(subnet) && ipRange === undefined)
  const plain = ipam.driver === 'default' && Object.keys(ipam.options).length === 0
  if (drawn && plain) return undefined
  return {
    driver: ipam.driver === 'default' ? undefined : ipam.driver,
    options: someMap(ipam.options),
    config: drawn ? undefined : someList(ipam.config.map(poolWritten)),
  }
}

const poolWritten = ({ subnet, ipRange, gateway, auxAddresses }: Ipam['config'][number]): Written => ({
  subnet,
  ipRange,
  gateway,
  auxAddresses: someMap(auxAddresses),
})
