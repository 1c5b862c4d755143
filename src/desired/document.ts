import type { Position, Problem } from '../model/problem.ts'

/** One YAML document of the repository, after `vars` and `extends`, valid by its schema. */
export interface Document {
  readonly kind: string
  /** Undefined only for `Fleet`. */
  readonly name: string | undefined
  /** Plain values; `keeper` is still in it. */
  readonly value: Readonly<Record<string, unknown>>
  /** Folder under `apps/`; undefined for fleet, targets and policies. */
  readonly app: string | undefined
  readonly path: string
  /**
   * Where the value at a JSON pointer was written; through `extends`, in the file that it came from. A path in a
   * document is relative to the file that it was written in: `readWritten(files, position(pointer).path, written)`.
   */
  position(pointer: string): Position
}

export interface Documents {
  readonly documents: readonly Document[]
  readonly problems: readonly Problem[]
  /**
   * Documents with errors, which were reported, as far as they could be read; of nothing in them the type is certain. They
   * are there, so their names are taken, and who refers to them is not told that nobody declares them.
   */
  readonly unusable?: readonly Document[]
  /** Files of which nobody knows what else they declare. */
  readonly unread?: ReadonlySet<string>
  /** Apps in which something could not be read: they are not reconciled, and nothing of theirs is pruned. */
  readonly broken: ReadonlySet<string>
  /** Names of targets that are declared, but not validly, as far as names could be read: the apps on them wait. */
  readonly brokenTargets?: ReadonlySet<string>
}

/**
 * Files of a snapshot as the pure part needs them. Every path is that from the top of the repository. Where a file is not
 * at hand yet, `read` says `later`: what is made of it then is thrown away, and made again once the file was read.
 */
export interface RepositoryFiles {
  /** Undefined where the repository has no such file. */
  read(path: string): { readonly oid: string; readonly content: Buffer } | 'later' | undefined
  readonly paths: readonly string[]
  /** Folder that documents are looked for in; default the top. Files that they name may stand anywhere. */
  readonly root?: string
  /** What stands in the tree and is not read (symlinks, submodules, too large), with why. */
  readonly refused?: ReadonlyMap<string, string>
}
