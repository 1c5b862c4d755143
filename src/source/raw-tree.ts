export interface RawTreeEntry {
  readonly name: string
  readonly mode: string
  readonly oid: string
}

/**
 * The entries of a tree object as they stand there: `<mode> SP <name> NUL <20 bytes>`, many times. isomorphic-git refuses a
 * whole tree for one name with a slash or backslash in it; here one bad name concerns only itself.
 */
export function parseRawTree(tree: Buffer): readonly RawTreeEntry[] {
  const entries: RawTreeEntry[] = []
  for (let at = 0; at < tree.length; ) {
    const space = tree.indexOf(0x20, at)
    const end = tree.indexOf(0, space)
    if (space < 0 || end < 0 || end + 21 > tree.length) throw new Error('a tree object ends too early')
    const mode = canonicalMode(tree.toString('latin1', at, space))
    entries.push({ mode, name: tree.toString('utf8', space + 1, end), oid: tree.toString('hex', end + 1, end + 21) })
    at = end + 21
  }
  return entries
}

const TYPE_BITS = 0o170000

/** As git reads modes that it would not write: `040000`, `100600`; what is neither file, link nor folder is a submodule. */
function canonicalMode(written: string): string {
  const mode = Number.parseInt(written, 8)
  const type = mode & TYPE_BITS
  if (type === 0o100000) return mode & 0o100 ? '100755' : '100644'
  if (type === 0o040000) return '40000'
  return type === 0o120000 ? '120000' : '160000'
}
