import type { TargetRecord } from '../../model/app-state.ts'
import type { ResourceId } from '../../model/id.ts'
import type { ImagePin } from '../../model/kind.ts'
import type { Health } from '../../model/live.ts'

/** One thing in memory. `spec` is its live half: the same shape as the normalised spec. */
export interface MemoryObject {
  readonly kind: string
  readonly spec: unknown
  readonly stamp?: { readonly install: string; readonly app: string; readonly digest: string }
  readonly version: number
  /** Counts starts: what restarts gets a new one. */
  readonly starts: number
}

/** Where the in-memory target keeps things; tests look into it, and break it. */
export interface MemoryWorld {
  readonly identity: string
  readonly objects: Map<ResourceId, MemoryObject>
  record: TargetRecord | undefined
  recordVersion: number
  holder: string | undefined
  /** How often the lease was taken: only the last one holds. */
  leases: number
  /** What the registry says that a tag means now. */
  readonly images: Map<string, ImagePin>
  /** Every write, in words: `create prod/Thing/a`. */
  readonly writes: string[]
  reachable: boolean
  /** How a thing fares: by default it is healthy. */
  healthOf: (id: ResourceId, object: MemoryObject) => Health
  /** Called before each write takes effect; may throw. */
  beforeWrite: (what: string) => void
  /** Called after each write took effect; may throw: the answer is lost. */
  afterWrite: (what: string) => void
}

/** What a client saw last: what has another version now was changed by somebody else (swarm.md 8). */
export interface Seen {
  readonly objects: Map<ResourceId, number>
  record: number
}

/** Every write goes through here: tests count them, refuse them, or lose their answer. */
export function write(world: MemoryWorld, what: string, body: () => void): void {
  world.beforeWrite(what)
  body()
  world.writes.push(what)
  world.afterWrite(what)
}

export function createMemoryWorld(identity = 'memory-1'): MemoryWorld {
  return {
    identity,
    objects: new Map(),
    record: undefined,
    recordVersion: 0,
    holder: undefined,
    leases: 0,
    images: new Map(),
    writes: [],
    reachable: true,
    healthOf: (_id, object) => ({ status: 'healthy', instance: String(object.starts) }),
    beforeWrite: () => {},
    afterWrite: () => {},
  }
}
