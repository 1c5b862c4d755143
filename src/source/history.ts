import { ReconcileError } from '../model/error.ts'
import type { Merged, MergeOf, Revision } from '../model/source.ts'
import type { CallOptions } from '../model/target.ts'
import type { Clone, FetchOptions } from './clone.ts'
import type { KeptClone, OpenClone } from './kept-clone.ts'
import { refused } from './source-error.ts'
import { createTurns } from './turns.ts'

/** Commits of a kept clone; what is not there is fetched. */
export interface History {
  /** The revision that a ref of the remote stands at. */
  at(ref: string, oid: string, options: CallOptions): Promise<Revision>
  /** The revision of a commit id, or of the beginning of one, that a branch or tag holds. */
  find(id: string, options: CallOptions): Promise<Revision>
  /** Brings a commit into the clone, and gives its full id. Throws `NotFound`. */
  ensure(open: OpenClone, id: string, options: CallOptions): Promise<string>
  descends(commit: string, ancestor: string, options: CallOptions): Promise<boolean | undefined>
  merged(of: MergeOf, options: CallOptions): Promise<Merged>
  between(before: string, after: string, options: CallOptions): Promise<readonly string[]>
}

export interface HistoryOptions {
  readonly kept: KeptClone
  /** Full name of the tracked branch. */
  readonly tracked: string
  /** Folder of the repository whose tree is the revision's. */
  readonly path: string
}

export function createHistory({ kept, tracked, path }: HistoryOptions): History {
  const seen = new Map<string, { readonly oid: string; readonly revision: Revision }>()
  /** Looked for everywhere, in vain, since the last fetch: a pin to a lost commit must not clone at every tick. */
  const missing = new Set<string>()
  const inTurn = createTurns()
  const fetch = (clone: Clone, options: FetchOptions) => inTurn(() => clone.fetch(options))

  const findOrFetch = async (open: OpenClone, id: string, { signal }: CallOptions): Promise<string> => {
    const { clone } = open
    const found = await clone.commit(id, { signal })
    if (found !== undefined) return found
    // The tracked branch may be gone; below, everything is looked through.
    await fetch(clone, { refs: [tracked], history: open.fresh ? 'tip' : 'new', signal }).catch(unlessReported)
    const came = await clone.commit(id, { signal })
    if (came !== undefined) return came
    await fetch(clone, { refs: 'all', history: 'all', signal })
    const late = await clone.commit(id, { signal })
    if (late !== undefined) return late
    if (open.fresh) throw notThere(id)
    // Git does not fetch what it believes to have: only a fresh clone tells a missing commit from a damaged one.
    throw new Error(`commit ${id} is not in the clone`)
  }
  /** Where the ref stands; fetched only when that is new to the clone. */
  const standingAt = async (open: OpenClone, ref: string, oid: string, signal: AbortSignal) => {
    const { clone } = open
    if ((await clone.ref(ref, { signal })) === oid) {
      const commit = await clone.commit(oid, { signal })
      if (commit !== undefined) return commit
    }
    await fetch(clone, { refs: [ref], history: open.fresh ? 'tip' : 'new', signal })
    const listed = await clone.commit(oid, { signal })
    if (listed !== undefined) return listed
    // It moved once more since it was listed, to what does not hold it.
    const commit = await clone.commit((await clone.ref(ref, { signal })) ?? oid, { signal })
    if (commit !== undefined) return commit
    if (open.fresh) throw notThere(ref)
    throw new Error(`${ref} was fetched and its commit is not in the clone`)
  }

  return {
    at: async (ref, oid, { signal }) => {
      const last = seen.get(ref)
      if (last?.oid === oid) return last.revision
      const run = async (open: OpenClone) =>
        revisionOf(open.clone, await standingAt(open, ref, oid, signal), path, signal)
      const revision = await kept.use({ signal, run })
      seen.set(ref, { oid, revision })
      missing.clear()
      return revision
    },
    find: async (id, { signal }) => {
      const last = seen.get(id)
      if (last !== undefined) return last.revision
      if (missing.has(id)) throw notThere(id)
      const run = async (open: OpenClone) =>
        revisionOf(open.clone, await findOrFetch(open, id, { signal }), path, signal)
      try {
        const revision = await kept.use({ signal, run })
        if (revision.commit === id) seen.set(id, { oid: id, revision })
        return revision
      } catch (error) {
        if (error instanceof ReconcileError && error.reason === 'NotFound') missing.add(id)
        throw error
      }
    },
    ensure: findOrFetch,
    descends: async (commit, ancestor, { signal }) => {
      if (commit === ancestor) return true
      const run = async (open: OpenClone) => {
        const { clone } = open
        await findOrFetch(open, commit, { signal })
        if (await holds(clone, commit, ancestor, signal)) return true
        if (!(await clone.isCutOff())) return false
        await fetch(clone, { refs: [tracked], history: 'all', signal })
        if (await holds(clone, commit, ancestor, signal)) return true
        return (await clone.isCutOff()) ? undefined : false
      }
      return kept.use({ signal, run })
    },
    merged: async (of, { signal }) => {
      const run = async (open: OpenClone): Promise<Merged> => {
        const { clone } = open
        await findOrFetch(open, of.into, { signal })
        await bringHead(open, of, { signal, fetch })
        const merge = { into: of.into, from: of.head }
        let merged = await clone.merge(merge, { signal })
        if (merged === 'unrelated' && (await clone.isCutOff())) {
          await fetch(clone, { refs: [tracked, of.ref], history: 'all', signal })
          merged = await clone.merge(merge, { signal })
        }
        if (merged === 'unrelated') return { conflicts: [] }
        return 'tree' in merged ? { revision: { commit: of.head, tree: merged.tree } } : merged
      }
      return kept.use({ signal, run })
    },
    between: async (before, after, { signal }) => {
      const run = async (open: OpenClone) => {
        await findOrFetch(open, after, { signal })
        await findOrFetch(open, before, { signal })
        const found = await open.clone.firstParents({ from: after, before, limit: MOST_BETWEEN + 1 }, { signal })
        return found.slice(1)
      }
      return kept.use({ signal, run })
    },
  }
}

