import type { CallOptions } from './target.ts'

/**
 * Something to be said outside, stored before it is sent. Of one subject the newest that waits is sent, after what is
 * being sent of it: a status that was overtaken before it left is not worth a call. A final one only gives way to the
 * next final one.
 */
export interface Message<B = unknown> {
  /** `github`, or `chat:NAME` of a route. */
  readonly sink: string
  /** What it is about: `status:<sha>:<context>`, `comment:<pull>`, `incident:<key>`. */
  readonly subject: string
  /** Plain data; what was last sent of a subject and equals it is not sent again. */
  readonly body: B
  /** Says how something ended: never dropped, however full the outbox is. */
  readonly final: boolean
}

/** A message on its way. `id` is the same at every try. */
export interface Delivery<B = unknown> extends Message<B> {
  readonly id: string
  /** Tries before this one. */
  readonly attempts: number
  /** What the sink gave back for the message before this one, of the same subject: an id to edit. */
  readonly before?: string
  /** A try before this one may have reached its goal: the process was killed on the way, or no answer came. */
  readonly perhapsSent: boolean
}

export type Sent =
  /** `ref`: what edits it later. `waitMs`: nothing more is to be sent there so long. */
  | { readonly state: 'sent'; readonly ref?: string; readonly waitMs?: number }
  /** Not now: 429, 5xx, no answer. `perhaps`: it may have arrived nevertheless. */
  | { readonly state: 'later'; readonly message: string; readonly waitMs?: number; readonly perhaps?: true }
  /** Nothing more before a restart: the address or login of the sink is refused for good. What waits is kept. */
  | { readonly state: 'stopped'; readonly message: string }
  /** Never: 404, 410, 422. It is told in logs and metrics, and blocks nothing. */
  | { readonly state: 'refused'; readonly message: string }

/** Where messages go. Throws nothing for what the other side does; conformance: test/conformance/sink.ts. */
export interface Sink {
  /** As `Message.sink`. */
  readonly name: string
  send(delivery: Delivery, options: CallOptions): Promise<Sent>
}

/** What the outbox says of its work: logs and metrics listen. */
export type OutboxEvent =
  | { readonly type: 'message:sent'; readonly sink: string; readonly subject: string }
  | {
      readonly type: 'message:later'
      readonly sink: string
      readonly subject: string
      readonly message: string
      /** Tries so far. */
      readonly attempts: number
      /** Until the sink is tried again. */
      readonly waitMs: number
    }
  | { readonly type: 'message:refused'; readonly sink: string; readonly subject: string; readonly message: string }
  /** Too many wait: the oldest that are not final are given up. */
  | { readonly type: 'message:dropped'; readonly sink: string; readonly count: number }
  /** Said once: nothing goes there before a restart. */
  | { readonly type: 'sink:stopped'; readonly sink: string; readonly message: string }
  /** The database does not take or give what waits; it goes on by itself. */
  | { readonly type: 'outbox:trouble'; readonly sink: string; readonly message: string; readonly waitMs: number }

export interface Outbox {
  /**
   * In one transaction with whatever the caller keeps: what is decided and what is said of it stand or fall together.
   * What is for a sink that is not set up is left out.
   */
  put(messages: readonly Message[]): void
  /** Of a subject, what was sent last. */
  lastSent(sink: string, subject: string): Message['body'] | undefined
  /** Subjects of which something waits. */
  readonly depth: () => number
  /** ISO time of the oldest that waits. */
  readonly oldest: () => string | undefined
}

/** What GitHub is told; the sink of issue reports (surface.md, GitHub). */
export type GitHubBody =
  | {
      readonly type: 'status'
      readonly sha: string
      readonly context: string
      readonly state: 'pending' | 'success' | 'failure' | 'error'
      /** At most 140 characters; no times in it. */
      readonly description: string
    }
  /** The one comment of an install on a pull request, found by its hidden marker; `markdown` is without it. */
  | { readonly type: 'comment'; readonly pull: number; readonly markdown: string }
  /** An answer to a comment command. */
  | { readonly type: 'answer'; readonly pull: number; readonly markdown: string }
  /** Of a pull request's head: a check run with annotations, where the login is an App's. */
  | {
      readonly type: 'annotations'
      readonly sha: string
      readonly name: string
      readonly conclusion: 'success' | 'failure'
      readonly summary: string
      readonly annotations: readonly Annotation[]
    }

export interface Annotation {
  readonly path: string
  readonly line: number
  readonly level: 'failure' | 'warning' | 'notice'
  readonly message: string
}
