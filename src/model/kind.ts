import type { FieldDiff } from './live.ts'
import type { Opaque } from './resource.ts'

/** `target/Kind/name` as people write it, where `name` is the document's name, before generations. */
export type Address = string & { readonly __brand: 'Address' }

/** What a normaliser may ask of the world of documents: pure look-ups, nothing is read from outside. */
export interface NormalizeContext {
  readonly app: string
  readonly target: string
  /** The document's own address. */
  readonly address: Address
  /** Content of a file of the repository, relative to the document. Throws `NormalizeProblem` with the pointer. */
  file(path: string, pointer: string): Buffer
  /** Secret content by its written source (`file:` path or `settings:NAME`); the MAC is over target, kind, name, content. */
  opaque(source: { readonly file?: string; readonly settings?: string }, pointer: string): Opaque
  /** HMAC under the operator's key of these parts: hex, 64 characters. */
  mac(parts: readonly (string | Uint8Array)[]): string
  /** What another document of the same target is called live, or undefined if none declares it. */
  refer(kind: string, name: string): Referred | undefined
  warn(pointer: string, message: string): void
  /** Takes note of a mistake, so that the next one is found, too: the document is refused at its end. Absent: it throws. */
  mistake?(problem: NormalizeProblem): void
}

export interface Referred {
  readonly liveName: string
  readonly external: boolean
}

export interface Normalized<S> {
  /** Live name of the resource; undefined for external things, which are not ours. */
  readonly name: string | undefined
  readonly spec: S
  /** Declared things that must be there first. */
  readonly uses: readonly { readonly kind: string; readonly name: string }[]
}

/** A mistake in a document that the schema cannot express. */
export class NormalizeProblem extends Error {
  readonly pointer: string
  constructor(pointer: string, message: string) {
    super(message)
    this.name = 'NormalizeProblem'
    this.pointer = pointer
  }
}

/** What a tag was resolved to when it was planned. */
export interface ImagePin {
  /** `sha256:<64 hex>` */
  readonly digest: string
  readonly platforms: readonly { readonly architecture: string; readonly os: string }[]
}

/** Where the spec of a kind carries an image (rule 5). */
export interface ImagePart<S, L> {
  /** The written reference, normalised; undefined where nothing must be looked up (`resolve: never`, or already a digest). */
  written(spec: S): string | undefined
  pinned(spec: S): ImagePin | undefined
  pin(spec: S, pin: ImagePin): S
  /** What live runs, where it carries a digest for the same written reference. */
  ofLive(spec: S, live: L): ImagePin | undefined
}

/** What adopting a secret or config under its plain name needs to know of it (rule 22). */
interface GenerationPart<S, L> {
  /** The same thing under another live name. */
  renamed(spec: S, name: string): S
  /** The same content, as far as specs tell, whatever it is called. */
  sameContent(spec: S, recorded: unknown): boolean
  /** Is this live thing what the spec says, as far as it can be seen? */
  mayBe(spec: S, live: L): boolean
}

/** Where a resource keeps data that outlives it. */
export interface DataPlace {
  /** What people call it: the service, without its stack. */
  readonly who: string
  readonly stack?: string
  /** Which program keeps what: another resource with the same role is likely meant to have the same data. */
  readonly role: string
  /** `platform_data`, `the host path /srv/data` */
  readonly place: string
  /** It is on the machine where the resource runs, and nowhere else. */
  readonly local: boolean
}

/** What a thing on a host stands on there: paths, with the folders above them, and names of users and groups. */
export interface Footing {
  readonly paths: readonly string[]
  readonly accounts: readonly string[]
}

/** The pure half of a kind. `written` is what people type, `S` has every default filled, `L` is the same shape from live. */
export interface Kind<W = unknown, S = unknown, L = unknown> {
  readonly name: string
  normalize(written: W, context: NormalizeContext): Normalized<S>
  /** Fields that differ, by name; never whole objects. Empty means: nothing to send. */
  compare(spec: S, live: L): readonly FieldDiff[]
  /** What live is once this was applied: for a plan that asks no target. Absent: the spec itself has that shape. */
  asApplied?(spec: S): L
  /** The same thing at rest, or undefined where it cannot rest. */
  suspend(spec: S): S | undefined
  /** Applied in the order of these numbers where nothing else orders them. */
  readonly rank: number
  readonly image?: ImagePart<S, L>
  /** Kinds with the same word here share their live names: on a Swarm a job is a service, and there is one of each name. */
  readonly names?: string
  /**
   * Cannot be stamped once it exists: the target's own record says that it is ours (rule 8). A function where it depends
   * on the spec.
   */
  readonly stampless?: boolean | ((spec: S) => boolean)
  /**
   * Shows, on another target, what a resource of ours that it comes after brings there: rules that a file has. It is owned
   * by whoever owns that one, carries no stamp, and stands in no target's record.
   */
  readonly reflects?: boolean
  /** Never made or removed by us (a node): found, changed where declared, and let go of by a prune. */
  readonly found?: boolean
  /** Nothing runs: healthy as soon as it is present. */
  readonly inert?: boolean
  /**
   * Its target applies those of a stage one after the other by their ranks, and nothing after what failed: what comes after
   * it there needs no stage of its own.
   */
  readonly inOrder?: boolean
  /** Left where it is when its document is gone, unless that says `prune: allow`: what is in it, or whose it is, is not ours. */
  readonly keptByDefault?: boolean
  /** Runs to its end; never run backwards, never run again by drift. */
  readonly job?: boolean
  /** Runs to its end although its kind is no job: a service of a stack in a mode of jobs. */
  readonly once?: (spec: S) => boolean
  /** A generation: immutable, kept for a while after its successor. Groups generations of one document. */
  readonly generationOf?: (liveName: string) => string
  readonly generation?: GenerationPart<S, L>
  /** The same spec with other live names of the secrets and configs that it refers to. */
  readonly referring?: (spec: S, nameOf: (kind: string, name: string) => string) => S
  /** A writable volume that an older program might not be able to read any more (rule 12). */
  readonly hasData?: (spec: S) => boolean
  /** Where it keeps data, and what it cannot be without, by kind and live name: of a spec as of what is live (rule 12). */
  readonly dataOf?: (spec: S) => readonly DataPlace[]
  readonly needs?: (spec: S) => readonly { readonly kind: string; readonly name: string }[]
  /** Where those are declared in the same app, it comes after them. */
  readonly footing?: (spec: S) => Footing
  /** Host and cluster ports that only one can hold: `ingress/tcp/8080`. */
  readonly ports?: (spec: S) => readonly string[]
  /** What one document of a target alone can declare, beside its name, as people say it: `the group web` of supervisord. */
  readonly holds?: (spec: S) => readonly string[]
  /** The same spec with a trigger set, in place of the one of that name: what a person's restart or job run is (rule 4). */
  readonly trigger?: (spec: S, name: string, token: string) => S
  /** Past it, no way back (jobs). */
  readonly irreversible?: (spec: S) => boolean
}

/** Runs to its end: never run backwards, and never again because somebody removed what is left of it. */
export const runsOnce = (kind: Kind | undefined, spec: unknown): boolean =>
  kind?.job === true || kind?.once?.(spec) === true

/** Is the target's own record the word on whose this is? */
export function isStampless(kind: Kind | undefined, spec: unknown): boolean {
  const { stampless = false } = kind ?? {}
  return typeof stampless === 'function' ? stampless(spec) : stampless
}

export type Kinds = ReadonlyMap<string, Kind>
