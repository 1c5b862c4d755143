import { ReconcileError } from '../model/error.ts'

export interface GitHubErrorDetails {
  /** What was tried, and what was got. */
  readonly message: string
  /** Of the answer; none: there was no answer, or nothing was asked. */
  readonly status?: number
  /** How long GitHub wants to be left alone, or we leave it alone. */
  readonly waitMs?: number
  /** The request may have been carried out. */
  readonly perhaps?: boolean
  readonly todo?: string
}

/** Why GitHub did not do what it was asked. Never holds an answer or a request: they know the login. */
export class GitHubError extends ReconcileError {
  readonly status: number | undefined
  readonly waitMs: number | undefined
  readonly perhaps: boolean

  constructor(reason: 'ReportRefused' | 'ReportUnreachable', details: GitHubErrorDetails) {
    const { message, todo } = details
    super(reason, { message, retryable: reason === 'ReportUnreachable', ...(todo === undefined ? {} : { todo }) })
    this.status = details.status
    this.waitMs = details.waitMs
    this.perhaps = details.perhaps ?? false
  }
}
