import type { CallOptions } from './target.ts'

/** A pull request as it stands. */
export interface PullRequest {
  readonly number: number
  readonly state: 'open' | 'closed'
  readonly draft: boolean
  readonly title: string
  readonly author: string
  readonly head: { readonly sha: string; readonly ref: string }
  readonly base: { readonly sha: string; readonly ref: string }
  /** Its head is in another repository. */
  readonly fork: boolean
  /** The commit that it became on its base. */
  readonly mergedAs?: string
}

export interface PullComment {
  readonly id: number
  readonly pull: number
  readonly author: string
  /** `Bot`, `User`, … */
  readonly authorType: string
  readonly body: string
  /** ISO times. */
  readonly createdAt: string
  readonly updatedAt: string
}

/**
 * What is read from GitHub. Writes go through the outbox to the sink. Errors: `ReportRefused` (401, 403, 404),
 * `ReportUnreachable` (5xx, no answer, rate limits; `retryable`).
 */
export interface GitHub {
  /** Open pull requests to the tracked branch; a conditional request, so that an idle look costs no rate limit. */
  openPulls(base: string, options: CallOptions): Promise<readonly PullRequest[]>
  pull(number: number, options: CallOptions): Promise<PullRequest>
  /** Those that a commit of the tracked branch came from. */
  pullsOf(sha: string, options: CallOptions): Promise<readonly PullRequest[]>
  /** Paths that a pull request changes. */
  changedFiles(number: number, options: CallOptions): Promise<readonly string[]>
  /** Comments of all pull requests since an ISO time, oldest first. */
  commentsSince(since: string, options: CallOptions): Promise<readonly PullComment[]>
  /** Of a user on the repository. */
  permissionOf(user: string, options: CallOptions): Promise<'admin' | 'write' | 'read' | 'none'>
  /** Ours, as it signs comments: `octocat`, or `slug[bot]` of an App. */
  ownLogin(options: CallOptions): Promise<string>
  /** Whether check runs can be written, and so annotations: only an App may. */
  readonly annotates: boolean
  /** What the last answer said. */
  rateLimit(): { readonly remaining?: number; readonly resetAt?: string }
  /** Requests so far, by operation and status, for metrics. */
  readonly calls: () => ReadonlyMap<string, number>
}
