import type { Duplex } from 'node:stream'
import type { RunKey, RunLook } from './agent.ts'
import type { AppMark, TargetRecord } from './app-state.ts'
import type { CheckResult, CheckSpec } from './check.ts'
import type { Reason } from './error.ts'
import type { ResourceId } from './id.ts'
import type { ImagePin } from './kind.ts'
import type { LiveState } from './live.ts'
import type { Change, Stage } from './plan.ts'
import type { Recorded, Resource } from './resource.ts'
import type { Sensitive } from './sensitive.ts'

export type { AppMark, TargetRecord }

/** Every result lists every step (rule 24). */
export type Step = 'not-run' | 'started' | 'applied' | 'failed' | 'unknown'

/** Why a change cannot work as things are. */
export interface Unfit {
  readonly id: ResourceId
  readonly message: string
  /** `Unschedulable` where it is not said: nothing can hold it. */
  readonly reason?: Reason
  /** Apps that give up, in the same run, what it needs: it comes after them, and then it fits. */
  readonly comesAfter?: readonly string[]
}

export interface StepNote {
  readonly reason?: string
  readonly message?: string
}

export interface CallOptions {
  readonly signal: AbortSignal
}

export interface ApplyOptions extends CallOptions {
  /** Reads a secret by the reference in `Opaque.secret`; called as late as possible. */
  reveal(secret: string): Promise<Sensitive>
  /** Says what became of a change, at once: the journal is written in this call. */
  mark(id: ResourceId, step: Step, note?: StepNote): void
  /** Called before each write; throws `LeaseLost`. */
  guard(): Promise<void>
  readonly record: readonly Recorded[]
  /** What is marked within is kept together or not at all: each alone costs the disk a write. */
  together?(marks: () => void): void
}

/** A place that resources live in. Conformance: test/conformance/target.ts. */
export interface Target {
  readonly name: string
  /** What its identity is called there, for people: `machine-id`. */
  readonly identifiedBy?: string
  /** What is this, for sure: Swarm cluster id, machine-id. Pinned at first contact; asked where a look does not tell it. */
  identity(options: CallOptions): Promise<string>
  /**
   * One look at everything: the wanted or recorded resources, whatever else carries the stamp of this install (that is how
   * a lost database is rebuilt, rule 8), and the target's own record.
   */
  observe(
    wanted: readonly Resource[],
    options: CallOptions,
  ): Promise<LiveState & { readonly record: TargetRecord | undefined; readonly identity?: string }>
  /** Everything there, whoever owns it: for an import. Absent where a target cannot list what it does not know. */
  survey?(options: CallOptions): Promise<LiveState>
  /** Performs all changes of a stage; a failure is marked, not thrown, and does not stop its neighbours. */
  apply(stage: Stage, options: ApplyOptions): Promise<void>
  /** It has no place for a record: what lives on it only reflects what lives elsewhere (`Kind.reflects`). */
  readonly keepsNoRecord?: boolean
  /** Writes the target's own record where it differs; a conflict of versions throws `VersionConflict`. */
  writeRecord(next: TargetRecord, options: CallOptions): Promise<void>
  /** Takes, keeps and gives back the right to write (rule 23). */
  lease(holder: string, options: CallOptions): Promise<Lease>
  /** Why these changes cannot work, before anything is written: constraints, resources, ports, missing references. */
  preflight(changes: readonly Change[], live: LiveState): readonly Unfit[]
  /**
   * What takes long and may fail without harm, before the first write: content is brought to where it is needed. What
   * cannot be had is said. Absent where a target needs nothing beforehand.
   */
  prepare?(
    changes: readonly Change[],
    options: CallOptions & Pick<ApplyOptions, 'reveal' | 'guard'>,
  ): Promise<readonly Unfit[]>
  /** Digest and platforms of a tag. */
  resolveImage(reference: string, options: CallOptions): Promise<ImagePin>
  /** Last lines that the resource logged. */
  logs(id: ResourceId, lines: number, options: CallOptions): Promise<readonly string[]>
  /** What a person needs to know about something that failed: task errors, exit codes, log lines. */
  diagnose(id: ResourceId, options: CallOptions): Promise<readonly string[]>
  /** What time it is there: what expires is judged by our clock, leases and logs by theirs. */
  time?(options: CallOptions): Promise<Date>
  /** What a person should know of it beside that it answers: for `doctor`. */
  examine?(options: CallOptions): Promise<readonly TargetFinding[]>
  /** Checks that need the target to run them (a command as a one-shot job). */
  runCheck?(check: CheckSpec, options: CallOptions): Promise<CheckResult>
  /** Runs of scheduled agents; absent where nothing runs. */
  readonly runs?: Runner
  /** To a port, as seen from there; absent where nothing is asked from it. */
  openTcp?(to: { readonly host: string; readonly port: number }, options: CallOptions): Promise<Duplex>
  dispose(): Promise<void>
}

/**
 * Runs of scheduled agents on a target. What a run is called there is made from its key: whoever starts it a second time,
 * after a kill or from another database, finds it started.
 */
export interface Runner {
  /**
   * Starts the run of what the record has of it, as it was proven; nothing where it, or a later one, was started already. To
   * be called with the right to write (`guard`), which keeps two from asking at the same time.
   */
  start(run: RunKey, of: Resource, options: CallOptions & Pick<ApplyOptions, 'reveal' | 'guard'>): Promise<void>
  look(run: RunKey, of: Resource, options: CallOptions): Promise<RunLook>
  /** Ends it, and gives its last lines. It stays known as started. */
  stop(run: RunKey, of: Resource, options: CallOptions & Pick<ApplyOptions, 'guard'>): Promise<readonly string[]>
  /** Removes what is left of a run: of the newest one nothing would tell any more that it was started. */
  clear(run: RunKey, options: CallOptions & Pick<ApplyOptions, 'guard'>): Promise<void>
  /** What is left there of runs of this install, as far as it is anything to clear. */
  list(options: CallOptions): Promise<readonly LeftRun[]>
}

export interface LeftRun extends RunKey {
  /** Of what it was started with. */
  readonly digest: string
}

export interface TargetFinding {
  /** `root`, `disk`, `systemd`. */
  readonly subject: string
  readonly level: 'ok' | 'warning' | 'error'
  readonly message: string
  readonly todo?: string
}

export interface Lease {
  /** Throws `LeaseLost` when another one holds it now. */
  check(options: CallOptions): Promise<void>
  release(): Promise<void>
}
