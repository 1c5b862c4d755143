import type { Kind } from '../../model/kind.ts'
import { serviceAsApplied } from './as-applied.ts'
import { compareService } from './compare.ts'
import { dataPlaces } from './data-places.ts'
import { isJobMode } from './fields.ts'
import { serviceImage } from './image.ts'
import { holdsData } from './moved-data.ts'
import { normalizeService, type WrittenService } from './normalize.ts'
import { referring } from './referring.ts'
import type { ServiceLive, ServiceSpec } from './spec.ts'

/** No node has this id, so a global service with this constraint has no tasks. */
export const SUSPENDED_CONSTRAINT = 'node.id == swarmkeeper-suspended'

export const serviceKind: Kind<WrittenService, ServiceSpec, ServiceLive> = {
  name: 'Service',
  rank: 50,
  names: 'service',
  normalize: (written, context) => normalizeService(written, context),
  compare: compareService,
  asApplied: serviceAsApplied,
  suspend: suspendService,
  referring,
  // Any update of a job runs it again, so that one of a stack is adopted by record alone (swarm.md 16).
  stampless: (spec) => isJobMode(spec.mode),
  once: (spec) => isJobMode(spec.mode),
  image: serviceImage,
  hasData: (spec) => spec.mounts.some(holdsData),
  dataOf: dataPlaces,
  needs: ({ networks, secrets, configs }) => [
    ...networks.map(({ name }) => ({ kind: 'Network', name })),
    ...secrets.map(({ name }) => ({ kind: 'Secret', name })),
    ...configs.map(({ name }) => ({ kind: 'Config', name })),
  ],
  ports: publishedPorts,
  trigger: (spec, name, token) => ({ ...spec, triggers: { ...spec.triggers, [name]: token } }),
}

/** No replicas, or no node for a global one; a job rests when it has ended. */
function suspendService(spec: ServiceSpec): ServiceSpec | undefined {
  if (isJobMode(spec.mode)) return undefined
  if (spec.mode === 'replicated') return { ...spec, replicas: 0, suspended: true }
  return { ...spec, suspended: true, constraints: withoutNodes(spec.constraints) }
}

const withoutNodes = (constraints: readonly string[]): readonly string[] =>
  [...new Set([...constraints, SUSPENDED_CONSTRAINT])].sort()

/** `ingress/tcp/8080` is one for the whole Swarm, `host/tcp/8080` one for each node. */
export function publishedPorts(spec: ServiceSpec): readonly string[] {
  return spec.ports.flatMap((port) =>
    port.published === undefined ? [] : [`${port.mode}/${port.protocol}/${port.published}`],
  )
}
