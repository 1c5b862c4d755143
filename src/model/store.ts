import type { AppState } from './app-state.ts'
import type { ResourceId } from './id.ts'
import type { Recorded, Wanted } from './resource.ts'
import type { Shelf, ShelfName } from './shelf.ts'
import type { Step, StepNote } from './target.ts'

/** Written before an effect, closed after it (rule 14). */
export interface Intent {
  readonly seq: number
  readonly attempt: string
  readonly app: string
  readonly id: ResourceId
  readonly action: string
  readonly step: Step
  readonly note: StepNote
  /** ISO times. */
  readonly at: string
  readonly closedAt?: string
}

export interface HistoryEntry {
  readonly seq: number
  readonly at: string
  readonly app: string
  readonly revision: string
  /** `applied`, `proven`, `rolled-back`, `held-back`, `failed`, `adopted`, `operator`, … */
  readonly what: string
  readonly message: string
  /** Who, for what a person did. */
  readonly by?: string
  readonly detail?: unknown
}

export interface FleetState {
  readonly lastResolved?: { readonly commit: string; readonly tree: string; readonly at: string }
  /** Commit that the tracked branch must descend from. */
  readonly lastApplied?: string
  /** Identity of each target, pinned at first contact. */
  readonly targets: Readonly<Record<string, string>>
  /** Nothing is written while it is set. */
  readonly frozen?: { readonly reason: string; readonly by: string; readonly at: string }
  /** Guards that a person confirmed. */
  readonly confirmed: readonly string[]
  /** Apps that failed in a revision (rule 18). */
  readonly failed?: { readonly revision: string; readonly apps: readonly string[] }
  /** A MAC of a constant under the operator's key: tells that it is another one. */
  readonly keyPrint?: string
  /** Random name of this database, for leases. */
  readonly writer?: string
  /** Drift first seen: id -> what and since when, for reports and the flap guard. */
  readonly drift: Readonly<Record<string, DriftSeen>>
}

export interface DriftSeen {
  readonly firstSeen: string
  readonly lastSeen: string
  /** ISO times of heals in the last hour. */
  readonly healed: readonly string[]
}

/** What swarmkeeper remembers. Synchronous: better-sqlite3 is. Conformance: test/conformance/store.ts. */
export interface Store {
  /** Oldest first: the order in which things came to be ours tells the generations of a secret apart. */
  record(): readonly Recorded[]
  putRecorded(recorded: readonly Recorded[]): void
  forget(ids: readonly ResourceId[]): void

  apps(): readonly AppState[]
  app(name: string): AppState
  putApp(state: AppState): void
  dropApp(name: string): void

  /** Resources of an app's last proven state, as they were applied. */
  lastGood(app: string): readonly Wanted[]
  setLastGood(app: string, resources: readonly Wanted[]): void

  fleet(): FleetState
  putFleet(state: FleetState): void

  openIntents(): readonly Intent[]
  addIntent(intent: Omit<Intent, 'seq' | 'closedAt'>): number
  markIntent(seq: number, step: Step, note: StepNote, closedAt?: string): void

  addHistory(entry: Omit<HistoryEntry, 'seq'>): void
  /** Newest first. */
  history(query: { readonly app?: string; readonly limit: number }): readonly HistoryEntry[]
  /** Forgets what was done before this ISO time; gives of how many entries. */
  dropHistory(before: string): number

  /** Small things by key; an unreadable one is put aside at the next start. */
  shelf<T>(name: ShelfName): Shelf<T>

  /** All or nothing. Nested calls join the outer one. */
  transaction<T>(body: () => T): T
  close(): void
}
