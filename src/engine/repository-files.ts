import type { RepositoryFiles } from '../desired/document.ts'
import { LIMITS } from '../desired/limits.ts'
import { whereFrom } from '../desired/places.ts'
import type { Snapshot } from '../model/source.ts'

/** Contents of blobs by object id, kept from tick to tick: only what a revision changed is read (section 7). */
export interface BlobCache {
  get(oid: string): Buffer | undefined
  set(oid: string, content: Buffer): void
}

export function createBlobCache(maxBytes: number): BlobCache {
  const kept = new Map<string, Buffer>()
  let bytes = 0
  return {
    get: (oid) => kept.get(oid),
    set: (oid, content) => {
      if (kept.has(oid)) return
      kept.set(oid, content)
      bytes += content.length
      for (const [oldest, old] of kept) {
        if (bytes <= maxBytes) break
        kept.delete(oldest)
        bytes -= old.length
      }
    },
  }
}

/** Files of a snapshot for the pure part, and what reads those that turn out to be needed. */
interface RepositoryReader {
  /** Runs a pure step again and again, and between two runs reads what it asked for, until all of that is at hand. */
  complete<T>(step: (files: RepositoryFiles) => T): Promise<T>
  /** What has been asked for so far. */
  readonly asked: ReadonlySet<string>
}

/**
 * The longest way to a file: the bases of the Fleet, its variables, the bases of a document whose `extends` holds a
 * variable, and what the document names. Beyond, who still asks is told that the file was not read.
 */
const MOST_ROUNDS = 2 * LIMITS.extends + 8

/**
 * Read beforehand is what may be a document, by its path, and what is `expected` to be named by one; everything else on
 * demand: what nobody refers to costs nothing (architecture, section 7).
 */
export async function openRepository(
  snapshot: Snapshot,
  cache: BlobCache,
  expected: Iterable<string> = [],
): Promise<RepositoryReader> {
  const contents = createContents(snapshot, cache)
  const asked = new Set<string>()
  const missing = new Set<string>()
  const files = filesOf(snapshot, (path) => {
    const file = snapshot.files.get(path)
    if (!file) return undefined
    asked.add(path)
    const content = contents.of(file.oid)
    if (content) return { oid: file.oid, content }
    missing.add(path)
    return 'later'
  })
  const complete = async <T>(step: (files: RepositoryFiles) => T): Promise<T> => {
    for (let round = 1; ; round++) {
      missing.clear()
      const result = step(files)
      if (missing.size === 0 || round === MOST_ROUNDS) return result
      await contents.fetch(missing)
    }
  }
  const documents = files.paths.filter((path) => whereFrom(path, snapshot.root) !== undefined)
  await contents.fetch([...documents, ...expected])
  return { complete, asked }
}

function filesOf({ files, refused, root }: Snapshot, read: RepositoryFiles['read']): RepositoryFiles {
  return {
    paths: [...files.keys()],
    ...(root === undefined ? {} : { root }),
    // `apps/a/x is not read: it is a link`: whoever reads the documents says the first half in their own place.
    refused: new Map(refused.map(({ path, message }) => [path, message.replace(/^.*? is not read: /s, '')])),
    read,
  }
}

/** Held until the end of the reading, whatever the cache drops meanwhile: every round finds what the last one found. */
function createContents(snapshot: Snapshot, cache: BlobCache) {
  const held = new Map<string, Buffer>()
  const of = (oid: string): Buffer | undefined => {
    const content = held.get(oid) ?? cache.get(oid)
    if (content) held.set(oid, content)
    return content
  }
  const readBlob = async (oid: string): Promise<void> => {
    const content = await snapshot.blob(oid)
    cache.set(oid, content)
    held.set(oid, content)
  }
  const fetch = async (paths: Iterable<string>): Promise<void> => {
    const oids = new Set([...paths].flatMap((path) => snapshot.files.get(path)?.oid ?? []))
    await Promise.all([...oids].filter((oid) => !of(oid)).map(readBlob))
  }
  return { of, fetch }
}
