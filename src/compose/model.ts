import type { Scalar } from './yaml/node.ts'

/**
 * A stack as the docker CLI has it in hand after reading and merging its compose files: the names are those of the
 * format, so that it can be compared with what `docker stack config` prints. What Go holds as zero is absent; what it
 * holds as a pointer (`healthcheck`, `update_config`, `init`) keeps its zero. Sizes are bytes, durations nanoseconds.
 */
export interface ComposeModel {
  readonly version: string
  readonly services: ByName<ComposeService>
  readonly networks: ByName<ComposeNetwork>
  readonly volumes: ByName<ComposeVolume>
  readonly secrets: ByName<ComposeFile>
  readonly configs: ByName<ComposeFile>
  readonly extras: Extras
}

export type ByName<T> = Readonly<Record<string, T>>
export type Texts = ByName<string>

/** Keys that begin with `x-`. */
export type Extras = ByName<Plain>
export type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain }

export interface ComposeService {
  readonly build?: Build
  readonly cap_add?: readonly string[]
  readonly cap_drop?: readonly string[]
  readonly cgroupns_mode?: string
  readonly cgroup_parent?: string
  readonly command?: readonly string[]
  readonly configs?: readonly FileReference[]
  readonly container_name?: string
  readonly credential_spec?: CredentialSpec
  readonly depends_on?: readonly string[]
  readonly deploy?: Deploy
  readonly devices?: readonly string[]
  readonly dns?: readonly string[]
  readonly dns_search?: readonly string[]
  readonly domainname?: string
  readonly entrypoint?: readonly string[]
  /** Null takes a variable of the image away. */
  readonly environment?: ByName<string | null>
  readonly env_file?: readonly string[]
  readonly expose?: readonly string[]
  readonly external_links?: readonly string[]
  readonly extra_hosts?: readonly string[]
  readonly hostname?: string
  readonly healthcheck?: ComposeHealthcheck
  readonly image?: string
  readonly init?: boolean
  readonly ipc?: string
  readonly isolation?: string
  readonly labels?: Texts
  readonly links?: readonly string[]
  readonly logging?: Logging
  readonly mac_address?: string
  readonly network_mode?: string
  readonly networks?: ByName<ServiceNetwork | null>
  readonly pid?: string
  readonly ports?: readonly ComposePort[]
  readonly privileged?: boolean
  readonly read_only?: boolean
  readonly restart?: string
  readonly secrets?: readonly FileReference[]
  readonly security_opt?: readonly string[]
  readonly shm_size?: string
  readonly stdin_open?: boolean
  readonly stop_grace_period?: bigint
  readonly stop_signal?: string
  readonly sysctls?: Texts
  readonly tmpfs?: readonly string[]
  readonly tty?: boolean
  readonly ulimits?: ByName<Ulimits>
  readonly user?: string
  readonly userns_mode?: string
  readonly volumes?: readonly ServiceVolume[]
  readonly working_dir?: string
  readonly extras?: Extras
}

export interface Build {
  readonly context?: string
  readonly dockerfile?: string
  readonly args?: ByName<string | null>
  readonly labels?: Texts
  readonly cache_from?: readonly string[]
  readonly extra_hosts?: readonly string[]
  readonly network?: string
  readonly target?: string
}

export interface FileReference {
  readonly source?: string
  readonly target?: string
  readonly uid?: string
  readonly gid?: string
  readonly mode?: number
}

export interface CredentialSpec {
  readonly config?: string
  readonly file?: string
  readonly registry?: string
}

export interface Deploy {
  readonly mode?: string
  readonly replicas?: number
  readonly labels?: Texts
  readonly update_config?: UpdateConfig
  readonly rollback_config?: UpdateConfig
  readonly resources?: ComposeResources
  readonly restart_policy?: ComposeRestart
  readonly placement?: Placement
  readonly endpoint_mode?: string
}

export interface UpdateConfig {
  readonly parallelism?: number
  readonly delay?: bigint
  readonly failure_action?: string
  readonly monitor?: bigint
  /** Of 32 bits. */
  readonly max_failure_ratio?: number
  readonly order?: string
}

