import { createHash } from 'node:crypto'
import { ReconcileError } from '../model/error.ts'
import type { Revision, Snapshot, SnapshotFile, Source } from '../model/source.ts'
import { firstParentsOf, historyOf, mergeFiles } from './memory-merge.ts'
import { unreachable } from './source-error.ts'

/** Path -> content, of a whole commit. */
export type MemoryFiles = Readonly<Record<string, string | Buffer>>

interface MemoryCommit {
  /** Commits that it follows; default the tip of the tracked branch. */
  readonly parents?: readonly string[]
  /** Branch that moves to it; default the tracked one. A name that does not exist yet begins at the tracked branch. */
  readonly branch?: string
  /** What the snapshot reports as not read. */
  readonly refused?: Snapshot['refused']
}

/** A source without git: file maps, a history, outages on demand. */
export interface MemorySource extends Source {
  /** Adds a commit and gives its id. */
  commit(files: MemoryFiles, options?: MemoryCommit): string
  /** Moves the tracked branch, as a forced push does. */
  reset(commit: string): void
  tag(name: string, commit: string): void
  /** The next calls of `resolve`, `read` and `descends` fail: by default as a source that cannot be reached. */
  failNext(times?: number, error?: Error): void
  /** Calls of `resolve` so far. */
  readonly resolves: number
}

interface Commit {
  readonly revision: Revision
  readonly parents: readonly string[]
  readonly blobs: ReadonlyMap<string, Buffer>
  readonly files: ReadonlyMap<string, SnapshotFile>
  readonly refused: Snapshot['refused']
}

const TRACKED = 'main'

export function createMemorySource(first?: MemoryFiles): MemorySource {
  const commits = new Map<string, Commit>()
  const refs = new Map<string, string>()
  /** Of merges that were looked at. */
  const trees = new Map<string, Commit>()
  let outages: readonly Error[] = []
  let resolves = 0

  const fail = (signal: AbortSignal) => {
    if (signal.aborted) throw new ReconcileError('Aborted', { message: 'cancelled', cause: signal.reason })
    const [outage, ...rest] = outages
    outages = rest
    if (outage) throw outage
  }
  const add = (files: MemoryFiles, options: MemoryCommit = {}) => {
    const branch = options.branch ?? TRACKED
    const tip = refs.get(branch) ?? refs.get(TRACKED)
    const commit = makeCommit(files, options, { tip, count: commits.size })
    commits.set(commit.revision.commit, commit)
    refs.set(branch, commit.revision.commit)
    return commit.revision.commit
  }
  const named = (name: string) => {
    const matching = [...commits.keys()].filter((id) => name.length >= 7 && id.startsWith(name))
    const found = commits.get(refs.get(name) ?? (matching.length === 1 ? (matching[0] ?? '') : ''))
    if (found) return found
    throw missing(name)
  }
  if (first) add(first)

  return {
    commit: add,
    reset: (commit) => void refs.set(TRACKED, named(commit).revision.commit),
    tag: (name, commit) => void refs.set(name, named(commit).revision.commit),
    failNext: (times = 1, error = unreachable('the source is down')) => {
      outages = [...outages, ...Array<Error>(times).fill(error)]
    },
    get resolves() {
      return resolves
    },
    resolve: async ({ signal, revision }) => {
      resolves++
      fail(signal)
      return named(revision ?? TRACKED).revision
    },
    read: async (revision, { signal }) => {
      fail(signal)
      const made = trees.get(revision.tree)
      return snapshotOf(made?.revision.commit === revision.commit ? made : named(revision.commit))
    },
    descends: async (commit, ancestor, { signal }) => {
      fail(signal)
      return commits.has(commit) ? historyOf(commits, commit).has(ancestor) : undefined
    },
    merged: async ({ into, head, ref }, { signal }) => {
      fail(signal)
      if (!commits.has(head) || (refs.has(ref) && refs.get(ref) !== head)) throw missing(head)
      const merged = mergeFiles(commits, { into, head })
      if ('conflicts' in merged) return merged
      const made = makeCommit(merged.files, { parents: [into, head] }, { tip: undefined, count: 0 })
      const revision = { commit: head, tree: made.revision.tree }
      trees.set(revision.tree, { ...made, revision })
      return { revision }
    },
    between: async (before, after, { signal }) => {
      fail(signal)
      return commits.has(before) ? firstParentsOf(commits, { before, after }) : []
    },
    dispose: async () => undefined,
  }
}

const missing = (name: string): ReconcileError =>
  new ReconcileError('NotFound', { message: `the repository has no commit, branch or tag '${name}'` })

const sha1 = (text: string | Buffer) => createHash('sha1').update(text).digest('hex')
/** As git names a blob. */
const blobId = (content: Buffer) => sha1(Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]))

function makeCommit(
  written: MemoryFiles,
  options: MemoryCommit,
  { tip, count }: { readonly tip: string | undefined; readonly count: number },
): Commit {
  const contents = Object.entries(written).map(([path, content]) => [path, Buffer.from(content)] as const)
  const files = new Map(
    contents.map(([path, content]) => [path, { path, oid: blobId(content), size: content.length }] as const),
  )
  const parents = options.parents ?? (tip === undefined ? [] : [tip])
  const tree = sha1(
    [...files.values()]
      .map(({ path, oid }) => `${path} ${oid}\n`)
      .sort()
      .join(''),
  )
  return {
    revision: { commit: sha1(`${tree} ${parents.join(' ')} ${count}`), tree },
    parents,
    blobs: new Map(contents.map(([, content]) => [blobId(content), content])),
    files,
    refused: options.refused ?? [],
  }
}

function snapshotOf({ revision, files, refused, blobs }: Commit): Snapshot {
  const missing = (oid: string) => new ReconcileError('NotFound', { message: `no blob ${oid}` })
  return {
    revision,
    files,
    refused,
    blob: async (oid) => Buffer.from(blobs.get(oid) ?? (await Promise.reject(missing(oid)))),
  }
}
