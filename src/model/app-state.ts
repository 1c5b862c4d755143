import type { Halt, Waiver } from './budget.ts'
import type { DesiredApp } from './desired.ts'
import type { Digest } from './digest.ts'
import type { ResourceId } from './id.ts'
import type { ImagePin } from './kind.ts'
import type { Cause } from './plan.ts'
import type { Wanted } from './resource.ts'

interface At {
  readonly revision: string
  /** ISO time. */
  readonly at: string
}

/** The changes of a failed attempt (glossary: held back). A null digest is a removal. */
export interface HeldGroup {
  readonly revision: string
  readonly reason: string
  readonly message: string
  readonly at: string
  /** `last-good`: members are kept at last good; `stay`: they are left as they are, for a person. */
  readonly keepAt: 'last-good' | 'stay'
  readonly members: readonly { readonly id: ResourceId; readonly digest: Digest | null }[]
  /** What the attempt made, where it stayed: the next one may have to take it back. */
  readonly created?: readonly ResourceId[]
}

export interface OperatorPin extends At {
  readonly by: string
  readonly reason: string
  /** The tree was given by a person (`apply --from DIR`) and is not in the repository: what it declared is kept here. */
  readonly from?: string
  readonly app?: DesiredApp
}

interface Suspension {
  readonly until: string
  readonly reason: string
  readonly by: string
  readonly since: string
}

/** An attempt to bring an app to a revision, from its first write to its proof. */
export interface Attempt extends At {
  readonly id: string
  readonly cause: Cause
  readonly goal: 'desired' | 'last-good'
  /** What the app was like before the first write. */
  readonly before: 'new' | 'healthy' | 'degraded'
  /** `resting`: applied while the app was suspended, and not proven before it runs again (rule 6). */
  readonly phase: 'applying' | 'resting' | 'baking' | 'rolling-back'
  readonly changed: readonly { readonly id: ResourceId; readonly digest: Digest | null }[]
  readonly created: readonly ResourceId[]
  /** A write began: before that, a failure leaves nothing to take back (rule 17, first row). */
  readonly wrote?: boolean
  /** Targets on which a write began: on any other, there is nothing to take back. */
  readonly wroteOn?: readonly string[]
  /** Why going back would do harm: an irreversible job ran, or a new image may have changed its data (rules 12, 17). */
  readonly noWayBack?: string
  /** What had come back by itself before it was proven, and how often: it may not do so again (rule 15). */
  readonly restarts?: Readonly<Record<ResourceId, number>>
  /** ISO time; while baking. */
  readonly bakeUntil?: string
  /** While baking: what becomes last good at its end, also when a newer revision is there by then. */
  readonly good?: Good
  /** While rolling back: what failed. */
  readonly failure?: { readonly reason: string; readonly message: string }
}

/** A state that proved healthy. */
export interface Good {
  readonly resources: readonly Wanted[]
  /** What is good since an older revision than this one: id -> that revision; '' where it was never proven. */
  readonly older: Readonly<Record<ResourceId, string>>
}

interface Stall {
  readonly reason: string
  readonly message: string
  readonly at: string
  /** Digest of the app's desired state when it stalled: an edit clears it. */
  readonly digest: Digest
}

/** What swarmkeeper remembers of an app. */
export interface AppState {
  readonly app: string
  readonly lastApplied?: At
  readonly lastGood?: At
  readonly attempt?: Attempt
  /**
   * Of attempts that ended without targets that were not to be seen: what they had begun there. `wroteOn` names the
   * targets that are waited for; each is an attempt again when it answers (rule 17).
   */
  readonly late?: readonly Attempt[]
  /** Of the newest attempt that failed. */
  readonly held?: HeldGroup
  /** Of earlier attempts that failed, still held: each group is released alone. Oldest first. */
  readonly heldBefore?: readonly HeldGroup[]
  /** Where what is good of a resource is older than `lastGood`, for it was held meanwhile: id -> revision; '': never. */
  readonly olderGood?: Readonly<Record<ResourceId, string>>
  readonly pin?: OperatorPin
  readonly suspension?: Suspension
  /** What of it stands at rest for a budget. */
  readonly halts?: readonly Halt[]
  /** What could not be put to rest is tried again: failures in a row, and an ISO time. */
  readonly halting?: { readonly failures: number; readonly notBefore: string }
  /** Budgets that a person overlooked, and nobody counts with yet. */
  readonly waivers?: readonly Waiver[]
  readonly stalled?: Stall
  /** Failures in a row without a write, or of drift: backoff. */
  readonly failures: number
  readonly notBefore?: string
  /** What could not be removed is tried again, ever less often: failures in a row, and an ISO time (rule 13). */
  readonly leftovers?: { readonly failures: number; readonly notBefore: string }
  /** Restarts and job runs that a person asked for: id -> token, carried in the spec's triggers (rule 4). */
  readonly restarts: Readonly<Record<string, string>>
}

/** The short form of an AppState, kept on the target as well (rule 8). */
export interface AppMark {
  readonly lastApplied?: At
  readonly lastGood?: At
  /** What the tags of the last good state meant. */
  readonly pins?: Readonly<Record<string, ImagePin>>
  readonly held?: HeldGroup
  readonly heldBefore?: readonly HeldGroup[]
  readonly olderGood?: Readonly<Record<ResourceId, string>>
  readonly pin?: OperatorPin
  readonly suspension?: Suspension
  readonly halts?: readonly Halt[]
  readonly waivers?: readonly Waiver[]
  /** A run that a person asked for is not asked for again after a rebuild. */
  readonly restarts?: Readonly<Record<string, string>>
}

/** What a target remembers for an install: enough to rebuild the database. */
export interface TargetRecord {
  readonly install: string
  readonly apps: Readonly<Record<string, AppMark>>
  /** As `FleetState.keyPrint`; absent where an older swarmkeeper wrote the record. */
  readonly key?: string
  /** Owned things that carry no stamp, and what is needed to know them again. */
  readonly unstamped: Readonly<Record<ResourceId, { readonly app: string; readonly digest: Digest }>>
}
