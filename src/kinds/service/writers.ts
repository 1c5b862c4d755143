import type { Draft, WriteContext } from './draft.ts'
import { over, placementOf, put, someList, someMap, taskOf } from './draft.ts'
import type { FieldName } from './fields.ts'
import { nanoseconds, whole } from './go-values.ts'
import type { Resources, ServiceSpec, UpdatePolicy } from './spec.ts'
import type { Maybe, WireGeneric, WireMode, WireNetworkAttachment, WirePort, WireUpdate } from './wire.ts'
import { CONTAINER_WRITERS } from './writers-container.ts'

export type Writer = (draft: Draft, spec: ServiceSpec, context: WriteContext) => void

/** Fields that `serviceToWire` writes itself. */
type Special = 'labels' | 'containerLabels' | 'image' | 'replicas' | 'platforms' | 'triggers'

/** Puts one field that differs into the draft. */
export const WRITERS: Readonly<Record<Exclude<FieldName, Special>, Writer>> = {
  ...CONTAINER_WRITERS,
  name: (draft, spec) => put(draft, 'Name', spec.name),
  mode: (draft, spec) => put(draft, 'Mode', modeToWire(spec)),
  completions: (draft, spec) => put(draft, 'Mode', modeToWire(spec)),
  maxConcurrent: (draft, spec) => put(draft, 'Mode', modeToWire(spec)),
  update: (draft, spec) => put(draft, 'UpdateConfig', updateToWire(spec.update, draft.UpdateConfig)),
  rollback: (draft, spec) => put(draft, 'RollbackConfig', updateToWire(spec.rollback, draft.RollbackConfig)),
  endpointMode: (draft, { endpointMode }) =>
    put(draft, 'EndpointSpec', over(draft.EndpointSpec, { Mode: endpointMode })),
  ports: (draft, spec) => put(draft, 'EndpointSpec', over(draft.EndpointSpec, { Ports: portsToWire(spec, draft) })),
  resources: (draft, spec) => writeResources(draft, spec.resources),
  restart: writeRestart,
  constraints: (draft, { constraints }) => put(placementOf(draft), 'Constraints', someList(constraints)),
  spread: (draft, { spread }) =>
    put(
      placementOf(draft),
      'Preferences',
      someList(spread.map((SpreadDescriptor) => ({ Spread: { SpreadDescriptor } }))),
    ),
  maxReplicasPerNode: (draft, spec) => put(placementOf(draft), 'MaxReplicas', whole(spec.maxReplicasPerNode)),
  networks: writeNetworks,
  logging: (draft, { logging }) =>
    put(
      taskOf(draft),
      'LogDriver',
      logging && over(taskOf(draft).LogDriver, { Name: logging.driver, Options: someMap(logging.options) }),
    ),
}

function modeToWire(spec: ServiceSpec): WireMode {
  if (spec.mode === 'global') return { Global: {} }
  if (spec.mode === 'global-job') return { GlobalJob: {} }
  if (spec.mode === 'replicated')
    return { Replicated: { Replicas: typeof spec.replicas === 'number' ? spec.replicas : 1 } }
  const maxConcurrent = spec.maxConcurrent ?? 1
  return { ReplicatedJob: { MaxConcurrent: maxConcurrent, TotalCompletions: spec.completions ?? maxConcurrent } }
}

function updateToWire(policy: UpdatePolicy, live: Maybe<WireUpdate>): WireUpdate {
  return over<WireUpdate>(live, {
    Parallelism: policy.parallelism,
    Delay: whole(nanoseconds(policy.delay)),
    FailureAction: policy.failureAction,
    Monitor: nanoseconds(policy.monitor),
    MaxFailureRatio: policy.maxFailureRatio,
    Order: policy.order,
  })
}

function portsToWire(spec: ServiceSpec, draft: Draft): WirePort[] | undefined {
  const before = draft.EndpointSpec?.Ports ?? []
  const ports = spec.ports.map((port) => {
    const live = before.find((one) => one.TargetPort === port.target && (one.Protocol || 'tcp') === port.protocol)
    return over<WirePort>(live, {
      Name: port.name,
      Protocol: port.protocol,
      TargetPort: port.target,
      PublishedPort: port.published,
      PublishMode: port.mode,
    })
  })
  return someList(ports)
}

function writeResources(draft: Draft, { limits, reservations }: Resources): void {
  const task = taskOf(draft)
  const before = task.Resources
  task.Resources = over(before, {
    Limits: some(
      over(before?.Limits, { NanoCPUs: nanoCpus(limits.cpus), MemoryBytes: limits.memory, Pids: limits.pids }),
    ),
    Reservations: some(
      over(before?.Reservations, {
        NanoCPUs: nanoCpus(reservations.cpus),
        MemoryBytes: reservations.memory,
        GenericResources: genericToWire(reservations.generic),
      }),
    ),
  })
}

const some = <T extends object>(value: T): T | undefined => (Object.keys(value).length > 0 ? value : undefined)

const nanoCpus = (cpus: number | undefined): number | undefined =>
  cpus === undefined ? undefined : Math.round(cpus * 1e9)

function genericToWire(generic: Resources['reservations']['generic']): WireGeneric[] | undefined {
  const list = Object.entries(generic).flatMap(([Kind, value]): WireGeneric[] =>
    typeof value === 'number'
      ? [{ DiscreteResourceSpec: { Kind, Value: value } }]
      : value.map((Value) => ({ NamedResourceSpec: { Kind, Value } })),
  )
  return someList(list)
}

function writeRestart(draft: Draft, { restart }: ServiceSpec): void {
  const task = taskOf(draft)
  task.RestartPolicy = over(task.RestartPolicy, {
    Condition: restart.condition,
    Delay: nanoseconds(restart.delay),
    MaxAttempts: whole(restart.maxAttempts),
    Window: whole(nanoseconds(restart.window)),
  })
}

/** A network that we know no id of goes by its name: the engine looks predefined ones up itself. */
function writeNetworks(draft: Draft, spec: ServiceSpec, { ids }: WriteContext): void {
  const task = taskOf(draft)
  const before = task.Networks?.length ? task.Networks : (draft.Networks ?? [])
  const networks = spec.networks.map((network) => {
    const Target = ids.networks.get(network.name) ?? network.name
    const live = before.find((one) => one.Target === Target)
    return over<WireNetworkAttachment>(live, {
      Target,
      Aliases: someList(network.aliases),
      DriverOpts: someMap(network.driverOptions),
    })
  })
  put(task, 'Networks', someList(networks))
  delete draft.Networks
}
