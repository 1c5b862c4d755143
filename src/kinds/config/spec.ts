import type { Opaque } from '../../model/resource.ts'

/** One generation of a Swarm config: immutable but for its labels. */
export interface ConfigSpec {
  /** Live name: `<name>_<12 hex>`. */
  readonly name: string
  readonly content: ConfigContent
  readonly labels: Readonly<Record<string, string>>
  /** The engine expands Go templates in it. */
  readonly template: boolean
}

/** A config can be read by whoever reads the Swarm, so plans may show it; what comes from the settings is not shown. */
export type ConfigContent = { readonly base64: string } | Opaque

export interface ConfigLive {
  readonly name: string
  readonly base64: string
  readonly labels: Readonly<Record<string, string>>
  readonly template: boolean
  /** Label keys that we wrote; others are not ours and stay. */
  readonly owns: readonly string[]
}

export interface WireConfigSpec {
  Name?: string
  Labels?: Record<string, string> | null
  /** Base64. */
  Data?: string | null
  Templating?: { Name?: string; Options?: Record<string, string> | null } | null
}
