import type { CheckResult, CheckSpec } from '../model/check.ts'
import type { Clock } from '../model/clock.ts'
import type { Desired, DesiredTarget } from '../model/desired.ts'
import type { Emit } from '../model/events.ts'
import type { ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Sensitive } from '../model/sensitive.ts'
import type { Snapshot, Source } from '../model/source.ts'
import type { Store } from '../model/store.ts'
import type { CallOptions, Target } from '../model/target.ts'

/** What the reconciler works with; made in app.ts, or by a test. */
export interface Collaborators {
  readonly install: string
  /** A MAC of a constant under the operator's key. Absent: the key is not known again. */
  readonly keyPrint?: string
  /**
   * Who writes, in leases: names this database and machine, so that the successor of a killed process, which holds the
   * same database alone, need not wait until the lease is stale.
   */
  readonly holder: string
  readonly kinds: Kinds
  readonly store: Store
  readonly source: Source
  readonly clock: Clock
  readonly emit: Emit
  /** From 0 up to 1: jitter. */
  random(): number
  newId(): string
  /** The same target for the same document: connections are kept. `all`: a host may be reached through another. */
  openTarget(target: DesiredTarget, all: readonly DesiredTarget[]): Target
  /** `owners`: `target/Kind/name` as people write it -> the app that it belongs to, by the record. */
  render(snapshot: Snapshot, owners: ReadonlyMap<string, string>): Promise<Desired>
  reveal(secret: string): Promise<Sensitive>
  runCheck(
    check: CheckSpec,
    options: CallOptions & { readonly targets: ReadonlyMap<string, Target> },
  ): Promise<CheckResult>
  readonly appsAtOnce: number
  /** Begins a run of a scheduled agent that a person asks for. Absent: there is no daemon, which alone follows runs. */
  runAgent?(id: ResourceId, ask: { readonly by: string; readonly reason?: string }): void
  /** What the plan of the pull request that a commit came from had shown to go (rule 13); undefined: it came from none. */
  shownPrunes?(commit: string): ReadonlySet<ResourceId> | undefined
}

/** What a person asked for with this run. */
export interface RunOptions extends CallOptions {
  /** Only this app. */
  readonly app?: string
  /** Another revision than the tip of the tracked branch. */
  readonly revision?: string
  readonly confirm?: readonly string[]
  /** Try again what is held back or stalled. */
  readonly retry?: boolean
  readonly adopt?: readonly string[]
  /** Obey backoff: a daemon's tick does, a person's command does not. */
  readonly patient?: boolean
  /** Nothing is written, neither on targets nor in the store. */
  readonly readOnly?: boolean
  /** The store ends with this run: what is recognised is kept in it, though the run only reads. */
  readonly scratch?: boolean
  /** Compare with the record, not with live. */
  readonly offline?: boolean
  /** Nobody reviewed what is planned: no registry is asked about it (architecture, section 4). */
  readonly untrusted?: boolean
  /** A person accepts what the targets say of themselves (rule 8). */
  readonly rebuild?: boolean
  /** Who asks. */
  readonly by: string
  /** Ends writes and rollbacks, too; `signal` alone ends waiting (rule 20). Absent: they are one. */
  readonly lasting?: AbortSignal
}
