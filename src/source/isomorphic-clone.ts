import fs from 'node:fs'
import git, { type HttpClient } from 'isomorphic-git'
import type { CallOptions } from '../model/target.ts'
import { type Clone, type FetchOptions, hasShallowCommits } from './clone.ts'
import type { SourceLimits, SourceTimeouts } from './git-options.ts'
import { listHttpRefs } from './list-refs.ts'
import { packSizes } from './pack-sizes.ts'
import { parseRawTree } from './raw-tree.ts'
import { tooManyFiles } from './source-error.ts'
import type { TreeEntry } from './tree-entry.ts'
import { within } from './within.ts'

export interface IsomorphicCloneOptions {
  readonly gitDirectory: string
  readonly url: string
  readonly limits: SourceLimits
  readonly timeouts: SourceTimeouts
  http(signal: AbortSignal): HttpClient
}

/** isomorphic-git wants the name of a remote; its refs are not looked at. */
const REMOTE = 'origin'
const WHOLE_HISTORY = 2_147_483_647
const TREE = '40000'
const GITLINK = '160000'

/** A clone without the git program. It holds whole packs in memory, so it suits repositories of moderate size. */
export function createIsomorphicClone(options: IsomorphicCloneOptions): Clone {
  const { gitDirectory, timeouts } = options
  const repository: Repository = { fs, gitdir: gitDirectory, cache: {} }
  const local = <T>(doing: string, { signal }: CallOptions, work: (signal: AbortSignal) => Promise<T>) =>
    within({ doing, signal, timeoutMs: timeouts.localMs }, work)

  return {
    fetch: async (fetched) => {
      await fetchRefs(options, repository, fetched)
      // Packs that are read stay in here.
      repository.cache = {}
    },
    ref: (name) => undefinedIfMissing(git.resolveRef({ ...repository, ref: name })),
    commit: async (oid) => {
      const full = oid.length === 40 ? oid : await undefinedIfMissing(git.expandOid({ ...repository, oid }))
      const read =
        full === undefined ? undefined : await undefinedIfMissing(git.readCommit({ ...repository, oid: full }))
      return read?.oid
    },
    at: (commit, path, call) => local('finding a path', call, () => findPath(repository, commit, path)),
    list: (tree, call) => local('listing a tree', call, (signal) => listTree(repository, tree, { ...options, signal })),
    blob: async (oid) => Buffer.from((await git.readBlob({ ...repository, oid })).blob),
    isAncestor: async (ancestor, commit, call) =>
      ancestor === commit ||
      (await local('reading the history', call, () => git.isDescendent({ ...repository, oid: commit, ancestor }))),
    isCutOff: () => hasShallowCommits(gitDirectory),
    close: async () => {
      repository.cache = {}
    },
  }
}

interface Repository {
  readonly fs: typeof fs
  readonly gitdir: string
  cache: object
}

async function fetchRefs(options: IsomorphicCloneOptions, repository: Repository, asked: FetchOptions): Promise<void> {
  const { url, timeouts } = options
  await within({ doing: 'fetching', signal: asked.signal, timeoutMs: timeouts.fetchMs }, async (signal) => {
    const http = options.http(signal)
    const depth = { tip: 1, new: null, all: WHOLE_HISTORY }[asked.history]
    const common = { ...repository, http, url, remote: REMOTE, ...(depth === null ? {} : { depth }) }
    if (asked.refs === 'all') return void (await git.fetch({ ...common, tags: true }))
    for (const [ref, oid] of await listHttpRefs(http, url, asked.refs)) {
      // By id, and our own ref last: by name, a fetch that is killed leaves a ref behind whose objects never came.
      await git.fetch({ ...common, ref, remoteRef: oid, singleBranch: true })
      await git.writeRef({ ...repository, ref, value: oid, force: true })
    }
  })
}

async function undefinedIfMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (error instanceof git.Errors.NotFoundError || error instanceof git.Errors.ObjectTypeError) return undefined
    throw error
  }
}

async function readTree(repository: Repository, oid: string) {
  const { object } = await git.readObject({ ...repository, oid, format: 'content' })
  return parseRawTree(Buffer.from(object as Uint8Array))
}

const typeOf = (mode: string) => (mode === TREE ? 'tree' : mode === GITLINK ? 'commit' : 'blob')

async function findPath(repository: Repository, commit: string, path: string) {
  let found = { oid: (await git.readCommit({ ...repository, oid: commit })).commit.tree, type: 'tree' }
  for (const name of path === '' ? [] : path.split('/')) {
    const entry =
      found.type === 'tree' ? (await readTree(repository, found.oid)).find((one) => one.name === name) : undefined
    if (entry === undefined) return undefined
    found = { oid: entry.oid, type: typeOf(entry.mode) }
  }
  return found
}

interface Listing extends CallOptions {
  readonly gitDirectory: string
  readonly limits: SourceLimits
}

async function listTree(repository: Repository, tree: string, listing: Listing): Promise<readonly TreeEntry[]> {
  const { limits, signal } = listing
  const found: Omit<TreeEntry, 'size'>[] = []
  let pathBytes = 0
  const walk = async (oid: string, prefix: string): Promise<void> => {
    signal.throwIfAborted()
    for (const entry of await readTree(repository, oid)) {
      const path = `${prefix}${entry.name}`
      found.push({ path, mode: entry.mode, oid: entry.oid })
      pathBytes += path.length
      if (found.length > 2 * limits.files || pathBytes > limits.pathBytes) throw tooManyFiles(limits)
      if (entry.mode === TREE) await walk(entry.oid, `${path}/`)
    }
  }
  await walk(tree, '')
  const sizes = await packSizes(
    listing.gitDirectory,
    found.filter(({ mode }) => typeOf(mode) === 'blob').map(({ oid }) => oid),
  )
  return found.map((entry) => ({ ...entry, size: sizes.get(entry.oid) ?? 0 }))
}

/** Makes the bare repository that a clone begins with. */
export async function initIsomorphic(gitDirectory: string): Promise<void> {
  const repository = { fs, gitdir: gitDirectory }
  await git.init({ ...repository, bare: true, defaultBranch: 'none' })
  await git.setConfig({
    ...repository,
    path: `remote.${REMOTE}.fetch`,
    value: `+refs/heads/*:refs/remotes/${REMOTE}/*`,
  })
}
