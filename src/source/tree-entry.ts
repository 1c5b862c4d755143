/** One line of a recursive listing of a git tree. */
export interface TreeEntry {
  /** Relative to the tree that was listed. */
  readonly path: string
  /** As git writes it: `100644`, `100755`, `120000`, `160000`, `40000`. */
  readonly mode: string
  readonly oid: string
  /** Bytes; of files only. */
  readonly size: number
}
