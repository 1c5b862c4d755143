import type { GitHub, PullComment } from '../model/github.ts'
import type { CallOptions } from '../model/target.ts'
import type { GitHubSettings } from '../settings/settings.ts'
import { GitHubError } from './github-error.ts'
import { listIn, readComment, readFile, readPermission, readPull, textIn } from './reading.ts'
import { createReads, type Reads } from './reads.ts'
import { type Call, createRest, type Rest, type RestOptions } from './rest.ts'

/** GitHub, with what its sink needs of it. */
export interface GitHubClient extends GitHub {
  readonly rest: Rest
  readonly reads: Reads
}

/** GitHub over REST, as an App's installation or with a token; any GitHub Enterprise by its `apiUrl`. */
export function createGitHub(settings: GitHubSettings, options: RestOptions): GitHubClient {
  const rest = createRest(settings, options)
  const reads = createReads(rest)
  return {
    rest,
    reads,
    annotates: rest.login.isApp,
    rateLimit: rest.rateLimit,
    calls: rest.calls,
    ownLogin: createOwnLogin(rest, reads),
    openPulls: (base, call) => reads.all(openPullsTo(base), (one) => [readPull(one)], call),
    pull: async (number, call) => (await reads.one(pullOf(number), readPull, call)).value,
    // 422: a commit that GitHub has not.
    pullsOf: async (sha, call) =>
      (await unless(
        [404, 422],
        reads.all(pullsWith(sha), (one) => [readPull(one)], call),
      )) ?? [],
    changedFiles: (number, call) => reads.all(filesOf(number), readFile, call),
    commentsSince: (since, call) => commentsSince(since, { reads, ...call }),
    permissionOf: async (user, call) => {
      const asked = reads.one(permissionOf(user), readPermission, call)
      return (await unless([404], asked))?.value ?? 'none'
    },
  }
}

const REPO = '/repos/{owner}/{repo}'
const PAGE = { per_page: 100 }

/** Oldest first: a new one comes at the end, and moves nothing. */
const openPullsTo = (base: string): Call => ({
  operation: 'pulls/list',
  method: 'GET',
  url: `${REPO}/pulls`,
  params: { state: 'open', base, sort: 'created', direction: 'asc', ...PAGE },
})

const pullOf = (number: number): Call => ({
  operation: 'pulls/get',
  method: 'GET',
  url: `${REPO}/pulls/{pull_number}`,
  params: { pull_number: number },
})

const pullsWith = (sha: string): Call => ({
  operation: 'repos/list-pull-requests-associated-with-commit',
  method: 'GET',
  url: `${REPO}/commits/{commit_sha}/pulls`,
  params: { commit_sha: sha, ...PAGE },
})

const filesOf = (number: number): Call => ({
  operation: 'pulls/list-files',
  method: 'GET',
  url: `${REPO}/pulls/{pull_number}/files`,
  params: { pull_number: number, ...PAGE },
})

const permissionOf = (username: string): Call => ({
  operation: 'repos/get-collaborator-permission-level',
  method: 'GET',
  url: `${REPO}/collaborators/{username}/permission`,
  params: { username },
})

const commentsFrom = (since: string, page: number): Call => ({
  operation: 'issues/list-comments-for-repo',
  method: 'GET',
  url: `${REPO}/issues/comments`,
  params: { since, sort: 'updated', direction: 'asc', ...PAGE, ...(page > 1 && { page }) },
})

/** Undefined where it answers with one of these. */
async function unless<T>(statuses: readonly number[], asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof GitHubError && error.status !== undefined && statuses.includes(error.status)) return undefined
    throw error
  }
}

/** Pages of so many comments, before it is taken for an error. */
const LONGEST = 200

/**
 * Not by page: a comment that is edited while we walk moves to the end, and what follows it a place forward, past us.
 * Each page begins at the time at which the one before it ended.
 */
async function commentsSince(
  since: string,
  { reads, signal }: CallOptions & { readonly reads: Reads },
): Promise<readonly PullComment[]> {
  const found = new Map<number, PullComment>()
  let from = wholeSeconds(since)
  let page = 1
  for (let asked = 0; asked < LONGEST; asked += 1) {
    const { value } = await reads.one(commentsFrom(from, page), commentPage, { signal })
    for (const comment of value.comments) found.set(comment.id, comment)
    if (value.count < PAGE.per_page) break
    page = value.last === from ? page + 1 : 1
    from = value.last
  }
  return [...found.values()].toSorted((a, b) => a.updatedAt.localeCompare(b.updatedAt) || a.id - b.id)
}

const wholeSeconds = (time: string): string => `${new Date(time).toISOString().slice(0, 19)}Z`

function commentPage(data: unknown) {
  const items = listIn(data)
  const comments = items.flatMap((one) => readComment(one) ?? [])
  return { count: items.length, last: items.length > 0 ? textIn(items.at(-1), 'updated_at') : '', comments }
}

/** It does not change: asked once, and again where that failed. */
function createOwnLogin(rest: Rest, reads: Reads): GitHub['ownLogin'] {
  let known: string | undefined
  return async (options) => {
    known ??= rest.login.isApp
      ? (await reads.one(OUR_APP, (app) => `${textIn(app, 'slug')}[bot]`, options)).value
      : (await reads.one(OUR_USER, (user) => textIn(user, 'login'), options)).value
    return known
  }
}

const OUR_APP: Call = { operation: 'apps/get-authenticated', method: 'GET', url: '/app', asApp: true }
const OUR_USER: Call = { operation: 'users/get-authenticated', method: 'GET', url: '/user' }
