import type { Delivery, GitHubBody, Sent, Sink } from '../model/message.ts'
import type { CallOptions } from '../model/target.ts'
import type { GitHubClient } from './create-github.ts'
import { GitHubError } from './github-error.ts'
import { sendAnnotations } from './send-annotations.ts'
import { sendAnswer, sendComment } from './send-comment.ts'
import { sendStatus } from './send-status.ts'

export interface GitHubSinkOptions {
  readonly github: GitHubClient
  /** Name of the installation: it stands in the hidden markers. */
  readonly install: string
}

/** A message on its way to GitHub. */
export interface Sending<B extends GitHubBody> extends GitHubSinkOptions, CallOptions {
  readonly body: B
  readonly delivery: Delivery
}

/** The id of what was written, for editing it later. */
export type Written = string | undefined

/** What GitHub is told: statuses, comments, annotations. The outbox sends one after the other; the pace is kept here. */
export function createGitHubSink(options: GitHubSinkOptions): Sink {
  return {
    name: 'github',
    send: async (delivery, { signal }) => {
      try {
        const ref = await write(delivery.body as GitHubBody, { ...options, delivery, signal })
        const waitMs = options.github.rest.writeWaitMs()
        // While the outbox waits, what is overtaken need not be sent at all.
        return { state: 'sent', ...(ref !== undefined && { ref }), ...(waitMs > 0 && { waitMs }) }
      } catch (error) {
        return notSent(error, signal)
      }
    },
  }
}

function write(body: GitHubBody, sending: Omit<Sending<GitHubBody>, 'body'>): Promise<Written> {
  if (body.type === 'status') return sendStatus({ ...sending, body })
  if (body.type === 'comment') return sendComment({ ...sending, body })
  if (body.type === 'answer') return sendAnswer({ ...sending, body })
  return sendAnnotations({ ...sending, body })
}

function notSent(error: unknown, signal: AbortSignal): Sent {
  if (signal.aborted) return { state: 'later', message: 'it was broken off by a stop', perhaps: true }
  // A fault of ours is not the other side's: the outbox tells it.
  if (!(error instanceof GitHubError)) throw error
  const { message, waitMs } = error
  if (error.reason === 'ReportRefused' && error.status !== 401) return { state: 'refused', message }
  return { state: 'later', message, ...(waitMs !== undefined && { waitMs }), ...(error.perhaps && { perhaps: true }) }
}
