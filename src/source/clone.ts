import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CallOptions } from '../model/target.ts'
import type { TreeEntry } from './tree-entry.ts'

export interface FetchOptions extends CallOptions {
  /** Full names of refs, or every branch and tag. */
  readonly refs: readonly string[] | 'all'
  /** `tip`: without history; `new`: what came since the last fetch; `all`: the whole history. */
  readonly history: 'tip' | 'new' | 'all'
}

/**
 * A bare clone on disk, read by object id. Two implementations with one conformance suite: the git program, and
 * isomorphic-git. What they throw, apart from a ReconcileError, means that the clone is damaged.
 */
export interface Clone {
  fetch(options: FetchOptions): Promise<void>
  /** Object id that a ref stood at when it was fetched. */
  ref(name: string, options: CallOptions): Promise<string | undefined>
  /** Id of the commit that a commit or annotated tag means, or that a beginning of an id names alone. */
  commit(oid: string, options: CallOptions): Promise<string | undefined>
  /** What stands at a path of a commit. */
  at(
    commit: string,
    path: string,
    options: CallOptions,
  ): Promise<{ readonly oid: string; readonly type: string } | undefined>
  /** Everything below a tree. Throws `SourceRefused` where it holds more than the limits allow. */
  list(tree: string, options: CallOptions): Promise<readonly TreeEntry[]>
  blob(oid: string): Promise<Buffer>
  /** In the history at hand, which may be cut off. Both commits are present. */
  isAncestor(ancestor: string, commit: string, options: CallOptions): Promise<boolean>
  /** What comes of merging one commit into another, written as a tree of this clone; nothing else changes. */
  merge(of: { readonly into: string; readonly from: string }, options: CallOptions): Promise<TreeMerge>
  /** Up to `limit` commits, newest first, from a commit back along first parents, until `before` or the first one. */
  firstParents(
    of: { readonly from: string; readonly before: string; readonly limit: number },
    options: CallOptions,
  ): Promise<readonly string[]>
  /** The history at hand does not reach the first commit. */
  isCutOff(): Promise<boolean>
  close(): Promise<void>
}

/** `unrelated`: no common ancestor in the history at hand. */
export type TreeMerge = { readonly tree: string } | { readonly conflicts: readonly string[] } | 'unrelated'

/** Both implementations keep the commits whose parents were not fetched in this file (gitrepository-layout(5)). */
export async function hasShallowCommits(gitDirectory: string): Promise<boolean> {
  const { size } = await stat(join(gitDirectory, 'shallow')).catch(() => ({ size: 0 }))
  return size > 0
}
