import type { SwarmIds, SwarmNames } from '../../kinds/ids.ts'
import { groupBy } from '../../lib/group-by.ts'
import { withoutGhosts } from './ghost-networks.ts'
import { type Listing, rowsOf } from './listing.ts'
import type { WireConfig, WireNetwork, WireNode, WireSecret, WireService, WireTask } from './wire.ts'

/** A listing by the names that people use. */
export interface SwarmIndex {
  readonly listing: Listing
  readonly services: ReadonlyMap<string, WireService>
  readonly networks: ReadonlyMap<string, WireNetwork>
  readonly secrets: ReadonlyMap<string, WireSecret>
  readonly configs: ReadonlyMap<string, WireConfig>
  /** By host name; several where a node was lost and joined again. */
  readonly nodes: ReadonlyMap<string, readonly WireNode[]>
  /** By service id. */
  readonly tasks: ReadonlyMap<string, readonly WireTask[]>
  readonly ids: SwarmIds
  readonly names: SwarmNames
}

export function indexListing(listing: Listing, predefined: ReadonlyMap<string, string> = new Map()): SwarmIndex {
  const networks = byName(networksInOrder(withoutGhosts(rowsOf(listing.networks))), (network) => network.Name)
  const secrets = byName(rowsOf(listing.secrets), (secret) => secret.Spec.Name)
  const configs = byName(listing.configs, (config) => config.Spec.Name)
  return {
    listing,
    services: byName(rowsOf(listing.services), (service) => service.Spec.Name),
    networks,
    secrets,
    configs,
    nodes: groupBy(rowsOf(listing.nodes), (node) => node.Description?.Hostname ?? ''),
    tasks: groupBy(rowsOf(listing.tasks), (task) => task.ServiceID ?? ''),
    ids: {
      networks: idsOf(networks, (network) => network.Id),
      secrets: idsOf(secrets, (secret) => secret.ID),
      configs: idsOf(configs, (config) => config.ID),
    },
    names: {
      networks: new Map([
        ...predefined,
        ...rowsOf(listing.networks).map((network) => [network.Id, network.Name ?? ''] as const),
      ]),
    },
  }
}

/** The first of a name wins. */
function byName<T>(rows: readonly T[], nameOf: (row: T) => string | null | undefined): ReadonlyMap<string, T> {
  const map = new Map<string, T>()
  for (const row of rows) {
    const name = nameOf(row)
    if (name && !map.has(name)) map.set(name, row)
  }
  return map
}

/** Networks of the Swarm before those of this one node. */
const networksInOrder = (networks: readonly WireNetwork[]): readonly WireNetwork[] => [
  ...networks.filter((network) => network.Scope === 'swarm'),
  ...networks.filter((network) => network.Scope !== 'swarm'),
]

const idsOf = <T>(rows: ReadonlyMap<string, T>, idOf: (row: T) => string): ReadonlyMap<string, string> =>
  new Map([...rows].map(([name, row]) => [name, idOf(row)]))
