import git from 'isomorphic-git'
import type { TreeMerge } from './clone.ts'
import type { Repository } from './isomorphic-clone.ts'

/** isomorphic-git makes a commit of a merge, which no ref names: it is never seen. */
const NOBODY = { name: 'swarmkeeper', email: 'swarmkeeper@localhost', timestamp: 0, timezoneOffset: 0 }

export async function mergeTrees(
  repository: Repository,
  { into, from }: { readonly into: string; readonly from: string },
): Promise<TreeMerge> {
  const [base] = (await git.findMergeBase({ ...repository, oids: [into, from] })) as readonly string[]
  if (base === undefined) return 'unrelated'
  try {
    const people = { author: NOBODY, committer: NOBODY, message: 'a merge that is only looked at' }
    const merge = { ours: into, theirs: from, dryRun: false, noUpdateBranch: true, abortOnConflict: true }
    const merged = await git.merge({ ...repository, ...merge, ...people })
    return { tree: merged.tree ?? (await treeOf(repository, merged.oid ?? into)) }
  } catch (error) {
    if (error instanceof git.Errors.MergeConflictError) return { conflicts: error.data.filepaths }
    // One side deleted what the other changed, a file where the other has a folder: not merged by isomorphic-git.
    if (error instanceof git.Errors.MergeNotSupportedError) return { conflicts: [] }
    throw error
  }
}

const treeOf = async (repository: Repository, oid: string): Promise<string> =>
  (await git.readCommit({ ...repository, oid })).commit.tree

export async function firstParents(
  repository: Repository,
  { from, before, limit }: { readonly from: string; readonly before: string; readonly limit: number },
): Promise<readonly string[]> {
  const found: string[] = []
  let oid: string | undefined = from
  while (oid !== undefined && oid !== before && found.length < limit) {
    found.push(oid)
    oid = (await git.readCommit({ ...repository, oid })).commit.parent[0]
  }
  return found
}
