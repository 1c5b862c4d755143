import type { ServiceLive, ServiceSpec } from '../service/spec.ts'

/** A task that runs to its end when its own digest or one of its triggers changes. Live it is a job-mode service. */
export interface JobSpec {
  /** `mode` is `replicated-job` or `global-job`. */
  readonly service: ServiceSpec
  readonly when: 'before' | 'after'
  /** Address -> digest; normalisation knows the addresses, the engine fills in the digests. */
  readonly triggers: Readonly<Record<string, string>>
  readonly irreversible: boolean
}

export interface JobLive {
  readonly service: ServiceLive
  /** Run key that it last ran for, from the stamp `swarmkeeper.run-key`; undefined: it is not ours, or never ran. */
  readonly ranFor?: string
}
