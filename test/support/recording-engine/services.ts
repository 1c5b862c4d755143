import { matchesName } from './filters.ts'
import type { Reply, Request } from './http.ts'
import { notFound, swarmRefusal } from './refusal.ts'
import { startTasks } from './scheduling.ts'
import { checkSpec, idsOfNetworks } from './service-checks.ts'
import { isJob, storedSpec, withDefaults } from './spec.ts'
import type { Service, ServiceSpec } from './wire.ts'
import { created, find, type World } from './world.ts'

export function createService(world: World, { body, headers }: Request): Reply {
  const spec = storedSpec(idsOfNetworks(world, body as ServiceSpec))
  checkSpec(world, spec)
  if ([...world.services.values()].some((service) => service.Spec.Name === spec.Name)) {
    const text = `name conflicts with an existing object: service ${spec.Name} already exists`
    throw swarmRefusal(409, 'AlreadyExists', text)
  }
  const service: Service = { ...created(world), Spec: spec }
  if (isJob(spec)) service.JobStatus = { JobIteration: {}, LastExecution: world.now() }
  world.services.set(service.ID, service)
  storeAuth(world, service, headers)
  startTasks(world, service)
  return { status: 201, value: { ID: service.ID } }
}

export function removeService(world: World, { key }: Request): Reply {
  const service = serviceOf(world, key)
  world.services.delete(service.ID)
  for (const task of [...world.tasks.values()].filter((task) => task.ServiceID === service.ID)) {
    if (world.byHand) task.DesiredState = 'remove'
    else world.tasks.delete(task.ID)
  }
  return { status: 200 }
}

export function inspectService(world: World, { key, query }: Request): Reply {
  const service = serviceOf(world, key)
  const defaults = ['1', 'true'].includes(query.get('insertDefaults') ?? '')
  return { status: 200, value: shown(world, defaults ? { ...service, Spec: withDefaults(service.Spec) } : service) }
}

export function listServices(world: World, { query, filters }: Request): Reply {
  const wanted = filters(['id', 'label', 'mode', 'name', 'runtime'])
  const withStatus = ['1', 'true'].includes(query.get('status') ?? '')
  const services = [...world.services.values()].filter((service) =>
    matchesName(wanted, { id: service.ID, name: service.Spec.Name, labels: service.Spec.Labels ?? {} }),
  )
  return {
    status: 200,
    value: services.map((service) => ({
      ...shown(world, service),
      ...(withStatus ? { ServiceStatus: statusOf(world, service) } : {}),
    })),
  }
}

function statusOf(world: World, service: Service) {
  const tasks = [...world.tasks.values()].filter((task) => task.ServiceID === service.ID)
  const { Replicated, ReplicatedJob } = service.Spec.Mode ?? {}
  return {
    RunningTasks: tasks.filter(({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running')
      .length,
    DesiredTasks:
      Replicated?.Replicas ??
      ReplicatedJob?.TotalCompletions ??
      tasks.filter((task) => task.DesiredState !== 'shutdown').length,
    CompletedTasks: tasks.filter(({ Status }) => Status.State === 'complete').length,
  }
}

function shown(world: World, service: Service): object {
  const { Spec: spec } = service
  const endpoint = isJob(spec) ? { Spec: {} } : endpointOf(world, spec)
  return { ...service, Endpoint: endpoint }
}

function endpointOf(world: World, spec: ServiceSpec): object {
  const { EndpointSpec: endpoint, TaskTemplate: template } = spec
  const ports = endpoint?.Ports ?? []
  const networks = (template.Networks ?? []).flatMap(({ Target }) => (Target === undefined ? [] : [Target]))
  const addresses = networks.map((id) => ({
    NetworkID: id,
    Addr: `10.0.${[...world.networks.keys()].indexOf(id)}.2/24`,
  }))
  return {
    Spec: endpoint ?? {},
    ...(ports.length > 0 ? { Ports: ports } : {}),
    ...(addresses.length > 0 && endpoint?.Mode !== 'dnsrr' ? { VirtualIPs: addresses } : {}),
  }
}

export function serviceOf(world: World, key: string): Service {
  const service = find(world.services, key, ({ Spec }) => Spec.Name)
  if (service === undefined) throw notFound('service', key)
  return service
}

/** An absent header keeps what the spec had (swarm.md 17). */
export function storeAuth(world: World, service: Service, headers: Request['headers']): void {
  const auth = headers['x-registry-auth']
  if (typeof auth === 'string') world.registryAuth.set(service.ID, auth)
}
