import type { Agent } from './agent.ts'
import type { Budget } from './budget.ts'
import type { CheckSpec } from './check.ts'
import type { Digest } from './digest.ts'
import type { ResourceId } from './id.ts'
import type { Position, Problem } from './problem.ts'
import type { DriftPolicy, Wanted } from './resource.ts'
import type { StandingCheck } from './standing.ts'

/** Times of every week in which no new revision is applied. */
export interface Window {
  /** `Fri 18:00 - Mon 07:00`, `Mon-Fri 08:00 - 18:00`, `22:00 - 06:00`: read by src/lib/deny-window.ts. */
  readonly deny: string
  /** IANA name. */
  readonly timezone: string
}

export interface Fleet {
  readonly drift: DriftPolicy
  readonly maxFailedApps: number
  /** App names. */
  readonly canary: readonly string[]
  readonly windows: readonly Window[]
}

export interface DesiredTarget {
  readonly name: string
  readonly kind: string
  /** The document's value as its schema describes it. */
  readonly config: unknown
  readonly origin: Position
}

/** Of an agent supervisor it is only asked what it knows: nothing lives on it, and it has no record. */
export const isPlace = ({ kind }: Pick<DesiredTarget, 'kind'>): boolean => kind !== 'AgentSupervisor'

/** One app of a revision, rendered. */
export interface DesiredApp {
  readonly app: string
  readonly wanted: readonly Wanted[]
  /** Its `Check` documents: asked after its last change. */
  readonly gates: readonly CheckSpec[]
  /** Something of it could not be read: it is not reconciled, and nothing is pruned. */
  readonly broken: boolean
  /** Apps that must be in place first. */
  readonly dependsOnApps: readonly string[]
  /** Of everything rendered: an app is touched by a revision when this changes (rule 7). */
  readonly digest: Digest
}

/** Among the broken targets where it cannot be known which: a file of them could not be read. */
export const UNREAD_TARGETS = 'a file under targets/'

/** What a revision declares. */
export interface Desired {
  readonly fleet: Fleet
  readonly targets: readonly DesiredTarget[]
  readonly apps: ReadonlyMap<string, DesiredApp>
  /** Targets whose documents could not be read: what is on them is left alone. */
  readonly brokenTargets: readonly string[]
  readonly agents: readonly Agent[]
  readonly budgets: readonly Budget[]
  readonly standing: readonly StandingCheck[]
  /** What guards agents and what runs: read to tell of their edits. */
  readonly policies: readonly { readonly name: string; readonly digest: Digest }[]
  readonly problems: readonly Problem[]
  /** `target/Kind/name` as written -> ids, generations resolved. */
  readonly addresses: ReadonlyMap<string, readonly ResourceId[]>
  /** Where a field was written, of what came out of another document (a stack); undefined: a default, or not known here. */
  where?(id: ResourceId, field: string): Position | undefined
}
