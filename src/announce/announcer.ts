import type { View } from '../engine/view.ts'
import type { AppOutcome, FleetOutcome } from '../model/outcome.ts'
import { createRevisions, type RevisionsOptions } from './revisions.ts'

export interface AnnouncerOptions extends RevisionsOptions {
  /** Commits after `before` and before `after`, newest first. */
  readonly between: (before: string, after: string) => Promise<readonly string[]>
}

/**
 * Says what happens: statuses on commits of the tracked branch, by way of the outbox. Every call is cheap and is done
 * when it returns, but for the commits that were skipped, which git is asked for on the side.
 */
export interface Announcer {
  /** After each look at the whole fleet by the tracked branch, with its plans. */
  onLook(view: View): void
  /** When the reconcile of an app ends. */
  onOutcome(outcome: AppOutcome, view: View): void
  /** When the last app of a tick ended. */
  onTickEnd(view: View, outcome: FleetOutcome): void
  /** At start, and now and then: nothing that is over stays pending. */
  sweep(): void
  /** Ends when git was asked for everything: for a stop, and for tests. */
  settled(): Promise<void>
}

export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const revisions = createRevisions(options)
  let asking: Promise<void> = Promise.resolve()
  const ask = (): void => {
    asking = asking.then(async () => {
      for (const { revision, before } of revisions.unasked()) {
        if (before === undefined) continue
        // A source that is down now is asked again by the next sweep.
        const commits = await options.between(before, revision).catch(() => undefined)
        if (commits) revisions.skipped(revision, commits)
      }
    })
  }
  return {
    onLook: (view) => {
      revisions.looked(view)
      if (revisions.unasked().length > 0) ask()
    },
    onOutcome: (outcome) => revisions.ended(outcome),
    onTickEnd: () => {},
    sweep: () => {
      revisions.sweep()
      ask()
    },
    settled: () => asking,
  }
}