export interface ComposeResources {
  readonly limits?: Limits
  readonly reservations?: Reservations
}

export interface Limits {
  readonly cpus?: string
  readonly memory?: number
  readonly pids?: number
}

export interface Reservations {
  readonly cpus?: string
  readonly memory?: number
  readonly generic_resources?: readonly GenericResource[]
}

interface GenericResource {
  readonly discrete_resource_spec?: DiscreteResource
}

interface DiscreteResource {
  readonly kind?: string
  readonly value?: number
}

export interface ComposeRestart {
  readonly condition?: string
  readonly delay?: bigint
  readonly max_attempts?: number
  readonly window?: bigint
}

export interface Placement {
  readonly constraints?: readonly string[]
  readonly preferences?: readonly { readonly spread?: string }[]
  readonly max_replicas_per_node?: number
}

export interface ComposeHealthcheck {
  readonly test?: readonly string[]
  readonly timeout?: bigint
  readonly interval?: bigint
  readonly retries?: number
  readonly start_period?: bigint
  readonly start_interval?: bigint
  readonly disable?: boolean
}

export interface Logging {
  readonly driver?: string
  readonly options?: Texts
}

export interface ServiceNetwork {
  readonly aliases?: readonly string[]
  readonly driver_opts?: Texts
  readonly ipv4_address?: string
  readonly ipv6_address?: string
}

export interface ComposePort {
  readonly mode?: string
  readonly target?: number
  readonly published?: number
  readonly protocol?: string
}

/** One number for both, or both. */
export interface Ulimits {
  readonly single?: number
  readonly soft?: number
  readonly hard?: number
}

export interface ServiceVolume {
  readonly type?: string
  readonly source?: string
  readonly target?: string
  readonly read_only?: boolean
  readonly consistency?: string
  readonly bind?: { readonly propagation?: string }
  readonly volume?: { readonly nocopy?: boolean; readonly subpath?: string }
  readonly tmpfs?: { readonly size?: number }
  readonly cluster?: Readonly<Record<string, never>>
}

export interface ComposeNetwork {
  readonly name?: string
  readonly driver?: string
  readonly driver_opts?: Texts
  readonly ipam?: ComposeIpam
  readonly external?: boolean
  readonly internal?: boolean
  readonly attachable?: boolean
  readonly labels?: Texts
  readonly extras?: Extras
}

export interface ComposeIpam {
  readonly driver?: string
  readonly config?: readonly { readonly subnet?: string }[]
}

export interface ComposeVolume {
  readonly name?: string
  readonly driver?: string
  /** Empty is not the same as absent: it makes a driver part without a name. */
  readonly driver_opts?: Texts
  readonly external?: boolean
  readonly labels?: Texts
  readonly 'x-cluster-spec'?: ClusterSpec
  readonly extras?: Extras
}

/** Of a CSI volume. */
export interface ClusterSpec {
  readonly group?: string
  readonly access_mode?: AccessMode
  readonly accessibility_requirements?: {
    readonly requisite?: readonly Topology[]
    readonly preferred?: readonly Topology[]
  }
  readonly capacity_range?: { readonly required_bytes?: number; readonly limit_bytes?: number }
  readonly secrets?: readonly { readonly key?: string; readonly secret?: string }[]
  readonly availability?: string
}

export interface AccessMode {
  readonly scope?: string
  readonly sharing?: string
  readonly mount_volume?: { readonly fs_type?: string; readonly mount_flags?: readonly string[] }
  readonly block_volume?: Readonly<Record<string, never>>
}

export interface Topology {
  readonly segments?: Texts
}

/** A secret or a config. */
export interface ComposeFile {
  readonly name?: string
  /** From the root: the folder of the first compose file where a path is relative, and where none is given. */
  readonly file?: string
  readonly external?: boolean
  readonly labels?: Texts
  readonly driver?: string
  readonly driver_opts?: Texts
  readonly template_driver?: string
  readonly extras?: Extras
}
