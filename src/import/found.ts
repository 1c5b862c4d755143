import { NAMESPACE_LABEL } from '../compose/convert/stack.ts'
import type { ConfigLive } from '../kinds/config/spec.ts'
import type { NetworkLive } from '../kinds/network/spec.ts'
import type { ServiceLive } from '../kinds/service/spec.ts'
import { makeId, partsOf } from '../model/id.ts'
import type { LiveState, Observed } from '../model/live.ts'

type Present<L> = Extract<Observed<L>, { readonly state: 'present' }>

/** What is live on a Swarm, as far as an import looks at it. */
export interface Found {
  readonly target: string
  readonly live: LiveState
  /** Nobody's services, after the filter. */
  readonly services: readonly Present<ServiceLive>[]
  /** Nobody's networks that these services use, or, without a filter, all of the Swarm. */
  readonly networks: ReadonlyMap<string, NetworkLive>
  readonly configs: ReadonlyMap<string, ConfigLive>
  /** Resources that are ours already. */
  readonly owned: number
}

export interface Filter {
  readonly stack?: string
  readonly service?: string
}

export const stackOf = (live: { readonly labels: Readonly<Record<string, string>> }): string | undefined =>
  live.labels[NAMESPACE_LABEL] || undefined

export function find(target: string, live: LiveState, filter: Filter): Found {
  const services = presentOf<ServiceLive>(live, 'Service')
  const chosen = services.filter(
    ({ owner, live: service }) =>
      owner.who === 'nobody' && !isOurJob(service, target, live) && isChosen(service, filter),
  )
  const all = filter.stack === undefined && filter.service === undefined
  const used = new Set(chosen.flatMap((service) => service.live.networks.map(({ name }) => name)))
  const networks = presentOf<NetworkLive>(live, 'Network')
    .filter(({ owner, live: network }) => owner.who === 'nobody' && isOfSwarm(network))
    .map((one) => one.live)
    .filter((network) => all || (used.has(network.name) && isWithin(network, filter, services)))
  const configs = presentOf<ConfigLive>(live, 'Config').map((one) => [one.live.name, one.live] as const)
  return {
    target,
    live,
    services: [...chosen].sort((a, b) => (a.live.name < b.live.name ? -1 : 1)),
    networks: new Map(networks.map((network) => [network.name, network])),
    configs: new Map(configs),
    owned: [...live.of.values()].filter((one) => one.state === 'present' && one.owner.who === 'us').length,
  }
}

function presentOf<L>({ of }: LiveState, kind: string): readonly Present<L>[] {
  return [...of]
    .filter(([id]) => partsOf(id).kind === kind)
    .flatMap(([, one]) => (one.state === 'present' ? [one as Present<L>] : []))
}

/** Jobs carry no stamp: the record knows them, as jobs. */
function isOurJob({ name }: ServiceLive, target: string, { of }: LiveState): boolean {
  const job = of.get(makeId({ target, kind: 'Job', name }))
  return job?.state === 'present' && job.owner.who === 'us'
}

const isChosen = (service: ServiceLive, { stack, service: name }: Filter): boolean =>
  (stack === undefined || stackOf(service) === stack) && (name === undefined || service.name === name)

/** Swarm's own ingress network, and what one node alone has, are nobody's to declare. */
const isOfSwarm = ({ scope, ingress, configOnly }: NetworkLive): boolean => scope === 'swarm' && !ingress && !configOnly

/** Not one that services outside of the filter use, too: it comes with the import of the rest. */
function isWithin(network: NetworkLive, filter: Filter, services: readonly Present<ServiceLive>[]): boolean {
  return services
    .filter((service) => service.live.networks.some(({ name }) => name === network.name))
    .every((service) => isChosen(service.live, filter))
}

/** Whose a live thing is; undefined where there is none. */
export function ownerOf(found: Found, kind: string, name: string): Present<unknown>['owner']['who'] | undefined {
  const one = found.live.of.get(makeId({ target: found.target, kind, name }))
  return one?.state === 'present' ? one.owner.who : undefined
}
