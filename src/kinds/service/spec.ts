import type { ImagePin } from '../../model/kind.ts'

/**
 * A Swarm service, normalised: live names in place of document names, every default of Swarm filled, lists whose order
 * means nothing sorted. An absent field is one that Swarm leaves to the image or the engine. Durations are
 * milliseconds, sizes bytes.
 */
export interface ServiceSpec extends ServiceFields {
  /** `unmanaged`: live's count is kept (swarm.md 11). Only of `mode: replicated`. */
  readonly replicas?: number | 'unmanaged'
  /** As written, familiar form with tag or digest: `nginx:1.27`, `registry.example:5000/a/b:1`. */
  readonly image: string
  readonly resolve: 'digest' | 'never'
  /** What the tag was resolved to; set by planning, not part of the spec's digest. */
  readonly pin?: ImagePin
  /** Architectures that people ask for; absent: those of the image. */
  readonly platforms?: readonly Platform[]
  /** What it restarts after: address or word -> digest or token (architecture, rule 4). */
  readonly triggers: Readonly<Record<string, string>>
  /** Set by `suspend`: live's count is remembered on the service until it is resumed. */
  readonly suspended?: true
}

/** A service as it is live, in the same shape. */
export interface ServiceLive extends ServiceFields {
  /** Only of `mode: replicated`. */
  readonly replicas?: number
  /** With digest where it is pinned: `nginx:1.27@sha256:…`. */
  readonly image: string
  readonly platforms: readonly Platform[]
  /** Triggers that it was last started with. */
  readonly triggers: Readonly<Record<string, string>>
  /** Replicas that it had before it was suspended. */
  readonly suspendedReplicas?: number
  /** Label keys that we wrote; others are not ours and stay. */
  readonly owns: OwnedKeys
}

export interface OwnedKeys {
  readonly labels: readonly string[]
  readonly containerLabels: readonly string[]
}

export type ServiceMode = 'replicated' | 'global' | 'replicated-job' | 'global-job'

/** What a spec and a live service have in common; `compare` goes through these by name. */
export interface ServiceFields {
  readonly name: string
  readonly mode: ServiceMode
  /** Only of `mode: replicated-job`. */
  readonly completions?: number
  readonly maxConcurrent?: number
  readonly labels: Texts
  readonly containerLabels: Texts
  /** `ContainerSpec.Command`: replaces the image's entry point. */
  readonly entrypoint: readonly string[]
  /** `ContainerSpec.Args`: replaces the image's command. */
  readonly command: readonly string[]
  readonly hostname?: string
  /** Null takes a variable of the image away. */
  readonly env: Readonly<Record<string, string | null>>
  readonly workingDir?: string
  readonly user?: string
  readonly groups: readonly string[]
  readonly tty: boolean
  readonly stdin: boolean
  readonly readOnly: boolean
  readonly mounts: readonly Mount[]
  readonly stopSignal?: string
  readonly stopGracePeriod: number
  readonly healthcheck?: Healthcheck
  readonly hosts: readonly HostEntry[]
  readonly dns: Dns
  readonly secrets: readonly FileRef[]
  readonly configs: readonly FileRef[]
  readonly isolation: 'default' | 'process' | 'hyperv'
  readonly init?: boolean
  readonly sysctls: Texts
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly ulimits: readonly Ulimit[]
  readonly oomScoreAdj: number
  readonly credentialSpec?: CredentialSpec
  readonly selinux?: Selinux
  readonly seccomp?: Seccomp
  readonly apparmor: 'default' | 'disabled'
  readonly noNewPrivileges: boolean
  readonly resources: Resources
  readonly restart: RestartPolicy
  readonly constraints: readonly string[]
  /** Spread descriptors, in their order: `node.labels.zone`. */
  readonly spread: readonly string[]
  /** 0: no limit. */
  readonly maxReplicasPerNode: number
  readonly networks: readonly NetworkAttachment[]
  readonly logging?: Driver
  readonly update: UpdatePolicy
  readonly rollback: UpdatePolicy
  readonly endpointMode: 'vip' | 'dnsrr'
  readonly ports: readonly Port[]
}

export type Texts = Readonly<Record<string, string>>

export interface Platform {
  /** Empty: any. */
  readonly architecture: string
  readonly os: string
}

export type MountType = 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster'

/** One mount, flat; what does not belong to its type is absent. */
export interface Mount {
  readonly type: MountType
  /** Absent: tmpfs, or an anonymous volume. */
  readonly source?: string
  readonly target: string
  readonly readOnly: boolean
  /** Of Docker Desktop; nothing to an engine on Linux. */
  readonly consistency?: string
  /** bind */
  readonly propagation?: string
  readonly nonRecursive?: true
  readonly createMountpoint?: true
  readonly readOnlyNonRecursive?: true
  readonly readOnlyForceRecursive?: true
  /** volume */
  readonly noCopy?: true
  readonly labels?: Texts
  readonly driver?: string
  readonly driverOptions?: Texts
  readonly subpath?: string
  /** tmpfs */
  readonly size?: number
  /** Octal text: `1777`. */
  readonly mode?: string
  readonly options?: readonly (readonly string[])[]
}

export interface Healthcheck {
  /** `['NONE']` switches the image's check off; empty inherits its command. Absent fields are the image's. */
  readonly test: readonly string[]
  readonly interval?: number
  readonly timeout?: number
  readonly startPeriod?: number
  readonly startInterval?: number
  readonly retries?: number
}

export interface HostEntry {
  readonly name: string
  readonly ip: string
}

interface Dns {
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
}

/** A secret or config in a container. */
export interface FileRef {
  /** Live name of the secret or config. */
  readonly name: string
  /** Path in the container; relative ones of secrets are below /run/secrets. Absent: a config used by the runtime. */
  readonly target?: string
  readonly uid: string
  readonly gid: string
  /** Octal text: `0444`. */
  readonly mode: string
}

export interface Ulimit {
  readonly name: string
  readonly soft: number
  readonly hard: number
}

interface CredentialSpec {
  /** Live name of a config. */
  readonly config?: string
  readonly file?: string
  readonly registry?: string
}

export interface Selinux {
  readonly disable: boolean
  readonly user?: string
  readonly role?: string
  readonly type?: string
  readonly level?: string
}

export interface Seccomp {
  readonly mode: 'unconfined' | 'custom'
  /** JSON text of a custom profile. */
  readonly profile?: string
}

export interface Resources {
  readonly limits: { readonly cpus?: number; readonly memory?: number; readonly pids?: number }
  readonly reservations: {
    readonly cpus?: number
    readonly memory?: number
    /** Kind -> count, or names. */
    readonly generic: Readonly<Record<string, number | readonly string[]>>
  }
}

export interface RestartPolicy {
  readonly condition: 'none' | 'on-failure' | 'any'
  readonly delay: number
  /** 0: no limit. */
  readonly maxAttempts: number
  readonly window: number
}

export interface NetworkAttachment {
  /** Live name of the network. */
  readonly name: string
  readonly aliases: readonly string[]
  readonly driverOptions: Texts
}

export interface Driver {
  /** Absent: the engine's own, with these options. */
  readonly driver?: string
  readonly options: Texts
}

export interface UpdatePolicy {
  /** 0: all at once. */
  readonly parallelism: number
  readonly delay: number
  readonly failureAction: 'pause' | 'continue' | 'rollback'
  readonly monitor: number
  readonly maxFailureRatio: number
  readonly order: 'stop-first' | 'start-first'
}

export interface Port {
  readonly target: number
  /** Absent: Swarm chooses. */
  readonly published?: number
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly mode: 'ingress' | 'host'
  readonly name?: string
}
