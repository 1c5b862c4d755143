import type { CheckSpec } from './check.ts'
import type { Digest } from './digest.ts'
import type { ResourceId } from './id.ts'
import type { Position } from './problem.ts'

/** A secret in a spec: a reference that `reveal` understands, and an HMAC of the content under the operator's key. */
export interface Opaque {
  readonly secret: string
  readonly mac: string
}

export type DriftPolicy = 'safe' | 'heal' | 'report' | 'ignore'

/** How a change goes over the hosts that a document names. */
export interface Rollout {
  /** Hosts that are changed, and proven, before all others. */
  readonly canary: number
  /** Hosts changed together after that; undefined: all. */
  readonly batch?: number
  readonly pauseMs: number
  /** A host that does not answer is gone on without, or waited for. */
  readonly unreachable: 'skip' | 'wait'
}

/** How swarmkeeper treats a resource: the reserved key `keeper`, with every default filled. Not part of the spec. */
export interface Handling {
  readonly adopt: 'no' | 'stamp' | 'converge'
  /** The live name that this resource had before (rule 11). */
  readonly movedFrom?: string
  readonly prune: 'allow' | 'keep'
  readonly drift: DriftPolicy
  readonly ignore: readonly { readonly field: string; readonly reason: string }[]
  readonly suspend: boolean
  /** `default`: by the failure table; `app`: roll back even with data; `hold`: never roll back. */
  readonly rollback: 'default' | 'app' | 'hold'
  /** What fails before it was ever proven stays for inspection, or is pruned. */
  readonly onFirstFailure: 'stay' | 'remove'
  readonly stableForMs: number
  readonly bakeMs: number
  readonly timeoutMs: number
  readonly checks: readonly CheckSpec[]
  /** Generations of a Secret or Config, or versions of an Artifact, to keep beside the present one. */
  readonly keep: number
  /** Of what lives on hosts. */
  readonly rollout?: Rollout
  /** Its app follows another one: promotion. */
  readonly follows?: { readonly app: string; readonly healthyForMs: number }
}

export interface Resource<S = unknown> {
  readonly id: ResourceId
  readonly kind: string
  readonly spec: S
  /**
   * Digest of the normalised spec as written: a tag's pinned digest is not part of it, so that a moved tag is not an
   * edit (rule 5).
   */
  readonly digest: Digest
}

export interface Wanted<S = unknown> extends Resource<S> {
  readonly app: string
  /** Applied, and proven, before this one. */
  readonly after: readonly ResourceId[]
  readonly handling: Handling
  readonly origin: Position
}

/** `intended` is written before a create and removed after a confirmed delete (rule 14). */
export interface Recorded<S = unknown> extends Resource<S> {
  readonly app: string
  readonly handling: Handling
  /** Version of the spec's format. */
  readonly format: number
  readonly state: 'intended' | 'owned' | 'retiring'
}

export const SPEC_FORMAT = 1

/** Found live, after the database was lost, and not as any document writes it: the spec is what live had. */
export const LIVE_FORMAT = 0

/** What `keeper` means where it says nothing. */
export const defaultHandling: Handling = {
  adopt: 'no',
  prune: 'allow',
  drift: 'safe',
  ignore: [],
  suspend: false,
  rollback: 'default',
  onFirstFailure: 'stay',
  stableForMs: 15_000,
  bakeMs: 300_000,
  timeoutMs: 300_000,
  checks: [],
  keep: 2,
}
