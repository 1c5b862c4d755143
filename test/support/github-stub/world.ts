import type { Clock } from '../../../src/model/clock.ts'

/** What GitHub knows of one repository. Tests act on it as people do; the API shows it. */
export interface StubPull {
  readonly number: number
  readonly author: string
  readonly fork: boolean
  readonly base: { readonly ref: string; readonly sha: string }
  title: string
  draft: boolean
  state: 'open' | 'closed'
  head: { readonly ref: string; readonly sha: string }
  files: readonly string[]
  mergedAs?: string
  updatedAt: string
}

export interface StubComment {
  readonly id: number
  /** Pull request or issue. */
  readonly number: number
  readonly author: string
  readonly authorType: 'User' | 'Bot'
  body: string
  readonly createdAt: string
  updatedAt: string
}

export interface StubStatus {
  readonly id: number
  readonly sha: string
  readonly context: string
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  readonly description: string
  readonly creator: string
  readonly at: string
}

export interface StubCheckRun {
  readonly id: number
  readonly name: string
  readonly sha: string
  readonly externalId: string
  status: string
  conclusion: string | null
  title: string
  summary: string
  annotations: readonly Readonly<Record<string, unknown>>[]
}

type Permission = 'admin' | 'write' | 'read' | 'none'

interface Opening {
  readonly head: string
  readonly base?: string
  readonly baseSha?: string
  readonly author?: string
  readonly headRef?: string
  readonly title?: string
  readonly fork?: boolean
  readonly draft?: boolean
  readonly files?: readonly string[]
}

/** What webhooks tell. */
export type StubEvent =
  | { readonly event: 'pull_request'; readonly action: string; readonly pull: StubPull }
  | { readonly event: 'issue_comment'; readonly action: string; readonly comment: StubComment }
  | { readonly event: 'push'; readonly ref: string; readonly before: string; readonly after: string }
  | {
      readonly event: 'merge_group'
      readonly action: string
      readonly headSha: string
      readonly headRef: string
      readonly base: string
      readonly baseSha: string
    }

export interface World {
  readonly owner: string
  readonly repo: string
  readonly pulls: ReadonlyMap<number, StubPull>
  readonly comments: readonly StubComment[]
  readonly statuses: readonly StubStatus[]
  readonly checkRuns: readonly StubCheckRun[]

  /** Returns its number. */
  openPull(opening: Opening): number
  /** New commits on a pull request's branch. */
  push(pull: number, head: string): void
  setFiles(pull: number, files: readonly string[]): void
  /** `as`: the commit that it became on its base. */
  merge(pull: number, as: string): void
  close(pull: number): void
  /** The tracked branch goes on by itself. */
  pushTo(branch: string, after: string): void
  queue(group: { readonly headSha: string; readonly base?: string; readonly baseSha: string }): void
  /** Returns its id. */
  comment(pull: number, said: { readonly by: string; readonly body: string; readonly bot?: boolean }): number
  editComment(id: number, body: string): void
  deleteComment(id: number): void
  setPermission(user: string, permission: Permission): void
  permissionOf(user: string): Permission | undefined
  /** Newest state of each context. */
  statusesOf(sha: string): Readonly<Record<string, Pick<StubStatus, 'state' | 'description'>>>
  commentsOf(pull: number): readonly StubComment[]

  addStatus(status: Omit<StubStatus, 'id' | 'at'>): StubStatus
  addCheckRun(run: Omit<StubCheckRun, 'id'>): StubCheckRun
  pull(number: number): StubPull | undefined
}

interface Origin {
  readonly owner: string
  readonly repo: string
  readonly clock: Clock
  tell(event: StubEvent): void
}

const NOBODY = '0'.repeat(40)

