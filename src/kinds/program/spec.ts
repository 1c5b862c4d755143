/** One file of supervisord's include folder, and what it declares. */
export interface ProgramSpec {
  /** Of the file, without `.conf`. */
  readonly name: string
  /** The file. */
  readonly file: string
  /** By name; supervisord adds and removes a group as a whole. */
  readonly groups: Readonly<Record<string, ProgramGroup>>
  /** Address -> digest: what its programs restart for (rule 4). The engine fills in the digests. */
  readonly triggers: Readonly<Record<string, string>>
}

export interface ProgramGroup {
  /** Digest of all that supervisord reads of it, environments included: another one needs a restart (rule 4). */
  readonly config: string
  readonly processes: Readonly<Record<string, WantedState>>
}

/**
 * `running`: and started again whatever it ends with; `started`: it may have ended as it should; `any`: it is started by
 * hand.
 */
export type WantedState = 'running' | 'started' | 'stopped' | 'any'

/** As the facts of a host report it, supervisord being there. */
export interface ProgramLive {
  readonly name: string
  /** Absent: there is no such file. */
  readonly file?: string
  /** Of the groups that the spec, the file or the record name. */
  readonly groups: Readonly<Record<string, LiveGroup>>
  /** Groups that we added, by the host's own record: those no longer declared are taken out. */
  readonly owns: readonly string[]
  /** As its programs were last started by us, by the host's own record. Absent: never by us, so nothing is due. */
  readonly triggers?: Readonly<Record<string, string>>
  /** What is needed to take back a file that this supervisord may have refused: see `ProgramRecord.before`. */
  readonly before?: string
}

export interface LiveGroup {
  /** What it runs with. Absent: not known; `pending` tells what supervisord itself knows. */
  readonly config?: string
  /** supervisord has read another configuration of it than it runs with (`reloadConfig`: changed). */
  readonly pending: boolean
  /** Name -> state: STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL, UNKNOWN. */
  readonly processes: Readonly<Record<string, string>>
}

/** One program file, as the facts script of a host reports it: without any call that changes what supervisord knows. */
export interface WireProgram {
  readonly name: string
  readonly file?: { readonly text: string; readonly changed: number }
  /** When this supervisord was started: seconds since 1970. */
  readonly daemonStarted: number
  /** Of `getAllProcessInfo`: groups that are in use, and no others. `since`: when it was started, of one that runs. */
  readonly processes: readonly {
    readonly group: string
    readonly name: string
    readonly statename: string
    readonly since?: number
  }[]
  /** Groups that `reloadConfig` called changed when it was last called, where that is known. */
  readonly changed?: readonly string[]
  readonly record?: ProgramRecord
}

/**
 * What the host's own record keeps: written before the file is, with what runs until then, and again when the groups were
 * added.
 */
export interface ProgramRecord {
  /** What each group of ours runs with, or is about to be added with; '?' where that is not known. */
  readonly groups: Readonly<Record<string, string>>
  readonly triggers: Readonly<Record<string, string>>
  readonly daemonStarted: number
  /** As long as supervisord has not taken the file: sha256 of the one before, or '-' for none. */
  readonly before?: string
}
