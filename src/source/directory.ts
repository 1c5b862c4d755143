import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, ReconcileError } from '../model/error.ts'
import type { Snapshot } from '../model/source.ts'
import { DEFAULT_LIMITS, type SourceLimits } from './git-options.ts'
import { isPointer, type SortedTree, sortTree, withoutPointers } from './snapshot.ts'
import type { TreeEntry } from './tree-entry.ts'

/** What git would not hold either: its own folder, and what swarmkeeper and npm put beside a repository. */
const SKIPPED: ReadonlySet<string> = new Set(['.git', '.swarmkeeper', 'node_modules'])

/**
 * A folder of this machine as a snapshot, read now and whole: what changes later is not seen. Symbolic links are refused
 * and never followed. The commit is `directory` followed by a digest of everything in it.
 */
export async function readDirectory(
  directory: string,
  options: { readonly limits?: Partial<SourceLimits>; readonly signal?: AbortSignal } = {},
): Promise<Snapshot> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const contents = new Map<string, Buffer>()
  const entries: TreeEntry[] = []
  await walk('')
  const pointers = [...contents].filter(([, content]) => isPointer(content)).map(([oid]) => oid)
  const sorted = withoutPointers(sortTree(entries, limits), new Set(pointers))
  const tree = hash(listingOf(sorted))
  return { revision: { commit: `directory:${tree}`, tree }, ...sorted, blob }

  async function walk(folder: string): Promise<void> {
    options.signal?.throwIfAborted()
    for (const name of await namesIn(join(directory, folder), folder === '')) {
      const path = folder === '' ? name : `${folder}/${name}`
      const stat = await lstat(join(directory, path))
      if (stat.isDirectory()) await walk(path)
      else entries.push(await entryOf(path, stat))
      if (entries.length > limits.files) break
    }
  }

  async function entryOf(path: string, stat: { readonly size: number; isFile(): boolean; isSymbolicLink(): boolean }) {
    const mode = stat.isSymbolicLink() ? '120000' : stat.isFile() ? '100644' : '000000'
    if (mode !== '100644' || stat.size > limits.blobBytes) return { path, mode, oid: hash(path), size: stat.size }
    const content = await readFileWithin(join(directory, path), limits.blobBytes)
    const oid = hash(Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]))
    contents.set(oid, content)
    return { path, mode, oid, size: content.length }
  }

  async function blob(oid: string): Promise<Buffer> {
    const content = contents.get(oid)
    if (content) return Buffer.from(content)
    throw new ReconcileError('NotFound', { message: `no file of ${directory} has the content ${oid}` })
  }
}

/** What is refused is part of what was seen: with and without it are two revisions. */
function listingOf({ files, refused }: SortedTree): string {
  const lines = [
    ...[...files.values()].map(({ path, oid }) => `${oid} ${path}\n`),
    ...refused.map(({ path, message }) => `refused ${path}: ${message}\n`),
  ]
  return lines.sort().join('')
}

async function namesIn(folder: string, isTop: boolean): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => name !== '.git' && !(isTop && SKIPPED.has(name))).sort()
  } catch (error) {
    throw new ReconcileError('SourceUnreachable', {
      message: `the folder ${folder} cannot be read: ${messageOf(error)}`,
      todo: 'name a folder that holds swarmkeeper.yaml',
      cause: error,
    })
  }
}

/** A link that was put in place of the file meanwhile is not followed, and no more than the limit is read. */
async function readFileWithin(path: string, limit: number): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const length = Math.min((await file.stat()).size, limit)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

const hash = (content: string | Buffer): string => createHash('sha1').update(content).digest('hex')
