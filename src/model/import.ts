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

export interface HostImportOptions extends AskOptions {
  /** The host, as its document declares it. */
  readonly target: DesiredTarget
  /** All that are declared: it may be reached through another. */
  readonly targets: readonly DesiredTarget[]
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
  /** Live name of the service, the config, the unit or the program; path of a file. */
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
  | 'secret-in-unit'
  | 'secret-for-all'
  | 'runs-as-root'
  | 'no-restart'
  | 'not-reloaded'
  | 'hand-made'

export interface ImportNote {
  /** `Service/web`, `Network/front`. */
  readonly subject: string
  readonly message: string
}

export interface SwarmCounts {
  readonly stacks: number
  readonly services: number
  readonly networks: number
  /** By reference. */
  readonly secrets: number
  readonly configs: number
}

export interface HostCounts {
  readonly units: number
  readonly programs: number
  readonly files: number
  readonly users: number
}

export type HostImportReport = ImportReport<HostCounts>

/** What is live and not owned, as documents that mean exactly that: a plan over them only adopts. */
export interface ImportReport<Counts extends SwarmCounts | HostCounts = SwarmCounts> {
  readonly target: string
  readonly files: readonly ImportFile[]
  readonly counts: Counts
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
