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
  if (!written.external && written.scope !== 'local' && !written.configOnly) checkName(written.name)
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

/** Swarm's own rule; networks of one node may be called otherwise (moby/swarmkit controlapi/common.go validateAnnotations). */
function checkName(name: string): void {
  if (PREDEFINED.includes(name)) {
    throw new NormalizeProblem(
      '/name',
      `'${name}' is a network of the engine itself: declare it with \`external: true\``,
    )
  }
  if (/^[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/.test(name)) return
  const rule = 'letters, digits, dashes and underscores, beginning and ending with a letter or digit'
  throw new NormalizeProblem('/name', `'${name}' cannot be the name of a network of a Swarm: ${rule}`)
}

const PREDEFINED: readonly string[] = ['bridge', 'host', 'none', 'default']

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
