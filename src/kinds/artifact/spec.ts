import type { LiveEntry, PlacedSpec, WireStat } from '../ownership.ts'

export interface ArtifactSpec extends PlacedSpec {
  readonly source: ArtifactSource
  /** Of its content, in hex: what it is. Where it comes from may change, and is no change. */
  readonly sha256: string
}

export type ArtifactSource =
  | { readonly url: string }
  /** A reference as in `Opaque.secret`, `blob:<object id>`: nothing secret, but read in the same way when it is applied. */
  | { readonly blob: string }

/** What stands at the path; reported also where it is no file. */
export interface ArtifactLive extends LiveEntry {
  /** Absent: it is no file. */
  readonly sha256?: string
}

/** As the facts script of a host reports it. */
export interface WireArtifact {
  readonly stat: WireStat
  readonly sha256?: string
}
