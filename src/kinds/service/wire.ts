/**
 * The parts of Swarm's service object that we read and write (Engine API 1.41 to 1.50), by their names on the wire.
 * Whatever else an engine sends travels through `toWire` untouched. Durations are nanoseconds, sizes bytes. Go prints a
 * missing list, map or object as null, as empty, or not at all: every field may be any of these.
 */
export type Maybe<T> = T | null | undefined
type Opt<T> = { -readonly [K in keyof T]?: Maybe<T[K]> }
type Text = Record<string, string>

type WirePlatform = Opt<{ Architecture: string; OS: string }>

export type WireDriver = Opt<{ Name: string; Options: Text }>

export type WireMount = Opt<{
  Type: string
  Source: string
  Target: string
  ReadOnly: boolean
  Consistency: string
  BindOptions: Opt<{
    Propagation: string
    NonRecursive: boolean
    CreateMountpoint: boolean
    ReadOnlyNonRecursive: boolean
    ReadOnlyForceRecursive: boolean
  }>
  VolumeOptions: Opt<{ NoCopy: boolean; Labels: Text; DriverConfig: WireDriver; Subpath: string }>
  TmpfsOptions: Opt<{ SizeBytes: number; Mode: number; Options: string[][] }>
}>

export type WireFile = Opt<{ Name: string; UID: string; GID: string; Mode: number }>
export type WireSecretRef = Opt<{ File: WireFile; SecretID: string; SecretName: string }>
export type WireConfigRef = Opt<{ File: WireFile; Runtime: object; ConfigID: string; ConfigName: string }>

export type WireHealthcheck = Opt<{
  Test: string[]
  Interval: number
  Timeout: number
  StartPeriod: number
  StartInterval: number
  Retries: number
}>

export type WirePrivileges = Opt<{
  CredentialSpec: Opt<{ Config: string; File: string; Registry: string }>
  SELinuxContext: Opt<{ Disable: boolean; User: string; Role: string; Type: string; Level: string }>
  /** `Profile` is base64 of the profile's JSON. */
  Seccomp: Opt<{ Mode: string; Profile: string }>
  AppArmor: Opt<{ Mode: string }>
  NoNewPrivileges: boolean
}>

type WireUlimit = Opt<{ Name: string; Soft: number; Hard: number }>

export type WireContainer = Opt<{
  Image: string
  Labels: Text
  Command: string[]
  Args: string[]
  Hostname: string
  Env: string[]
  Dir: string
  User: string
  Groups: string[]
  Privileges: WirePrivileges
  TTY: boolean
  OpenStdin: boolean
  ReadOnly: boolean
  Mounts: WireMount[]
  StopSignal: string
  StopGracePeriod: number
  Healthcheck: WireHealthcheck
  Hosts: string[]
  DNSConfig: Opt<{ Nameservers: string[]; Search: string[]; Options: string[] }>
  Secrets: WireSecretRef[]
  Configs: WireConfigRef[]
  Isolation: string
  Init: boolean
  Sysctls: Text
  CapabilityAdd: string[]
  CapabilityDrop: string[]
  Ulimits: WireUlimit[]
  OomScoreAdj: number
}>

export type WireGeneric = Opt<{
  DiscreteResourceSpec: Opt<{ Kind: string; Value: number }>
  NamedResourceSpec: Opt<{ Kind: string; Value: string }>
}>

export type WireResources = Opt<{
  Limits: Opt<{ NanoCPUs: number; MemoryBytes: number; Pids: number }>
  Reservations: Opt<{ NanoCPUs: number; MemoryBytes: number; GenericResources: WireGeneric[] }>
}>

export type WireRestart = Opt<{ Condition: string; Delay: number; MaxAttempts: number; Window: number }>

export type WirePlacement = Opt<{
  Constraints: string[]
  Preferences: Opt<{ Spread: Opt<{ SpreadDescriptor: string }> }>[]
  MaxReplicas: number
  Platforms: WirePlatform[]
}>

export type WireNetworkAttachment = Opt<{ Target: string; Aliases: string[]; DriverOpts: Text }>

export type WireTask = Opt<{
  ContainerSpec: WireContainer
  Resources: WireResources
  RestartPolicy: WireRestart
  Placement: WirePlacement
  Networks: WireNetworkAttachment[]
  LogDriver: WireDriver
  ForceUpdate: number
  Runtime: string
}>

export type WireMode = Opt<{
  Replicated: Opt<{ Replicas: number }>
  Global: object
  ReplicatedJob: Opt<{ MaxConcurrent: number; TotalCompletions: number }>
  GlobalJob: object
}>

export type WireUpdate = Opt<{
  Parallelism: number
  Delay: number
  FailureAction: string
  Monitor: number
  MaxFailureRatio: number
  Order: string
}>

export type WirePort = Opt<{
  Name: string
  Protocol: string
  TargetPort: number
  PublishedPort: number
  PublishMode: string
}>

type WireEndpoint = Opt<{ Mode: string; Ports: WirePort[] }>

/** `Spec` of a service, and the body of `POST /services/create` and `/services/{id}/update`. */
export type WireServiceSpec = Opt<{
  Name: string
  Labels: Text
  TaskTemplate: WireTask
  Mode: WireMode
  UpdateConfig: WireUpdate
  RollbackConfig: WireUpdate
  /** Deprecated place of `TaskTemplate.Networks`; old services still have it. */
  Networks: WireNetworkAttachment[]
  EndpointSpec: WireEndpoint
}>
