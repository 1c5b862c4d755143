import type { ResourceId } from '../model/id.ts'

/** A pull request as it is kept, on the shelf `pull` by its number. */
export interface KeptPull {
  readonly number: number
  readonly head: string
  readonly draft: boolean
  readonly fork: boolean
  /**
   *   open --merged--> merged
   *   open --closed--> closed --opened again--> open
   *   open --led to another branch--> elsewhere --led back--> open
   */
  readonly state: 'open' | 'merged' | 'closed' | 'elsewhere'
  /** Commit that it became on the tracked branch. */
  readonly mergedAs?: string
  readonly planned?: PlannedHead
}

/** What was said of a head. */
export interface PlannedHead {
  readonly head: string
  /** Commit that the head was merged into. */
  readonly tip: string
  readonly draft: boolean
  /** ISO time at which this head was planned first: what a person said before that was said of another one (SEC-12). */
  readonly since: string
  /** Of the merge; undefined where there is none. */
  readonly tree?: string
  /** Markdown of the comment. */
  readonly text: string
  readonly guards: readonly string[]
  /** What it showed to be removed. */
  readonly prunes: readonly ResourceId[]
}

/** Head of a merge queue's group, until it is planned; on the same shelf, by `group:<sha>`. */
export interface KeptGroup {
  readonly group: string
}

export const isDue = ({ state, planned, head, draft }: KeptPull, tip: string): boolean =>
  state === 'open' && !(planned?.head === head && planned.tip === tip && planned.draft === draft)
