import type { Connection } from './connection.ts'
import { isNotFound } from './engine-error.ts'
import { type Listing, rowsOf } from './listing.ts'
import type { WireNetwork } from './wire.ts'

const PREDEFINED = ['host', 'bridge']

/** Ids of a Swarm's predefined networks; they never change, so each is asked for once. */
export interface PredefinedNetworks {
  /** id -> name; asked for only when a service is attached to a network that the list does not hold. */
  names(listing: Listing, signal: AbortSignal): Promise<ReadonlyMap<string, string>>
}

/**
 * A service on the network `host` or `bridge` carries an id of Swarm scope, which `GET /networks` does not list (Engine
 * 20.10, seen): without its name the service would differ for ever.
 */
export function createPredefinedNetworks(connection: Connection): PredefinedNetworks {
  let known: ReadonlyMap<string, string> | undefined
  return {
    names: async (listing, signal) => {
      if (known || !hasUnlisted(listing)) return known ?? new Map()
      const found = await Promise.all(PREDEFINED.map((name) => ask(name, connection, signal)))
      known = new Map(found.flatMap((network) => (network ? [[network.Id, network.Name ?? '']] : [])))
      return known
    },
  }
}

function hasUnlisted(listing: Listing): boolean {
  const ids = new Set(rowsOf(listing.networks).map((network) => network.Id))
  return rowsOf(listing.services).some(({ Spec }) =>
    (Spec.TaskTemplate?.Networks ?? Spec.Networks ?? []).some(
      ({ Target }) => Boolean(Target) && !ids.has(Target ?? ''),
    ),
  )
}

async function ask(name: string, connection: Connection, signal: AbortSignal): Promise<WireNetwork | undefined> {
  try {
    return (await connection.get(`/networks/${name}`, signal, { scope: 'swarm' })) as WireNetwork
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