export function createWorld({ owner, repo, clock, tell }: Origin): World {
  const pulls = new Map<number, StubPull>()
  const comments: StubComment[] = []
  const statuses: StubStatus[] = []
  const checkRuns: StubCheckRun[] = []
  const permissions = new Map<string, Permission>()
  const tips = new Map<string, string>()
  let lastId = 1000
  const at = () => `${clock.now().toISOString().slice(0, 19)}Z`

  const known = (number: number): StubPull => {
    const pull = pulls.get(number)
    if (!pull) throw new Error(`the stub has no pull request ${number}`)
    return pull
  }
  const changed = (number: number, change: Partial<StubPull>, action: string) => {
    const pull = Object.assign(known(number), change, { updatedAt: at() })
    tell({ event: 'pull_request', action, pull: { ...pull } })
  }
  const pushTo = (branch: string, after: string) => {
    tell({ event: 'push', ref: `refs/heads/${branch}`, before: tips.get(branch) ?? NOBODY, after })
    tips.set(branch, after)
  }
  const commentBy = (id: number): StubComment => {
    const comment = comments.find((one) => one.id === id)
    if (!comment) throw new Error(`the stub has no comment ${id}`)
    return comment
  }

  return {
    owner,
    repo,
    pulls,
    comments,
    statuses,
    checkRuns,
    openPull: ({ head, base = 'main', baseSha, author = 'alice', ...given }) => {
      const number = pulls.size + 1
      pulls.set(number, {
        number,
        author,
        fork: given.fork ?? false,
        base: { ref: base, sha: baseSha ?? tips.get(base) ?? NOBODY },
        title: given.title ?? `Change ${number}`,
        draft: given.draft ?? false,
        state: 'open',
        head: { ref: given.headRef ?? `change-${number}`, sha: head },
        files: given.files ?? [],
        updatedAt: at(),
      })
      changed(number, {}, 'opened')
      return number
    },
    push: (number, head) => changed(number, { head: { ref: known(number).head.ref, sha: head } }, 'synchronize'),
    setFiles: (number, files) => {
      known(number).files = files
    },
    merge: (number, as) => {
      changed(number, { state: 'closed', mergedAs: as }, 'closed')
      pushTo(known(number).base.ref, as)
    },
    close: (number) => changed(number, { state: 'closed' }, 'closed'),
    pushTo,
    queue: ({ headSha, base = 'main', baseSha }) =>
      tell({
        event: 'merge_group',
        action: 'checks_requested',
        headSha,
        headRef: `refs/heads/gh-readonly-queue/${base}/pr-1-${baseSha}`,
        base: `refs/heads/${base}`,
        baseSha,
      }),
    comment: (number, { by, body, bot = false }) => {
      lastId += 1
      const comment: StubComment = {
        id: lastId,
        number,
        author: by,
        authorType: bot ? 'Bot' : 'User',
        body,
        createdAt: at(),
        updatedAt: at(),
      }
      comments.push(comment)
      tell({ event: 'issue_comment', action: 'created', comment: { ...comment } })
      return comment.id
    },
    editComment: (id, body) => {
      const comment = Object.assign(commentBy(id), { body, updatedAt: at() })
      tell({ event: 'issue_comment', action: 'edited', comment: { ...comment } })
    },
    deleteComment: (id) => {
      const comment = commentBy(id)
      comments.splice(comments.indexOf(comment), 1)
      tell({ event: 'issue_comment', action: 'deleted', comment })
    },
    setPermission: (user, permission) => void permissions.set(user.toLowerCase(), permission),
    permissionOf: (user) => permissions.get(user.toLowerCase()),
    statusesOf: (sha) =>
      Object.fromEntries(
        statuses
          .filter((one) => one.sha === sha)
          .map(({ context, state, description }) => [context, { state, description }]),
      ),
    commentsOf: (pull) => comments.filter((one) => one.number === pull),
    addStatus: (status) => {
      lastId += 1
      const added = { ...status, id: lastId, at: at() }
      statuses.push(added)
      return added
    },
    addCheckRun: (run) => {
      lastId += 1
      const added = { ...run, id: lastId }
      checkRuns.push(added)
      return added
    },
    pull: (number) => pulls.get(number),
  }
}
