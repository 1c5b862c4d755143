import type { CallOptions } from './target.ts'

export interface Revision {
  /** Commit id, 40 hex. */
  readonly commit: string
  /** Git's tree id of the configured path in it. */
  readonly tree: string
}

export interface SnapshotFile {
  readonly path: string
  readonly oid: string
  readonly size: number
}

/** Everything that a revision says: paths to blobs. Content is read by object id, outside of the pure part. */
export interface Snapshot {
  readonly revision: Revision
  readonly files: ReadonlyMap<string, SnapshotFile>
  /** Folder that documents are looked for in; default the top. Files that they name may stand anywhere in the snapshot. */
  readonly root?: string
  /** What stands in the tree and is not read (symlinks, submodules, LFS pointers, odd paths), with why. */
  readonly refused: readonly { readonly path: string; readonly message: string }[]
  /** Content of a blob. */
  blob(oid: string): Promise<Buffer>
}

export interface MergeOf {
  /** Commit ids. */
  readonly into: string
  readonly head: string
  /** Full name of a ref that the head is found by. */
  readonly ref: string
}

export type Merged = { readonly revision: Revision } | { readonly conflicts: readonly string[] }

/** Where desired state comes from. Conformance: test/conformance/source.ts. */
export interface Source {
  /** Lists refs; fetches only when the ref moved. */
  resolve(options: CallOptions & { readonly revision?: string }): Promise<Revision>
  read(revision: Revision, options: CallOptions): Promise<Snapshot>
  /** Is `ancestor` in the history of `commit`? Undefined when the history at hand does not tell. */
  descends(commit: string, ancestor: string, options: CallOptions): Promise<boolean | undefined>
  /**
   * What a merge of `head`, which `ref` of the repository (`refs/pull/7/head`) leads to, into the commit `into` would be.
   * The revision carries the head's id and the merged tree. Throws `NotFound` where `ref` does not lead there any more.
   */
  merged(of: MergeOf, options: CallOptions): Promise<Merged>
  /** Commits after `before` up to and without `after`, along first parents, newest first, at most a hundred. */
  between(before: string, after: string, options: CallOptions): Promise<readonly string[]>
  dispose(): Promise<void>
}
