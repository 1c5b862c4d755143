import type { AppState } from './app-state.ts'
import type { Desired } from './desired.ts'
import type { ResourceId } from './id.ts'
import type { HostImportOptions, HostImportReport, ImportOptions, ImportReport } from './import.ts'
import type { FieldDiff, Observed } from './live.ts'
import type { AppPlan, Departure, FleetOutcome, FleetPlan, FleetStatus, ResourceStatus } from './outcome.ts'
import type { Change, HeldChange } from './plan.ts'
import type { DriftPolicy, Recorded, Wanted } from './resource.ts'
import type { DriftSeen, HistoryEntry } from './store.ts'
import type { CallOptions } from './target.ts'

/** Who asks, for the history. */
export interface AskOptions extends CallOptions {
  readonly by: string
}

export interface DecisionOptions extends AskOptions {
  readonly app: string
  readonly reason?: string
}

interface PlanOptions extends AskOptions {
  readonly app?: string
  readonly revision?: string
  /** Compare with the record, ask no target. */
  readonly offline?: boolean
  readonly confirm?: readonly string[]
}

export interface ApplyOptions extends PlanOptions {
  /** A folder in place of the repository: break-glass, becomes a pin of the apps in it. */
  readonly from?: string
  readonly retry?: boolean
  readonly adopt?: readonly string[]
}

/** One thing that differs from the record although nobody declared it. */
export interface DriftItem {
  readonly id: ResourceId
  readonly app: string
  readonly policy: DriftPolicy
  /** `heal`: the next apply puts it right; otherwise why it stays. */
  readonly next: 'heal' | HeldChange['why']
  readonly message?: string
  readonly diffs: readonly FieldDiff[]
  readonly seen?: DriftSeen
  /** Of the document that declares it. */
  readonly origin?: Wanted['origin']
}

export interface DriftReport {
  readonly revision: string
  readonly at: string
  readonly items: readonly DriftItem[]
  /** What could not be looked at. */
  readonly unknown: readonly { readonly id: ResourceId; readonly app?: string; readonly message: string }[]
}

/** Everything known of one resource. */
export interface ResourceView {
  readonly id: ResourceId
  readonly app: string
  readonly status: ResourceStatus
  readonly wanted?: Wanted
  readonly recorded?: Recorded
  readonly observed?: Observed
  /** Why what is desired is not what the revision declares. */
  readonly departures?: readonly Departure[]
}

/** Why a resource would change, or is held, or stays. */
export interface Explanation {
  readonly id: ResourceId
  readonly app: string
  readonly revision: string
  readonly change?: Change
  readonly held?: HeldChange
  readonly guards: AppPlan['guards']
  readonly blocked?: AppPlan['blocked']
  /** What it waits for, and what waits for it, in this app. */
  readonly after: readonly ResourceId[]
  readonly origin?: Wanted['origin']
  readonly state: AppState
  /** Why it is not brought to what the revision declares; none: it is as desired where nothing changes. */
  readonly departures?: readonly Departure[]
  /** What the revision asks for, and is not done: it is held back, or its app is pinned. */
  readonly instead?: Change
  /** Changes of what refers to it, in any app: what restarts with it. */
  readonly followers?: readonly Change[]
  /** Of an immutable generation: the document's name, and the generation that it takes the place of. */
  readonly generation?: { readonly of: string; readonly before?: ResourceId }
}

/** What was found again after the database was lost (rule 8). */
export interface RebuildReport {
  readonly recognised: number
  readonly holds: number
  readonly pins: number
  readonly suspensions: number
  /** What records disagree about, or nothing tells: a person decides. */
  readonly needsPerson: readonly string[]
}

export interface DoctorFinding {
  /** `settings`, `repository`, `target prod`, `database`, `clock`, `disk`. */
  readonly subject: string
  readonly level: 'ok' | 'warning' | 'error'
  readonly message: string
  readonly todo?: string
}

/** What the command line and the HTTP surface talk to. Every call may throw `ReconcileError`. */
export interface Engine {
  plan(options: PlanOptions): Promise<FleetPlan>
  apply(options: ApplyOptions): Promise<FleetOutcome>
  /** What the revision declares, expanded. */
  desired(options: AskOptions & { readonly revision?: string }): Promise<Desired>
  status(options: AskOptions): Promise<FleetStatus>
  history(options: AskOptions & { readonly app?: string; readonly limit: number }): Promise<readonly HistoryEntry[]>
  drift(options: AskOptions & { readonly app?: string }): Promise<DriftReport>
  /** `id` as people type it: whole, or without its target where only one has it. */
  show(id: string, options: AskOptions): Promise<ResourceView>
  logs(id: string, options: AskOptions & { readonly lines: number }): Promise<readonly string[]>
  explain(id: string, options: AskOptions): Promise<Explanation>

  /** Operator's decisions, recorded with who and why; then one reconcile of that app. */
  rollback(options: DecisionOptions & { readonly to?: string }): Promise<FleetOutcome>
  unpin(options: DecisionOptions): Promise<FleetOutcome>
  suspend(options: DecisionOptions & { readonly forMs: number }): Promise<FleetOutcome>
  resume(options: DecisionOptions): Promise<FleetOutcome>
  retry(options: DecisionOptions): Promise<FleetOutcome>
  restart(id: string, options: AskOptions & { readonly reason?: string }): Promise<FleetOutcome>
  runJob(id: string, options: AskOptions & { readonly reason?: string }): Promise<FleetOutcome>
  /** Nothing is written until `unfreeze`. */
  freeze(options: AskOptions & { readonly reason?: string }): Promise<void>
  unfreeze(options: AskOptions): Promise<void>
  /** Lets go of everything on a target that is not declared any more; it stays there as it is. Returns what it was. */
  forget(target: string, options: AskOptions): Promise<readonly ResourceId[]>

  rebuild(options: AskOptions & { readonly confirm?: readonly string[] }): Promise<RebuildReport>
  /** Documents for what is live on a Swarm and not owned yet; nothing is written anywhere. */
  importSwarm(options: ImportOptions): Promise<ImportReport>
  /** The same for what was installed on a host by hand. */
  importHost(options: HostImportOptions): Promise<HostImportReport>
  doctor(options: AskOptions): Promise<readonly DoctorFinding[]>
  dispose(): Promise<void>
}
