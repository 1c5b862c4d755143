import type { Problem } from './problem.ts'
import { TODO_OF } from './todo.ts'

/** Every reason that swarmkeeper reports, as a closed list: reports, exit codes and tests lean on it. */
export type Reason =
  | 'InvalidSettings'
  | 'InvalidDesired'
  | 'SourceUnreachable'
  | 'SourceRefused' // the repository holds something that we do not read (symlink, submodule, too large)
  | 'RevisionNotDescendant'
  | 'TargetUnreachable'
  | 'TargetMismatch' // another Swarm or host answers under this name
  | 'LoginRefused' // the host knows neither this user nor this key
  | 'RootRefused' // the login works, and sudo wants a password or knows nothing of this user
  | 'TimedOut' // a command was started and did not end in time: what became of it is unknown
  | 'TargetRefused' // the target said no to a request
  | 'VersionConflict' // somebody changed the object meanwhile: observe and plan again
  | 'Unschedulable'
  | 'ImageUnresolved'
  | 'RegistryRefused'
  | 'ArtifactUnavailable' // a file cannot be downloaded, or is another one than its document says
  | 'Conflict' // exists, and is not ours
  | 'DataChange'
  | 'DependencyNotReady'
  | 'HealthCheckFailed'
  | 'ProgressDeadlineExceeded'
  | 'TaskFailed'
  | 'JobFailed'
  | 'RolledBackBySwarm'
  | 'GuardHeld'
  | 'LeaseHeld'
  | 'LeaseLost'
  | 'StoreLocked'
  | 'StoreTooNew'
  | 'RecordDisagrees'
  | 'Aborted'
  | 'Superseded' // a newer revision takes its place
  | 'ReportUnreachable' // GitHub or a chat does not answer, or asks to wait
  | 'ReportRefused' // it does not accept our login or what we say
  | 'NotAllowed' // an API token without the scope, a user without write permission
  | 'NotFound'
  | 'Usage'

export interface ErrorDetails {
  /** What was tried, what was got. */
  readonly message: string
  /** What a person can do about it; what the reason says of that otherwise. */
  readonly todo?: string
  readonly retryable?: boolean
  readonly problems?: readonly Problem[]
  readonly cause?: unknown
}

/** An error with a reason and an audience: the operator. */
export class ReconcileError extends Error {
  readonly reason: Reason
  readonly todo: string
  readonly retryable: boolean
  readonly problems: readonly Problem[]

  constructor(reason: Reason, details: ErrorDetails) {
    super(details.message, { cause: details.cause })
    this.name = 'ReconcileError'
    this.reason = reason
    this.todo = details.todo ?? TODO_OF[reason]
    this.retryable = details.retryable ?? false
    this.problems = details.problems ?? []
  }
}

/** A fault of ours: please report. */
export class InternalError extends Error {
  override readonly name = 'InternalError'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
