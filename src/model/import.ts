import type { DesiredTarget } from './desired.ts'
import type { AskOptions } from './engine.ts'

export interface ImportOptions extends AskOptions {
  /** The Swarm, as its document declares it. */
  readonly target: DesiredTarget
  /** Only this stack. */
  readonly stack?: string
  /** Only this service, by its live name. */
  readonly service?: string
}

/** A file for the config repository. */
export interface ImportFile {
  /** From the root of the configuration: `apps/shop/compose.yaml`. */
  readonly path: string
  readonly content: string
  /** What is in it, for people. */
  readonly about: string
}

/** Something that works until the day it does not. */
export interface ImportHazard {
  readonly code: HazardCode
  /** Live name of the service, or of the config. */
  readonly subject: string
  readonly message: string
  readonly todo?: string
}

export type HazardCode =
  | 'data'
  | 'secret-in-env'
  | 'secret-in-config'
  | 'docker-socket'
  | 'privileges'
  | 'public-port'
  | 'unpinned-image'
  | 'no-health-check'
  | 'outage-on-update'
  | 'not-at-rest'

export interface ImportNote {
  /** `Service/web`, `Network/front`. */
  readonly subject: string
  readonly message: string
}

/** What is live and not owned, as documents that mean exactly that: a plan over them only adopts. */
export interface ImportReport {
  readonly target: string
  readonly files: readonly ImportFile[]
  readonly counts: {
    readonly stacks: number
    readonly services: number
    readonly networks: number
    /** By reference. */
    readonly secrets: number
    readonly configs: number
  }
  /** Owned by this install already, so not written. */
  readonly owned: number
  /** What is written in another way than one would expect. */
  readonly notes: readonly ImportNote[]
  /** What cannot be adopted as it is, and why. */
  readonly leftOut: readonly ImportNote[]
  readonly hazards: readonly ImportHazard[]
  /** Folder of the configured repository on this machine, where it is one. */
  readonly folder?: string
}
