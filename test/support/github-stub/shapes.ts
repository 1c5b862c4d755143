import type { StubCheckRun, StubComment, StubPull, StubStatus, World } from './world.ts'

/** How GitHub shows things: the part of its answers that clients read, and a few that tempt them. */
export interface Site {
  readonly world: World
  /** Base of the API, without a slash at its end. */
  readonly apiUrl: string
}

const repoUrl = ({ world, apiUrl }: Site) => `${apiUrl}/repos/${world.owner}/${world.repo}`
const page = ({ world }: Site) => `https://github.test/${world.owner}/${world.repo}`

export const showUser = (login: string, type: string = 'User') => ({ login, id: 1, type, site_admin: false })

const showRepo = (site: Site, owner = site.world.owner) => ({
  id: owner === site.world.owner ? 1 : 2,
  name: site.world.repo,
  full_name: `${owner}/${site.world.repo}`,
  owner: showUser(owner),
  fork: owner !== site.world.owner,
})

/** Of the list; what only the single one has is added by `showPull`. */
export function showPullBriefly(pull: StubPull, site: Site) {
  const owner = pull.fork ? pull.author : site.world.owner
  return {
    id: 100_000 + pull.number,
    number: pull.number,
    state: pull.state,
    locked: false,
    draft: pull.draft,
    title: pull.title,
    body: null,
    user: showUser(pull.author, pull.author.endsWith('[bot]') ? 'Bot' : 'User'),
    html_url: `${page(site)}/pull/${pull.number}`,
    head: { ...pull.head, label: `${owner}:${pull.head.ref}`, user: showUser(owner), repo: showRepo(site, owner) },
    base: {
      ...pull.base,
      label: `${site.world.owner}:${pull.base.ref}`,
      user: showUser(site.world.owner),
      repo: showRepo(site),
    },
    merged_at: pull.mergedAs ? pull.updatedAt : null,
    // Of an open one it is the merge that was tried: no commit of the base.
    merge_commit_sha: pull.mergedAs ?? 'e'.repeat(40),
    updated_at: pull.updatedAt,
  }
}

export const showPull = (pull: StubPull, site: Site) => ({
  ...showPullBriefly(pull, site),
  merged: pull.mergedAs !== undefined,
  mergeable: null,
  changed_files: pull.files.length,
})

export function showComment(comment: StubComment, site: Site) {
  const kind = site.world.pull(comment.number) ? 'pull' : 'issues'
  return {
    id: comment.id,
    url: `${repoUrl(site)}/issues/comments/${comment.id}`,
    html_url: `${page(site)}/${kind}/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${repoUrl(site)}/issues/${comment.number}`,
    body: comment.body,
    user: showUser(comment.author, comment.authorType),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
  }
}

export const showStatus = (status: StubStatus, site: Site) => ({
  id: status.id,
  url: `${repoUrl(site)}/statuses/${status.sha}`,
  state: status.state,
  context: status.context,
  description: status.description,
  creator: showUser(status.creator),
  created_at: status.at,
  updated_at: status.at,
})

export const showCheckRun = (run: StubCheckRun, site: Site) => ({
  id: run.id,
  url: `${repoUrl(site)}/check-runs/${run.id}`,
  name: run.name,
  head_sha: run.sha,
  external_id: run.externalId,
  status: run.status,
  conclusion: run.conclusion,
  output: {
    title: run.title,
    summary: run.summary,
    annotations_count: run.annotations.length,
    annotations_url: `${repoUrl(site)}/check-runs/${run.id}/annotations`,
  },
})

export const showFile = (filename: string) => ({ filename, status: 'modified', additions: 1, deletions: 1, changes: 2 })

export const showRepository = (site: Site) => ({
  ...showRepo(site),
  private: true,
  default_branch: 'main',
  html_url: page(site),
  permissions: { admin: false, push: true, pull: true },
})