const MOST_BETWEEN = 100

/** Brings a head that is of no branch of ours into the clone. */
async function bringHead(
  { clone, fresh }: OpenClone,
  { head, ref }: MergeOf,
  { signal, fetch }: CallOptions & { readonly fetch: (clone: Clone, options: FetchOptions) => Promise<void> },
): Promise<void> {
  if ((await clone.commit(head, { signal })) !== undefined) return
  await fetch(clone, { refs: [ref], history: 'new', signal })
  if ((await clone.commit(head, { signal })) !== undefined) return
  // It was pushed over since.
  if (fresh || (await clone.ref(ref, { signal })) !== undefined) throw notThere(head)
  throw new Error(`commit ${head} is not in the clone`)
}

function unlessReported(error: unknown): void {
  if (error instanceof ReconcileError) throw error
}

async function holds(clone: Clone, commit: string, ancestor: string, signal: AbortSignal): Promise<boolean> {
  const known = await clone.commit(ancestor, { signal })
  return known !== undefined && clone.isAncestor(ancestor, commit, { signal })
}

async function revisionOf(clone: Clone, commit: string, path: string, signal: AbortSignal): Promise<Revision> {
  const found = await clone.at(commit, path, { signal })
  if (found?.type === 'tree') return { commit, tree: found.oid }
  const what = found === undefined ? 'does not exist' : 'is no folder'
  throw refused(
    `the folder '${path}' of the repository ${what} at ${commit.slice(0, 12)}`,
    'check the path in the settings of the repository',
  )
}

const notThere = (id: string) =>
  new ReconcileError('NotFound', {
    message: `the repository has no commit '${id}'`,
    todo: 'name a branch, a tag, or a commit that one of them holds',
  })
