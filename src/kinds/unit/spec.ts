/** A systemd unit on a host. An absent field is not ours. */
export interface UnitSpec {
  /** Full name, with its type. */
  readonly name: string
  /** The unit file; undefined: there is one already, of a package. */
  readonly file?: string
  /** Name with `.conf` -> content. */
  readonly dropIns: Readonly<Record<string, string>>
  readonly masked: boolean
  readonly enabled?: boolean
  readonly state?: 'running' | 'stopped'
  /** What runs was started with; see `programOf`. */
  readonly program: UnitProgram
  /** Address -> digest: what it restarts or reloads for (rule 4). The engine fills in the digests. */
  readonly triggers: Readonly<Record<string, string>>
  /** Of the triggers, those that it reloads for, as they were written: `Kind/name` or `target/Kind/name`. */
  readonly reloadOn: readonly string[]
}

/**
 * Digests of what of the files a running process was started with: without [Install], descriptions and comments, which
 * need no restart. So a restart is a field (rule 4): a kill between a file and its restart leaves this difference.
 */
export interface UnitProgram {
  readonly file?: string
  readonly dropIns: Readonly<Record<string, string>>
}

/** A unit, as the facts of a host report it; `absent` where the host knows neither the unit nor a file of ours. */
export interface UnitLive {
  readonly name: string
  /** `LoadState`: loaded, not-found, masked, bad-setting, error. */
  readonly load: string
  /** Of `/etc/systemd/system/<name>`; absent: it has none there. */
  readonly file?: string
  /** Of `/etc/systemd/system/<name>.d/`, by name. */
  readonly dropIns: Readonly<Record<string, string>>
  /** Drop-ins that we wrote, by the host's own record: those no longer declared are taken away. */
  readonly owns: readonly string[]
  /** `UnitFileState`: enabled, disabled, static, masked, indirect, generated, … */
  readonly enabled: string
  /** `ActiveState`: active, reloading, activating, deactivating, inactive, failed. */
  readonly active: string
  /** `NeedDaemonReload`: what systemd holds is not what the files say. */
  readonly needsReload: boolean
  /** What it was started with. Absent: its files changed after it started, and the record does not know. */
  readonly program?: UnitProgram
  /** As it was last started or reloaded by us, by the host's own record. Absent: never by us, so nothing is due. */
  readonly triggers?: Readonly<Record<string, string>>
}

/** One unit, as the facts script of a host reports it. */
export interface WireUnit {
  readonly name: string
  /** Of `systemctl show`: LoadState, ActiveState, UnitFileState, NeedDaemonReload, InvocationID, ActiveEnterTimestamp. */
  readonly show: Readonly<Record<string, string>>
  /** `/etc/systemd/system/<name>`, where it is a regular file. */
  readonly file?: WireText
  /** Of `/etc/systemd/system/<name>.d/`, by name. */
  readonly dropIns: Readonly<Record<string, WireText>>
  readonly record?: UnitRecord
}

export interface WireText {
  readonly text: string
  /** Seconds since 1970, of its last change of content. */
  readonly changed: number
}

/** What the host's own record keeps of a unit, written when it was last started or reloaded by us. */
export interface UnitRecord {
  readonly dropIns: readonly string[]
  readonly program: UnitProgram
  readonly triggers: Readonly<Record<string, string>>
  /** `InvocationID` of that start. */
  readonly invocation: string
}
