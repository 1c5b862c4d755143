import type { DesiredTarget } from '../model/desired.ts'
import { InternalError } from '../model/error.ts'
import type { Swarm } from '../model/written/swarm.ts'
import type { SwarmTargetConfig } from '../targets/swarm/config.ts'

/** A `Swarm` document as its target takes it. */
export function swarmConfig({ name, kind, config }: DesiredTarget): SwarmTargetConfig {
  if (kind !== 'Swarm') throw new InternalError(`no target of kind ${kind}`)
  const { endpoints, credential, hostKey, registries = [] } = config as Swarm
  return {
    name,
    endpoints: endpoints.map((endpoint) => {
      const written = typeof endpoint === 'string' ? { address: endpoint } : endpoint
      const { address: url, hostKey: own }: { readonly address: string; readonly hostKey?: string } = written
      const key = url.startsWith('ssh://') ? (own ?? hostKey) : undefined
      return key === undefined ? { url } : { url, hostKey: key }
    }),
    registries,
    ...(credential === undefined ? {} : { credential }),
  }
}
