import { isDeepStrictEqual } from 'node:util'
import type { EndpointSpec, ServiceSpec, TaskTemplate, UpdateConfig } from './wire.ts'

/** What the engine stores of a spec that it was sent: empty parts gone, and the fields that its conversion always sets. */
export function storedSpec(sent: ServiceSpec): ServiceSpec {
  const spec = dense(sent) as ServiceSpec
  return {
    ...spec,
    Labels: spec.Labels ?? {},
    TaskTemplate: storedTemplate(spec.TaskTemplate),
    Mode: storedMode(spec.Mode),
    ...(spec.UpdateConfig === undefined ? {} : { UpdateConfig: storedUpdate(spec.UpdateConfig) }),
    ...(spec.RollbackConfig === undefined ? {} : { RollbackConfig: storedUpdate(spec.RollbackConfig) }),
    ...(spec.EndpointSpec === undefined ? {} : { EndpointSpec: storedEndpoint(spec.EndpointSpec) }),
  }
}

function storedTemplate(template: TaskTemplate): TaskTemplate {
  const { RestartPolicy: restart } = template
  return {
    ...template,
    ...(template.ContainerSpec === undefined
      ? {}
      : { ContainerSpec: { ...template.ContainerSpec, ...{ Isolation: 'default' } } }),
    ...(restart === undefined
      ? {}
      : {
          RestartPolicy: { ...restart, Condition: restart.Condition ?? 'any', MaxAttempts: restart.MaxAttempts ?? 0 },
        }),
    ForceUpdate: template.ForceUpdate ?? 0,
    Runtime: template.Runtime ?? 'container',
  }
}

/** Replicas that are left out are one, also in an update (swarm.md 11). */
function storedMode(mode: ServiceSpec['Mode']): NonNullable<ServiceSpec['Mode']> {
  if (mode?.Global || mode?.GlobalJob) return mode
  if (mode?.ReplicatedJob) {
    const { MaxConcurrent = 1, TotalCompletions = MaxConcurrent } = mode.ReplicatedJob
    return { ReplicatedJob: { MaxConcurrent, TotalCompletions } }
  }
  return { Replicated: { Replicas: mode?.Replicated?.Replicas ?? 1 } }
}

function storedUpdate(update: UpdateConfig): UpdateConfig {
  return {
    ...update,
    Parallelism: update.Parallelism ?? 0,
    FailureAction: update.FailureAction ?? 'pause',
    MaxFailureRatio: update.MaxFailureRatio ?? 0,
    Order: update.Order ?? 'stop-first',
  }
}

function storedEndpoint(endpoint: EndpointSpec): EndpointSpec {
  const ports = endpoint.Ports?.map((port) => ({ Protocol: 'tcp', PublishMode: 'ingress', ...port }))
  return { ...endpoint, Mode: endpoint.Mode ?? 'vip', ...(ports === undefined ? {} : { Ports: ports }) }
}

/**
 * What `?insertDefaults=true` shows (moby/swarmkit api/defaults/service.go). A job is shown with update settings as
 * well, which it is refused with when they are sent back.
 */
export function withDefaults(spec: ServiceSpec): ServiceSpec {
  const template = spec.TaskTemplate
  const container = { StopGracePeriod: 10e9, DNSConfig: {}, ...template.ContainerSpec }
  return {
    ...spec,
    TaskTemplate: {
      ...template,
      ContainerSpec: container,
      Resources: template.Resources ?? {},
      RestartPolicy: { Condition: 'any', Delay: 5e9, MaxAttempts: 0, ...template.RestartPolicy },
      Placement: template.Placement ?? {},
    },
    UpdateConfig: defaultUpdate(spec.UpdateConfig),
    RollbackConfig: defaultUpdate(spec.RollbackConfig),
  }
}

const defaultUpdate = (update: UpdateConfig = { Parallelism: 1 }): UpdateConfig => ({
  Parallelism: 1,
  FailureAction: 'pause',
  Monitor: 5e9,
  MaxFailureRatio: 0,
  Order: 'stop-first',
  ...update,
})

/**
 * Whether an update replaces tasks. A difference in the placement alone ends the comparison before the endpoint is
 * looked at: a changed port that comes with a changed placement is lost (swarm.md 2, moby/swarmkit IsTaskDirty).
 */
export function replacesTasks(before: ServiceSpec, after: ServiceSpec): boolean {
  const [old, wanted] = [withoutPlacement(before.TaskTemplate), withoutPlacement(after.TaskTemplate)]
  const onlyPlacement =
    isDeepStrictEqual(old, wanted) && !isDeepStrictEqual(before.TaskTemplate.Placement, after.TaskTemplate.Placement)
  if (onlyPlacement) return false
  return !isDeepStrictEqual(old, wanted) || !isDeepStrictEqual(before.EndpointSpec, after.EndpointSpec)
}

function withoutPlacement({ Placement: _, ...rest }: TaskTemplate): TaskTemplate {
  return rest
}

export const isJob = ({ Mode: mode }: ServiceSpec): boolean => Boolean(mode?.ReplicatedJob ?? mode?.GlobalJob)

export const modeName = ({ Mode: mode }: ServiceSpec): string => Object.keys(mode ?? {})[0] ?? 'Replicated'

/** Go's `omitempty`: what is empty is not stored. Numbers stay, since zero often means something. */
function dense(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dense)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, part]) => !isEmpty(key, part))
      .map(([key, part]) => [key, dense(part)]),
  )
}

function isEmpty(key: string, part: unknown): boolean {
  if (part === null || part === undefined || part === '') return true
  return Array.isArray(part) ? part.length === 0 : part === false && key !== 'Init'
}
