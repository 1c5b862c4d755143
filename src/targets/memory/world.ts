import type { TargetRecord } from '../../model/app-state.ts'
import type { ResourceId } from '../../model/id.ts'
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

export function createMemoryWorld(identity = 'memory-1'): MemoryWorld {
  return {
    identity,
    objects: new Map(),
    record: undefined,
    recordVersion: 0,
    holder: undefined,
    writes: [],
    reachable: true,
    healthOf: (_id, object) => ({ status: 'healthy', instance: String(object.starts) }),
    beforeWrite: () => {},
    afterWrite: () => {},
  }
}
