import { IMAGE_LABEL, NAMESPACE_LABEL } from '../compose/convert/stack.ts'
import { DEFAULT_RESTART, DEFAULT_UPDATE } from '../kinds/service/defaults.ts'
import { isJobMode } from '../kinds/service/fields.ts'
import type { NetworkAttachment, Port, Resources, ServiceLive, UpdatePolicy } from '../kinds/service/spec.ts'
import { sameValue } from '../model/digest.ts'
import { containerWritten } from './compose-container.ts'
import { volumeWritten } from './compose-volumes.ts'
import type { Sections } from './sections.ts'
import { withoutDigest } from './service-image.ts'
import { durationText, sizeText, someList, someMap, type Written, without } from './written.ts'

/** A live service of a stack as its compose file would have it. What the format cannot say is lost: the proof finds it. */
export function composeService(live: ServiceLive, key: string, sections: Sections): Written {
  return {
    image: live.labels[IMAGE_LABEL] ?? withoutDigest(live.image),
    ...containerWritten(live, sections),
    networks: networksWritten(live.networks, key, sections),
    ports: someList(live.ports.map(portWritten)),
    volumes: someList(live.mounts.map((mount) => volumeWritten(mount, sections))),
    deploy: deployWritten(live),
  }
}

/** A service that says nothing is in the stack's own network, under its own name. */
function networksWritten(
  attachments: readonly NetworkAttachment[],
  key: string,
  sections: Sections,
): Written | readonly string[] | undefined {
  const written = attachments.map(({ name, aliases, driverOptions }): readonly [string, Written | undefined] => {
    const others = aliases.filter((alias) => alias !== key)
    return [sections.network(name), someMap({ aliases: someList(others), driver_opts: someMap(driverOptions) })]
  })
  if (written.some(([, said]) => said)) return Object.fromEntries(written.map(([name, said]) => [name, said ?? null]))
  const names = written.map(([name]) => name)
  return sameValue(names, ['default']) ? undefined : someList(names)
}

export function portWritten({ target, published, protocol, mode, name }: Port): Written | string {
  if (mode === 'ingress' && published !== undefined && name === undefined) {
    return `${published}:${target}${protocol === 'tcp' ? '' : `/${protocol}`}`
  }
  return { target, published, protocol: protocol === 'tcp' ? undefined : protocol, mode, name }
}

function deployWritten(live: ServiceLive): Written | undefined {
  const job = isJobMode(live.mode)
  const replicas = live.mode === 'replicated-job' ? live.completions : live.replicas
  return someMap({
    mode: live.mode === 'replicated' ? undefined : live.mode,
    replicas: replicas === 1 ? undefined : replicas,
    labels: without(live.labels, NAMESPACE_LABEL, IMAGE_LABEL),
    update_config: job ? undefined : updateWritten(live.update),
    rollback_config: job ? undefined : updateWritten(live.rollback),
    resources: resourcesWritten(live.resources),
    restart_policy: restartWritten(live),
    placement: someMap({
      constraints: someList(live.constraints),
      preferences: someList(live.spread.map((spread) => ({ spread }))),
      max_replicas_per_node: live.maxReplicasPerNode || undefined,
    }),
    endpoint_mode: live.endpointMode === 'vip' ? undefined : live.endpointMode,
  })
}

function updateWritten(policy: UpdatePolicy): Written | undefined {
  const { parallelism, delay, failureAction, monitor, maxFailureRatio, order } = policy
  if (sameValue(policy, DEFAULT_UPDATE)) return undefined
  return {
    parallelism,
    delay: delay === DEFAULT_UPDATE.delay ? undefined : durationText(delay),
    failure_action: failureAction === DEFAULT_UPDATE.failureAction ? undefined : failureAction,
    monitor: monitor === DEFAULT_UPDATE.monitor ? undefined : durationText(monitor),
    max_failure_ratio: maxFailureRatio || undefined,
    order: order === DEFAULT_UPDATE.order ? undefined : order,
  }
}

function restartWritten({ restart }: ServiceLive): Written | undefined {
  const { condition, delay, maxAttempts, window } = restart
  if (sameValue(restart, DEFAULT_RESTART)) return undefined
  return {
    condition,
    delay: delay === DEFAULT_RESTART.delay ? undefined : durationText(delay),
    max_attempts: maxAttempts || undefined,
    window: window === 0 ? undefined : durationText(window),
  }
}

function resourcesWritten({ limits, reservations }: Resources): Written | undefined {
  const kinds = Object.entries(reservations.generic).map(([kind, value]) => ({
    discrete_resource_spec: { kind, value },
  }))
  const amounts = ({ cpus, memory }: Resources['limits']): Written => ({
    cpus: cpus === undefined ? undefined : cpusText(cpus),
    memory: memory === undefined ? undefined : sizeText(memory),
  })
  return someMap({
    limits: someMap({ ...amounts(limits), pids: limits.pids }),
    reservations: someMap({ ...amounts(reservations), generic_resources: someList(kinds) }),
  })
}

/** Billionths, without the exponent that small numbers print with. */
const cpusText = (cpus: number): string => cpus.toFixed(9).replace(/\.?0+$/, '')
