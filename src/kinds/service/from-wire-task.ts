import type { SwarmNames } from '../ids.ts'
import { DEFAULT_RESTART } from './defaults.ts'
import { compact, milliseconds, whole } from './go-values.ts'
import { sortNetworks, sortTexts } from './sort.ts'
import type { Driver, Resources, RestartPolicy, ServiceLive } from './spec.ts'
import type { Maybe, WireDriver, WireGeneric, WireResources, WireRestart, WireServiceSpec } from './wire.ts'

export type TaskFields = Pick<
  ServiceLive,
  'resources' | 'restart' | 'constraints' | 'spread' | 'maxReplicasPerNode' | 'platforms' | 'networks' | 'logging'
>

export function taskFromWire(wire: WireServiceSpec, names: SwarmNames): TaskFields {
  const task = wire.TaskTemplate ?? {}
  const placement = task.Placement
  const attached = task.Networks?.length ? task.Networks : (wire.Networks ?? [])
  return compact<TaskFields>({
    resources: resourcesFromWire(task.Resources),
    restart: restartFromWire(task.RestartPolicy),
    constraints: sortTexts((placement?.Constraints ?? []).map(constraintText)),
    spread: (placement?.Preferences ?? []).map((preference) => preference.Spread?.SpreadDescriptor ?? ''),
    maxReplicasPerNode: placement?.MaxReplicas ?? 0,
    platforms: (placement?.Platforms ?? []).map((platform) => ({
      architecture: platform.Architecture ?? '',
      os: platform.OS ?? '',
    })),
    networks: sortNetworks(
      attached.map((network) => ({
        name: names.networks.get(network.Target ?? '') ?? network.Target ?? '',
        aliases: sortTexts(network.Aliases ?? []),
        driverOptions: network.DriverOpts ?? {},
      })),
    ),
    logging: driverFromWire(task.LogDriver),
  })
}

/** `node.role==worker` and `node.role == worker` are one constraint (swarmkit constraint.Parse trims both sides). */
export function constraintText(written: string): string {
  const match = /^([^=!]+)(==|!=)(.*)$/s.exec(written)
  return match ? `${match[1]?.trim()} ${match[2]} ${match[3]?.trim()}` : written.trim()
}

function resourcesFromWire(wire: Maybe<WireResources>): Resources {
  const { Limits: limits, Reservations: reservations } = wire ?? {}
  return {
    limits: compact<Resources['limits']>({
      cpus: cpus(limits?.NanoCPUs),
      memory: whole(limits?.MemoryBytes),
      pids: whole(limits?.Pids),
    }),
    reservations: compact<Resources['reservations']>({
      cpus: cpus(reservations?.NanoCPUs),
      memory: whole(reservations?.MemoryBytes),
      generic: genericFromWire(reservations?.GenericResources),
    }),
  }
}

const cpus = (nano: Maybe<number>): number | undefined => (nano ? nano / 1e9 : undefined)

function genericFromWire(wire: Maybe<readonly WireGeneric[]>): Resources['reservations']['generic'] {
  const generic: Record<string, number | readonly string[]> = {}
  for (const { DiscreteResourceSpec: counted, NamedResourceSpec: named } of wire ?? []) {
    if (counted?.Kind) generic[counted.Kind] = counted.Value ?? 0
    if (named?.Kind) {
      const before = generic[named.Kind]
      generic[named.Kind] = sortTexts([...(Array.isArray(before) ? before : []), named.Value ?? ''])
    }
  }
  return generic
}

function restartFromWire(wire: Maybe<WireRestart>): RestartPolicy {
  const condition = wire?.Condition
  return {
    condition: condition === 'none' || condition === 'on-failure' ? condition : 'any',
    delay: milliseconds(wire?.Delay) ?? DEFAULT_RESTART.delay,
    maxAttempts: wire?.MaxAttempts ?? 0,
    window: milliseconds(wire?.Window) ?? 0,
  }
}

function driverFromWire(wire: Maybe<WireDriver>): Driver | undefined {
  if (!wire?.Name && Object.keys(wire?.Options ?? {}).length === 0) return undefined
  return compact<Driver>({ driver: wire?.Name || undefined, options: wire?.Options ?? {} })
}
