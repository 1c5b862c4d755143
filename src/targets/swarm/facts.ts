import type { WireMount } from '../../kinds/service/wire.ts'
import { isWanted } from './generation.ts'
import type { SwarmIndex } from './index-listing.ts'
import { rowsOf } from './listing.ts'
import type { WireNode } from './wire.ts'

/** What pre-flight needs to know of the Swarm; kept in `LiveState.facts` under the target's name. */
export interface SwarmFacts {
  /** Engine API in use: `1.41`. */
  readonly apiVersion: string
  readonly nodes: readonly WireNode[]
  /** Published ports that somebody holds, and where: `ingress/tcp/8080` -> services. */
  readonly ports: ReadonlyMap<string, readonly PortHolder[]>
  /** Volume of the local driver -> ids of the nodes where something runs that mounts it: there its data is. */
  readonly volumes: ReadonlyMap<string, readonly string[]>
  readonly networks: ReadonlyMap<string, string>
  /** Network -> services that are attached to it. */
  readonly networkUsers: ReadonlyMap<string, readonly string[]>
  readonly secrets: ReadonlyMap<string, string>
  readonly configs: ReadonlyMap<string, string>
}

interface PortHolder {
  readonly service: string
  /** Ids of the nodes that its tasks are on: a port of mode host is taken only there. */
  readonly nodes: readonly string[]
}

export function factsOf(index: SwarmIndex, apiVersion: string): SwarmFacts {
  const services = rowsOf(index.listing.services)
  const ports = new Map<string, PortHolder[]>()
  const volumes = new Map<string, string[]>()
  for (const { ID, Spec, Endpoint } of services) {
    const name = Spec.Name ?? ''
    const nodes = (index.tasks.get(ID) ?? []).filter(isWanted).flatMap((task) => task.NodeID || [])
    for (const wire of Endpoint?.Ports ?? Spec.EndpointSpec?.Ports ?? []) {
      const { PublishMode: mode = 'ingress', Protocol: protocol = 'tcp', PublishedPort: published } = wire
      const port = `${mode}/${protocol}/${published}`
      if (published) ports.set(port, [...(ports.get(port) ?? []), { service: name, nodes }])
    }
    for (const mount of Spec.TaskTemplate?.ContainerSpec?.Mounts ?? []) {
      const source = isLocalVolume(mount) ? (mount.Source ?? '') : ''
      if (source !== '') volumes.set(source, [...(volumes.get(source) ?? []), ...nodes])
    }
  }
  const networkUsers = networkUsersOf(index)
  return { apiVersion, nodes: rowsOf(index.listing.nodes), ports, volumes, networkUsers, ...index.ids }
}

function networkUsersOf({ listing, names }: SwarmIndex): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>()
  for (const { Spec } of rowsOf(listing.services)) {
    for (const { Target } of Spec.TaskTemplate?.Networks ?? []) {
      if (!Target) continue
      const network = names.networks.get(Target) ?? Target
      users.set(network, [...(users.get(network) ?? []), Spec.Name ?? ''])
    }
  }
  return users
}

/** A volume of another driver may be the same one on every node. */
function isLocalVolume({ Type, VolumeOptions }: WireMount): boolean {
  return Type === 'volume' && (VolumeOptions?.DriverConfig?.Name || 'local') === 'local'
}
