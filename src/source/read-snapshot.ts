import { createHash } from 'node:crypto'
import { ReconcileError } from '../model/error.ts'
import type { Revision, Snapshot } from '../model/source.ts'
import type { Clone } from './clone.ts'
import type { SourceLimits } from './git-options.ts'
import type { History } from './history.ts'
import type { KeptClone } from './kept-clone.ts'
import { isPointer, mayBePointer, type SortedTree, sortTree, withoutPointers } from './snapshot.ts'

export interface SnapshotReading {
  readonly revision: Revision
  readonly kept: KeptClone
  readonly history: History
  readonly limits: SourceLimits
  readonly verdicts: PointerVerdicts
  readonly signal: AbortSignal
  /** Ends with the source: blobs are read later than the call that made the snapshot. */
  readonly closing: AbortSignal
}

export async function readSnapshot(reading: SnapshotReading): Promise<Snapshot> {
  const { revision, kept, history, limits, signal, closing } = reading
  const sorted = await kept.use({
    signal,
    run: async (open) => {
      await history.ensure(open, revision.commit, { signal })
      const tree = sortTree(await open.clone.list(revision.tree, { signal }), limits)
      return withoutPointers(tree, await findPointers(open.clone, tree, reading.verdicts))
    },
  })
  const readable = new Set([...sorted.files.values()].map(({ oid }) => oid))
  const blob = (oid: string) =>
    kept.use({
      signal: closing,
      prepare: async (open) => void (await history.ensure(open, revision.commit, { signal: closing })),
      run: ({ clone }) => readVerified(clone, oid),
    })
  return {
    revision,
    ...sorted,
    blob: async (oid) => (readable.has(oid) ? blob(oid) : Promise.reject(notOfSnapshot(oid, revision))),
  }
}

/** Which blobs are LFS pointers, by id: each is looked at once, so that a new revision costs what changed. */
export type PointerVerdicts = Map<string, boolean>

async function findPointers(
  clone: Clone,
  { files }: SortedTree,
  verdicts: PointerVerdicts,
): Promise<ReadonlySet<string>> {
  const oids = new Set([...files.values()].filter(mayBePointer).map(({ oid }) => oid))
  for (const oid of verdicts.keys()) if (!oids.has(oid)) verdicts.delete(oid)
  const judge = async (oid: string) => void verdicts.set(oid, isPointer(await clone.blob(oid)))
  await Promise.all([...oids].filter((oid) => !verdicts.has(oid)).map(judge))
  return new Set([...oids].filter((oid) => verdicts.get(oid)))
}

/** The id is the hash of the content: a clone with a bad block cannot pass for what was reviewed. */
async function readVerified(clone: Clone, oid: string): Promise<Buffer> {
  const content = await clone.blob(oid)
  const found = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
  if (found !== oid) throw new Error(`blob ${oid} of the clone holds other content`)
  return content
}

const notOfSnapshot = (oid: string, { commit }: Revision) =>
  new ReconcileError('NotFound', {
    message: `blob ${oid} is none of the files that are read of ${commit.slice(0, 12)}`,
  })
