import fs from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import git, { type HttpClient } from 'isomorphic-git'
import type { CallOptions } from '../model/target.ts'
import { type Clone, type FetchOptions, hasShallowCommits } from './clone.ts'
import type { SourceLimits, SourceTimeouts } from './git-options.ts'
import { firstParents, mergeTrees } from './isomorphic-merge.ts'
import { listHttpRefs } from './list-refs.ts'
import { withLooseObjects } from './loose-objects.ts'
import { createPackReader, type PackReader } from './pack-reader.ts'
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
/** isomorphic-git never joins packs; every fetch leaves one, and every reading looks through all. */
const MOST_PACKS = 100
const WHOLE_HISTORY = 2_147_483_647
const TREE = '40000'
const GITLINK = '160000'

/** A clone without the git program. It holds whole packs in memory, so it suits repositories of moderate size. */
export function createIsomorphicClone(options: IsomorphicCloneOptions): Clone {
  const { gitDirectory, timeouts } = options
  const repository: Repository = { fs, gitdir: gitDirectory, cache: {} }
  const packs = withLooseObjects(createPackReader(gitDirectory), gitDirectory)
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
    at: (commit, path, call) => local('finding a path', call, () => findPath(repository, packs, { commit, path })),
    list: (tree, call) =>
      local('listing a tree', call, (signal) => listTree(packs, tree, { limits: options.limits, signal })),
    blob: packs.read,
    isAncestor: async (ancestor, commit, call) =>
      ancestor === commit ||
      (await local('reading the history', call, () => git.isDescendent({ ...repository, oid: commit, ancestor }))),
    merge: (of, call) => local('merging', call, () => mergeTrees(repository, of)),
    firstParents: (of, call) => local('reading the history', call, () => firstParents(repository, of)),
    isCutOff: () => hasShallowCommits(gitDirectory),
    close: packs.close,
  }
}

export interface Repository {
  readonly fs: typeof fs
  readonly gitdir: string
  cache: object
}

async function fetchRefs(options: IsomorphicCloneOptions, repository: Repository, asked: FetchOptions): Promise<void> {
  const { url, timeouts } = options
  const packs = (await readdir(join(options.gitDirectory, 'objects/pack'))).filter((name) => name.endsWith('.pack'))
  // What fails on a clone is done again on a fresh one.
  if (packs.length > MOST_PACKS) throw new Error(`the clone has ${packs.length} packs: a fresh one is cheaper`)
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

/** Git knows the empty tree without having it. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

const readTree = async (packs: PackReader, oid: string) =>
  oid === EMPTY_TREE ? [] : parseRawTree(await packs.read(oid))

const typeOf = (mode: string) => (mode === TREE ? 'tree' : mode === GITLINK ? 'commit' : 'blob')

async function findPath(
  repository: Repository,
  packs: PackReader,
  { commit, path }: { readonly commit: string; readonly path: string },
) {
  let found = { oid: (await git.readCommit({ ...repository, oid: commit })).commit.tree, type: 'tree' }
  for (const name of path === '' ? [] : path.split('/')) {
    const entries = found.type === 'tree' ? await readTree(packs, found.oid) : []
    const entry = entries.find((one) => one.name === name)
    if (entry === undefined) return undefined
    found = { oid: entry.oid, type: typeOf(entry.mode) }
  }
  return found
}

interface Listing extends CallOptions {
  readonly limits: SourceLimits
}

async function listTree(packs: PackReader, tree: string, { limits, signal }: Listing): Promise<readonly TreeEntry[]> {
  const found: TreeEntry[] = []
  let pathBytes = 0
  const walk = async (oid: string, prefix: string): Promise<void> => {
    signal.throwIfAborted()
    const raw = await readTree(packs, oid)
    pathBytes += raw.reduce((sum, { name }) => sum + prefix.length + name.length, 0)
    if (found.length + raw.length > 2 * limits.files || pathBytes > limits.pathBytes) throw tooManyFiles(limits)
    const sizes = await Promise.all(raw.map((entry) => (typeOf(entry.mode) === 'blob' ? packs.size(entry.oid) : 0)))
    for (const [index, { name, mode, oid: entry }] of raw.entries()) {
      found.push({ path: `${prefix}${name}`, mode, oid: entry, size: sizes[index] ?? 0 })
      if (mode === TREE) await walk(entry, `${prefix}${name}/`)
    }
  }
  await walk(tree, '')
  return found
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
