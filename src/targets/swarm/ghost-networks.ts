import type { WireNetwork } from './wire.ts'

/**
 * A manager goes on listing its own half of a removed network until the last task on it is gone, which takes as long
 * as the task's grace period: it answers to its name, but nothing can be attached to it (seen on Engine 20.10).
 *
 * A listing takes the Swarm's view of a network where there is one, and this node's view else; only the latter knows
 * containers and peers. So in a listing that shows some network by the Swarm's view, a network of the Swarm that is
 * shown by this node's is such a ghost.
 */
export function withoutGhosts(networks: readonly WireNetwork[]): readonly WireNetwork[] {
  const ofSwarm = networks.filter((network) => network.Scope === 'swarm')
  return ofSwarm.every(isViewOfNode) ? networks : networks.filter((one) => one.Scope !== 'swarm' || !isViewOfNode(one))
}

const isViewOfNode = ({ Peers, Containers }: WireNetwork): boolean =>
  (Peers !== null && Peers !== undefined) || (Containers !== null && Containers !== undefined)
