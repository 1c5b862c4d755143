import type { SwarmNames } from '../ids.ts'
import { formatImage, tryParseImage } from '../image-reference.ts'
import { jsonLabel, OWNS_LABEL, plainLabels, SUSPENDED_LABEL, TRIGGERS_LABEL, textsOf } from '../labels.ts'
import { DEFAULT_UPDATE, SWARM_DEFAULTS } from './defaults.ts'
import { containerFromWire } from './from-wire-container.ts'
import { taskFromWire } from './from-wire-task.ts'
import { compact, milliseconds, whole } from './go-values.ts'
import { sortPorts } from './sort.ts'
import type { OwnedKeys, Port, ServiceLive, ServiceMode, UpdatePolicy } from './spec.ts'
import type { Maybe, WireMode, WirePort, WireServiceSpec, WireUpdate } from './wire.ts'

/**
 * `Spec` of a live service in the shape of our spec, with Swarm's own defaults from our table instead of an inspect per
 * service (architecture, section 7). An id that `names` does not know stands for itself.
 */
export function serviceFromWire(wire: WireServiceSpec, names: SwarmNames): ServiceLive {
  const suspended = Number(wire.Labels?.[SUSPENDED_LABEL] ?? Number.NaN)
  const image = wire.TaskTemplate?.ContainerSpec?.Image ?? ''
  const parsed = tryParseImage(image)
  return {
    name: wire.Name ?? '',
    ...modeFromWire(wire.Mode),
    labels: plainLabels(wire.Labels),
    image: parsed ? formatImage(parsed) : image,
    ...containerFromWire(wire.TaskTemplate?.ContainerSpec ?? {}),
    ...taskFromWire(wire, names),
    update: updateFromWire(wire.UpdateConfig),
    rollback: updateFromWire(wire.RollbackConfig),
    endpointMode: wire.EndpointSpec?.Mode === 'dnsrr' ? 'dnsrr' : 'vip',
    ports: sortPorts((wire.EndpointSpec?.Ports ?? []).map(portFromWire)),
    triggers: triggersOf(wire.Labels),
    owns: ownedKeys(wire.Labels),
    ...(Number.isInteger(suspended) ? { suspendedReplicas: suspended } : {}),
  }
}

function modeFromWire(mode: Maybe<WireMode>): Pick<ServiceLive, 'mode' | 'replicas' | 'completions' | 'maxConcurrent'> {
  if (mode?.ReplicatedJob) {
    const maxConcurrent = mode.ReplicatedJob.MaxConcurrent ?? 1
    return { mode: 'replicated-job', maxConcurrent, completions: mode.ReplicatedJob.TotalCompletions ?? maxConcurrent }
  }
  const other: ServiceMode = mode?.Global ? 'global' : mode?.GlobalJob ? 'global-job' : 'replicated'
  return other === 'replicated' ? { mode: other, replicas: mode?.Replicated?.Replicas ?? 1 } : { mode: other }
}

/** No update policy at all is Swarm's default; one without parallelism is "all at once". */
function updateFromWire(update: Maybe<WireUpdate>): UpdatePolicy {
  if (!update) return DEFAULT_UPDATE
  const action = update.FailureAction
  return {
    parallelism: update.Parallelism ?? 0,
    delay: milliseconds(update.Delay) ?? 0,
    failureAction: action === 'continue' || action === 'rollback' ? action : 'pause',
    monitor: milliseconds(whole(update.Monitor)) ?? SWARM_DEFAULTS.monitor,
    maxFailureRatio: update.MaxFailureRatio ?? 0,
    order: update.Order === 'start-first' ? 'start-first' : 'stop-first',
  }
}

function portFromWire(port: WirePort): Port {
  return compact<Port>({
    target: port.TargetPort ?? 0,
    published: whole(port.PublishedPort),
    protocol: port.Protocol === 'udp' || port.Protocol === 'sctp' ? port.Protocol : 'tcp',
    mode: port.PublishMode === 'host' ? 'host' : 'ingress',
    name: port.Name || undefined,
  })
}

function triggersOf(labels: WireServiceSpec['Labels']): Readonly<Record<string, string>> {
  const value = jsonLabel(labels, TRIGGERS_LABEL)
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).filter(([, digest]) => typeof digest === 'string'))
}

function ownedKeys(labels: WireServiceSpec['Labels']): OwnedKeys {
  const value = jsonLabel(labels, OWNS_LABEL)
  const lists: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
  return { labels: textsOf(lists.labels), containerLabels: textsOf(lists.containerLabels) }
}
