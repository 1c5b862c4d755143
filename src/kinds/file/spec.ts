import type { Opaque } from '../../model/resource.ts'
import type { LiveEntry, PlacedSpec, WireStat } from '../ownership.ts'

export interface FileSpec extends PlacedSpec {
  /** Absent: what is in it is not ours (`keeper: {ignore: [{field: /content}]}`), once it is there. */
  readonly content?: FileContent
}

export type FileContent =
  /** The whole file. */
  | { readonly base64: string; readonly sha256: string }
  /** Part of a JSON file: these keys are ours; null means that the key is not there. */
  | { readonly merge: JsonObject }
  /** Never shown: known by its MAC. */
  | Opaque

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** What stands at the path; reported also where it is no file. */
export interface FileLive extends LiveEntry {
  /** Of its bytes, in hex. Absent: it is no file, or a secret one, whose plain digest leaves the host never (SEC-9). */
  readonly sha256?: string
  /** Its bytes, where they are asked for: to show a difference, and to merge into. Never of a secret. */
  readonly base64?: string
  /** The MAC that the host's own record holds for exactly these bytes. Absent: they are not what was written last. */
  readonly mac?: string
  /** JSON pointers of the keys that we wrote, by the host's own record: those no longer declared are taken away. */
  readonly owns?: readonly string[]
}

/** One file, as the facts script of a host reports it. */
export interface WireFile {
  readonly stat: WireStat
  readonly sha256?: string
  readonly base64?: string
  /** What the host's record says of the last write. */
  readonly record?: { readonly sha256?: string; readonly mac?: string; readonly owns?: readonly string[] }
}
