import { createHash } from 'node:crypto'
import type { Content, Network, Service, SwarmNode, Task } from './wire.ts'

/** How one task of a service ends up. */
export interface TaskOutcome {
  readonly state: 'running' | 'starting' | 'preparing' | 'failed' | 'rejected' | 'complete'
  readonly error?: string
  readonly exitCode?: number
}

/** Decides what becomes of a new task; undefined: it runs, a job's task completes. */
export type Script = (service: Service, task: Task) => TaskOutcome | undefined

/** Everything that the stand-in knows. Tests may read all of it and change nodes and tasks, as the world would. */
export interface World {
  readonly clusterId: string
  readonly services: Map<string, Service>
  readonly tasks: Map<string, Task>
  readonly configs: Map<string, Content>
  readonly secrets: Map<string, Content>
  readonly networks: Map<string, Network>
  readonly nodes: Map<string, SwarmNode>
  /** `X-Registry-Auth` as it was last stored for a service, by its id. */
  readonly registryAuth: Map<string, string>
  readonly logs: Map<string, readonly string[]>
  script: Script
  /** Tasks and updates stay as they begin until `settle`. */
  byHand: boolean
  /** The next version index: one counter for the whole Swarm, as raft's. */
  nextIndex(): number
  nextId(): string
  now(): string
}

export function createWorld(name: string, clock: () => number): World {
  let index = 10
  let ids = 0
  const nextId = (): string => {
    ids += 1
    const hash = createHash('sha256').update(`${name} ${ids}`).digest('hex')
    return BigInt(`0x${hash}`).toString(36).slice(0, 25)
  }
  return {
    clusterId: nextId(),
    services: new Map(),
    tasks: new Map(),
    configs: new Map(),
    secrets: new Map(),
    networks: new Map(),
    nodes: new Map(),
    registryAuth: new Map(),
    logs: new Map(),
    script: () => undefined,
    byHand: false,
    nextIndex: () => {
      index += 1
      return index
    },
    nextId,
    now: () => new Date(clock()).toISOString().replace('Z', '000000Z'),
  }
}

/** The fields of a new object. */
export function created(world: World): Pick<Service, 'ID' | 'Version' | 'CreatedAt' | 'UpdatedAt'> {
  const now = world.now()
  return { ID: world.nextId(), Version: { Index: world.nextIndex() }, CreatedAt: now, UpdatedAt: now }
}

/** Any change of an object, Swarm's own included, moves its version: so a stale writer is found out. */
export function touch(world: World, object: { Version: { Index: number }; UpdatedAt: string }): void {
  object.Version = { Index: world.nextIndex() }
  object.UpdatedAt = world.now()
}

/** By id, by name, or by a prefix of the id that names one object. */
export function find<T extends { readonly ID: string }>(
  objects: ReadonlyMap<string, T>,
  key: string,
  nameOf: (object: T) => string,
): T | undefined {
  const all = [...objects.values()]
  const named = objects.get(key) ?? all.find((object) => nameOf(object) === key)
  if (named) return named
  const prefixed = all.filter((object) => key !== '' && object.ID.startsWith(key))
  return prefixed.length === 1 ? prefixed[0] : undefined
}
