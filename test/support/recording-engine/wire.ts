/** The Engine API's own words, as far as the stand-in reads them; everything else in an object passes through. */

export interface ServiceSpec {
  readonly Name: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly TaskTemplate: TaskTemplate
  readonly Mode?: ServiceMode
  readonly UpdateConfig?: UpdateConfig
  readonly RollbackConfig?: UpdateConfig
  readonly EndpointSpec?: EndpointSpec
}

export interface TaskTemplate {
  readonly ContainerSpec?: ContainerSpec
  readonly Resources?: { readonly Reservations?: { readonly NanoCPUs?: number; readonly MemoryBytes?: number } }
  readonly RestartPolicy?: { readonly Condition?: string; readonly Delay?: number; readonly MaxAttempts?: number }
  readonly Placement?: { readonly Constraints?: readonly string[] }
  readonly Networks?: readonly { readonly Target?: string }[]
  readonly ForceUpdate?: number
  readonly Runtime?: string
}

export interface ContainerSpec {
  readonly Image?: string
  readonly Secrets?: readonly { readonly SecretID?: string; readonly SecretName?: string }[]
  readonly Configs?: readonly { readonly ConfigID?: string; readonly ConfigName?: string }[]
  readonly StopGracePeriod?: number
  readonly DNSConfig?: object
}

interface ServiceMode {
  readonly Replicated?: { readonly Replicas?: number }
  readonly Global?: object
  readonly ReplicatedJob?: { readonly MaxConcurrent?: number; readonly TotalCompletions?: number }
  readonly GlobalJob?: object
}

export interface UpdateConfig {
  readonly Parallelism?: number
  readonly FailureAction?: string
  readonly Monitor?: number
  readonly MaxFailureRatio?: number
  readonly Order?: string
}

export interface EndpointSpec {
  readonly Mode?: string
  readonly Ports?: readonly Port[]
}

export interface Port {
  readonly Protocol?: string
  readonly TargetPort?: number
  readonly PublishedPort?: number
  readonly PublishMode?: string
}

interface Stored {
  readonly ID: string
  Version: { Index: number }
  readonly CreatedAt: string
  UpdatedAt: string
}

export interface Service extends Stored {
  Spec: ServiceSpec
  PreviousSpec?: ServiceSpec
  UpdateStatus?: { State: string; StartedAt?: string; CompletedAt?: string; Message: string }
  JobStatus?: { JobIteration: { Index?: number }; LastExecution: string }
}

export interface Task extends Stored {
  readonly ServiceID: string
  readonly Slot?: number
  NodeID?: string
  readonly Spec: TaskTemplate
  Status: {
    Timestamp: string
    State: string
    Message: string
    Err?: string
    ContainerStatus?: { ContainerID: string; PID: number; ExitCode: number }
  }
  DesiredState: string
  readonly JobIteration?: { Index?: number }
}

/** A config or a secret. */
export interface Content extends Stored {
  Spec: { readonly Name: string; Labels: Readonly<Record<string, string>>; readonly Data?: string }
}

export interface Network {
  readonly Name: string
  readonly Id: string
  readonly Created: string
  readonly Scope: string
  readonly Driver: string
  readonly Labels: Readonly<Record<string, string>>
}

export interface SwarmNode extends Stored {
  Spec: { readonly Role: string; readonly Availability: string; readonly Labels: Readonly<Record<string, string>> }
  readonly Description: {
    readonly Hostname: string
    readonly Platform: { readonly Architecture: string; readonly OS: string }
    readonly Resources: { readonly NanoCPUs: number; readonly MemoryBytes: number }
    readonly Engine: { readonly EngineVersion: string; readonly Labels?: Readonly<Record<string, string>> }
  }
  Status: { State: string; Addr: string }
  readonly ManagerStatus?: { readonly Leader: boolean; readonly Reachability: string; readonly Addr: string }
}
