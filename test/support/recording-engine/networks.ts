import { hasLabels } from './filters.ts'
import type { Reply, Request } from './http.ts'
import { notFound, Refusal, swarmRefusal } from './refusal.ts'
import type { Network, Task } from './wire.ts'
import type { World } from './world.ts'

interface Sent {
  readonly Name: string
  readonly Driver?: string
  readonly Internal?: boolean
  readonly Attachable?: boolean
  readonly Ingress?: boolean
  readonly EnableIPv6?: boolean
  readonly IPAM?: object
  readonly Options?: Readonly<Record<string, string>>
  readonly Labels?: Readonly<Record<string, string>>
}

export function createNetwork(world: World, { body }: Request): Reply {
  const sent = body as Sent
  if ([...world.networks.values()].some((network) => network.Name === sent.Name)) {
    throw new Refusal(409, `network with name ${sent.Name} already exists`)
  }
  const network = addNetwork(world, sent)
  return { status: 201, value: { Id: network.Id, Warning: '' } }
}

/** Also for what a Swarm has from the start: ingress. */
export function addNetwork(world: World, sent: Sent): Network {
  const number = world.networks.size
  const network = {
    Name: sent.Name,
    Id: world.nextId(),
    Created: world.now(),
    Scope: 'swarm',
    Driver: sent.Driver ?? 'bridge',
    EnableIPv6: sent.EnableIPv6 ?? false,
    IPAM: sent.IPAM ?? {
      Driver: 'default',
      Options: null,
      Config: [{ Subnet: `10.0.${number}.0/24`, Gateway: `10.0.${number}.1` }],
    },
    Internal: sent.Internal ?? false,
    Attachable: sent.Attachable ?? false,
    Ingress: sent.Ingress ?? false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: null,
    Options: { 'com.docker.network.driver.overlay.vxlanid_list': String(4096 + number), ...sent.Options },
    Labels: sent.Labels ?? {},
  }
  world.networks.set(network.Id, network)
  return network
}

/** Refused while a service or a task that has not ended names it (swarm.md 15). */
export function removeNetwork(world: World, { key }: Request): Reply {
  const network = networkOf(world, key)
  const names = ({ Networks: networks = [] }: Task['Spec']) => networks.some(({ Target }) => Target === network.Id)
  const inUse = (by: string) => swarmRefusal(400, 'FailedPrecondition', `network ${network.Id} is in use by ${by}`)
  const service = [...world.services.values()].find(({ Spec }) => names(Spec.TaskTemplate))
  if (service) throw inUse(`service ${service.ID}`)
  const task = [...world.tasks.values()].find(({ Spec, Status }) => names(Spec) && Status.State === 'running')
  if (task) throw inUse(`task ${task.ID}`)
  world.networks.delete(network.Id)
  return { status: 204 }
}

export function inspectNetwork(world: World, { key }: Request): Reply {
  return { status: 200, value: networkOf(world, key) }
}

/** Networks are compared by a part of the name, unlike everything else. */
export function listNetworks(world: World, { filters }: Request): Reply {
  const wanted = filters(['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'])
  const some = (values: readonly string[] | undefined, test: (value: string) => boolean) =>
    values === undefined || values.some(test)
  const networks = [...world.networks.values()].filter(
    (network) =>
      some(wanted.name, (value) => network.Name.includes(value)) &&
      some(wanted.id, (value) => network.Id.startsWith(value)) &&
      some(wanted.driver, (value) => network.Driver === value) &&
      some(wanted.scope, (value) => network.Scope === value) &&
      hasLabels(wanted, network.Labels),
  )
  return { status: 200, value: networks }
}

function networkOf(world: World, key: string): Network {
  const network = world.networks.get(key) ?? [...world.networks.values()].find((one) => one.Name === key)
  if (network === undefined) throw notFound('network', key)
  return network
}
