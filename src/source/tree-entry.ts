/** One line of a recursive listing of a git tree. */
export interface TreeEntry {
  /** Relative to the tree that was listed. */
  readonly path: string
  /** `100644`, `100755` (files), `120000` (link), `160000` (submodule) or `40000` (folder). */
  readonly mode: string
  readonly oid: string
  /** Bytes; of files only. */
  readonly size: number
}
