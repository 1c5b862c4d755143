import type { WireConfigSpec } from '../../kinds/config/spec.ts'
import type { WireNetwork as WireNetworkFields } from '../../kinds/network/spec.ts'
import type { WireNodeSpec } from '../../kinds/node/spec.ts'
import type { WireSecretSpec } from '../../kinds/secret/spec.ts'
import type { Maybe, WireServiceSpec, WireTask as WireTaskSpec } from '../../kinds/service/wire.ts'

/** The parts of the Engine API's objects that the target reads (1.41 to 1.50). */

interface Versioned {
  readonly ID: string
  readonly Version: { readonly Index: number }
}

export type UpdateState =
  | 'updating'
  | 'paused'
  | 'completed'
  | 'rollback_started'
  | 'rollback_paused'
  | 'rollback_completed'

export interface WireService extends Versioned {
  readonly Spec: WireServiceSpec
  readonly PreviousSpec?: Maybe<WireServiceSpec>
  readonly Endpoint?: Maybe<{ readonly Ports?: Maybe<readonly WireEndpointPort[]> }>
  readonly UpdateStatus?: Maybe<{
    readonly State?: UpdateState
    readonly StartedAt?: string
    readonly Message?: string
  }>
  readonly UpdatedAt?: string
  readonly ServiceStatus?: Maybe<{
    readonly RunningTasks?: number
    readonly DesiredTasks?: number
    readonly CompletedTasks?: number
  }>
  readonly JobStatus?: Maybe<{ readonly JobIteration?: { readonly Index: number } }>
}

interface WireEndpointPort {
  readonly Protocol?: string
  readonly TargetPort?: number
  readonly PublishedPort?: number
  readonly PublishMode?: string
}

export interface WireTask {
  readonly ID: string
  readonly CreatedAt?: string
  readonly ServiceID?: string
  readonly NodeID?: string
  /** 0 or absent for global services. */
  readonly Slot?: number
  readonly Spec?: Maybe<WireTaskSpec>
  readonly DesiredState?: string
  readonly JobIteration?: Maybe<{ readonly Index: number }>
  readonly Status?: {
    readonly Timestamp?: string
    readonly State?: string
    readonly Message?: string
    readonly Err?: string
    readonly ContainerStatus?: Maybe<{ readonly ContainerID?: string; readonly ExitCode?: number }>
  }
}

export interface WireNode extends Versioned {
  readonly Spec: WireNodeSpec
  readonly Description?: {
    readonly Hostname?: string
    readonly Platform?: { readonly Architecture?: string; readonly OS?: string }
    readonly Resources?: {
      readonly NanoCPUs?: number
      readonly MemoryBytes?: number
      readonly GenericResources?: Maybe<
        readonly {
          readonly DiscreteResourceSpec?: Maybe<{ readonly Kind?: string; readonly Value?: number }>
          readonly NamedResourceSpec?: Maybe<{ readonly Kind?: string; readonly Value?: string }>
        }[]
      >
    }
    readonly Engine?: { readonly Labels?: Maybe<Record<string, string>> }
  }
  readonly Status?: { readonly State?: string; readonly Message?: string; readonly Addr?: string }
}

export interface WireNetwork extends WireNetworkFields {
  readonly Id: string
  readonly Peers?: Maybe<readonly unknown[]>
  readonly Containers?: Maybe<object>
}

export interface WireConfig extends Versioned {
  readonly Spec: WireConfigSpec
  readonly CreatedAt?: string
}

export interface WireSecret extends Versioned {
  readonly Spec: WireSecretSpec
}
