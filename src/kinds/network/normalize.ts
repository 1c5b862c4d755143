import type { NormalizeContext, Normalized } from '../../model/kind.ts'
import { NormalizeProblem } from '../../model/kind.ts'
import type { Network } from '../../model/written/network.ts'
import { labelTexts, texts } from '../written-values.ts'
import type { Ipam, IpamPool, NetworkSpec } from './spec.ts'

/** What is external has no live name of ours. @throws NormalizeProblem */
export function normalizeNetwork(written: Network, _context: NormalizeContext): Normalized<NetworkSpec> {
  const own = Object.keys(written).filter((key) => !['kind', 'name', 'target', 'keeper', 'external'].includes(key))
  if (written.external && own.length > 0) {
    throw new NormalizeProblem(`/${own[0]}`, `an external network is not ours: '${own[0]}' would do nothing`)
  }
  const ipam = readIpam(written.ipam)
  const spec: NetworkSpec = {
    name: written.name,
    driver: written.driver ?? 'overlay',
    scope: written.scope ?? 'swarm',
    attachable: written.attachable ?? false,
    internal: written.internal ?? false,
    ingress: written.ingress ?? false,
    ipv6: written.ipv6 ?? false,
    options: texts(written.options),
    labels: labelTexts(written.labels, '/labels'),
    configOnly: written.configOnly ?? false,
    ...(written.configFrom === undefined ? {} : { configFrom: written.configFrom }),
    ...(ipam ? { ipam } : {}),
  }
  return { name: written.external ? undefined : written.name, spec, uses: [] }
}

function readIpam(written: Network['ipam']): Ipam | undefined {
  if (!written) return undefined
  const config = (written.config ?? []).map(
    ({ subnet, ipRange, gateway, auxAddresses }): IpamPool => ({
      ...(subnet === undefined ? {} : { subnet }),
      ...(ipRange === undefined ? {} : { ipRange }),
      ...(gateway === undefined ? {} : { gateway }),
      auxAddresses: texts(auxAddresses),
    }),
  )
  return { driver: written.driver ?? 'default', options: texts(written.options), config }
}
