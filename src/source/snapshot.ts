import type { Snapshot, SnapshotFile } from '../model/source.ts'
import type { SourceLimits } from './git-options.ts'
import { tooManyFiles } from './source-error.ts'
import type { TreeEntry } from './tree-entry.ts'
import { pathRefusal, printablePath } from './tree-path.ts'

export interface SortedTree {
  readonly files: ReadonlyMap<string, SnapshotFile>
  readonly refused: Snapshot['refused']
}

type Refusal = Snapshot['refused'][number]

/** What is read and what is not: one odd thing in a tree concerns only itself (architecture, rule 19). */
export function sortTree(entries: readonly TreeEntry[], limits: SourceLimits): SortedTree {
  const files = new Map<string, SnapshotFile>()
  const refused = new Map<string, Refusal>()
  for (const { path, mode, oid, size } of entries) {
    if (isBelow(path, refused)) continue
    const why =
      refusalOf({ path, mode, oid, size }, limits) ??
      (files.has(path) ? 'its path stands twice in the tree' : undefined)
    if (why !== undefined) {
      refused.set(path, { path: printablePath(path), message: `${printablePath(path)} is not read: ${why}` })
      files.delete(path)
    } else if (mode !== '40000') files.set(path, { path, oid, size })
  }
  if (files.size > limits.files) throw tooManyFiles(limits)
  return { files, refused: [...refused.values()] }
}

function refusalOf({ path, mode, size }: TreeEntry, limits: SourceLimits): string | undefined {
  const why = pathRefusal(path)
  if (why !== undefined || mode === '40000') return why
  if (mode === '120000') return 'it is a symbolic link; put the file itself there'
  if (mode === '160000') return 'it is a submodule; copy its files into this repository'
  if (size > limits.blobBytes) return `it has ${size} bytes, and ${limits.blobBytes} are the limit`
  return undefined
}

/** Of a folder that is refused, the folder is named and not all that is in it. */
function isBelow(path: string, refused: ReadonlyMap<string, Refusal>): boolean {
  if (refused.size === 0) return false
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (refused.has(path.slice(0, slash))) return true
  }
  return false
}

const POINTER = Buffer.from('version https://git-lfs.github.com/spec/v1')
/** A pointer holds a version, an object id and a size, and is shorter than 1024 bytes (git-lfs, spec.md). */
const POINTER_BYTES = { least: 120, most: 1023 }

export const mayBePointer = ({ size }: SnapshotFile) => size >= POINTER_BYTES.least && size <= POINTER_BYTES.most

export const isPointer = (content: Buffer) => content.subarray(0, POINTER.length).equals(POINTER)

export function withoutPointers({ files, refused }: SortedTree, pointers: ReadonlySet<string>): SortedTree {
  const kept = [...files].filter(([, file]) => !pointers.has(file.oid))
  const found = [...files.values()].filter((file) => pointers.has(file.oid))
  const named = found.map(({ path }) => ({
    path,
    message: `${path} is not read: it is a Git LFS pointer, its content is not in git; commit the file itself`,
  }))
  return { files: new Map(kept), refused: [...refused, ...named] }
}
