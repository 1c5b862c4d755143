import type { Opaque } from '../../model/resource.ts'

/** One generation of a Swarm secret: immutable but for its labels. */
export interface SecretSpec {
  /** Live name: `<name>_<12 hex>`. */
  readonly name: string
  /** Absent: its driver gives the content. */
  readonly content?: Opaque
  readonly labels: Readonly<Record<string, string>>
  readonly driver?: SecretDriver
  readonly template: boolean
}

export interface SecretDriver {
  readonly name: string
  readonly options: Readonly<Record<string, string>>
}

/** Content is never readable back: its name says it (swarm.md 13). */
export interface SecretLive {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly driver?: SecretDriver
  readonly template: boolean
  /** Label keys that we wrote; others are not ours and stay. */
  readonly owns: readonly string[]
}

export interface WireSecretSpec {
  Name?: string
  Labels?: Record<string, string> | null
  /** Base64; only on create. */
  Data?: string | null
  Driver?: { Name?: string; Options?: Record<string, string> | null } | null
  Templating?: { Name?: string; Options?: Record<string, string> | null } | null
}
