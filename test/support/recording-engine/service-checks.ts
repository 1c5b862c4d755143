import { invalid, Refusal } from './refusal.ts'
import { isJob } from './spec.ts'
import type { Content, Port, Service, ServiceSpec } from './wire.ts'
import { find, type World } from './world.ts'

/** Names of networks become ids when a spec is stored (swarm.md 12). */
export function idsOfNetworks(world: World, spec: ServiceSpec): ServiceSpec {
  const { TaskTemplate: template } = spec
  if (template?.Networks === undefined || template.Networks === null) return spec
  const networks = template.Networks.map((attachment) => ({
    ...attachment,
    Target: networkId(world, attachment.Target ?? ''),
  }))
  return { ...spec, TaskTemplate: { ...template, Networks: networks } }
}

function networkId(world: World, key: string): string {
  const network = world.networks.get(key) ?? [...world.networks.values()].find((one) => one.Name === key)
  if (network === undefined) throw new Refusal(500, `network ${key} not found`)
  return network.Id
}

/** The order is the engine's: shape, then references, then ports. `self` may keep its own ports. */
export function checkSpec(world: World, spec: ServiceSpec, self?: Service): void {
  checkName(spec.Name)
  if (!spec.TaskTemplate?.ContainerSpec?.Image) throw invalid('ContainerSpec: image reference must be provided')
  if (isJob(spec) && spec.UpdateConfig) throw invalid('Jobs may not have an update config')
  checkPorts(world, spec, self)
  for (const { SecretID, SecretName } of spec.TaskTemplate.ContainerSpec.Secrets ?? []) {
    checkReference('secret', world.secrets, { id: SecretID, name: SecretName })
  }
  for (const { ConfigID, ConfigName } of spec.TaskTemplate.ContainerSpec.Configs ?? []) {
    checkReference('config', world.configs, { id: ConfigID, name: ConfigName })
  }
}

function checkName(name: string | undefined): void {
  if (!name) throw invalid('meta: name must be provided')
  if (name.length > 63) throw invalid('name must be 63 characters or fewer')
  if (!/^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/.test(name)) throw invalid('name must be valid as a DNS name component')
}

/** A reference needs the id and the name, and both must be of one object (swarm.md 13). */
function checkReference(
  what: string,
  objects: ReadonlyMap<string, Content>,
  { id, name }: { readonly id: string | undefined; readonly name: string | undefined },
): void {
  const found = find(objects, id ?? '', () => '')
  if (found?.Spec.Name !== name) throw invalid(`${what} not found: ${name}`)
}

/** Ingress ports are unique in the Swarm; ports of mode host are the scheduler's concern. */
function checkPorts(world: World, spec: ServiceSpec, self: Service | undefined): void {
  const wanted = ingressPorts(spec)
  for (const other of world.services.values()) {
    if (other.ID === self?.ID) continue
    const clash = wanted.find((port) => ingressPorts(other.Spec).some((taken) => samePort(port, taken)))
    if (clash === undefined) continue
    const place = `by service '${other.Spec.Name}' (${other.ID}) as an ingress port`
    throw invalid(`port '${clash.PublishedPort}' is already in use ${place}`)
  }
}

const ingressPorts = (spec: ServiceSpec): readonly Port[] =>
  (spec.EndpointSpec?.Ports ?? []).filter((port) => port.PublishMode !== 'host' && (port.PublishedPort ?? 0) > 0)

const samePort = (one: Port, other: Port): boolean =>
  one.PublishedPort === other.PublishedPort && (one.Protocol ?? 'tcp') === (other.Protocol ?? 'tcp')
