import type { OutcomeWord } from './outcome.ts'

/** What became of an app in a revision that touched it. */
export interface AppReport {
  /** `pending`: not begun, or on its way. */
  readonly word: OutcomeWord | 'pending'
  readonly reason?: string
  readonly message?: string
  readonly todo?: string
  /** Task errors, failing check, last log lines. */
  readonly diagnosis: readonly string[]
  /** After a failure: what runs now, `1a2b3c4d5e6f`, and the digests of its images. */
  readonly running?: { readonly revision?: string; readonly images: readonly string[] }
  /** Resources that could not be seen. */
  readonly unknown: number
}

/** How a revision of the tracked branch went, over the apps that it touches (rule 7). Kept by its commit. */
export interface RevisionReport {
  readonly revision: string
  /** The one before it, where it is known. */
  readonly before?: string
  /** Commits between them that were never looked at by themselves. */
  readonly skipped: readonly string[]
  /** ISO time. */
  readonly seenAt: string
  readonly apps: Readonly<Record<string, AppReport>>
  /** The revision could not be read, or waits as a whole: another history, a guard, the failure cap. */
  readonly waits?: string
  /** `waits` says what could not be read: nothing of it is applied until somebody mends it. */
  readonly unread?: true
  /** A newer one came before this was decided for all of its apps. */
  readonly supersededBy?: string
  /** Nothing about it will change any more by itself. */
  readonly final: boolean
}
