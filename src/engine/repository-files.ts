import type { RepositoryFiles } from '../desired/document.ts'
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

/** Every file of a snapshot at hand, so that the pure part can begin. */
export async function readRepositoryFiles(snapshot: Snapshot, cache: BlobCache): Promise<RepositoryFiles> {
  const contents = new Map<string, Buffer>()
  await Promise.all(
    [...new Set([...snapshot.files.values()].map((file) => file.oid))].map(async (oid) => {
      const content = cache.get(oid) ?? (await snapshot.blob(oid))
      cache.set(oid, content)
      contents.set(oid, content)
    }),
  )
  return {
    paths: [...snapshot.files.keys()],
    // `apps/a/x is not read: it is a link`: whoever reads the documents says the first half in their own place.
    refused: new Map(snapshot.refused.map(({ path, message }) => [path, message.replace(/^.*? is not read: /s, '')])),
    read: (path) => {
      const file = snapshot.files.get(path)
      const content = file && contents.get(file.oid)
      return file && content ? { oid: file.oid, content } : undefined
    },
  }
}
