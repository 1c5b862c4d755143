// Generated from schemas/fleet.json by `npm run schemas`. Do not edit.

/**
 * A file of the repository, relative to the file in which this is written. It may not leave the repository.
 */
export type Path = string

/**
 * swarmkeeper.yaml: what is true of the whole repository.
 */
export interface Fleet {
  /**
   * The type of this document.
   */
  readonly kind: 'Fleet'
  /**
   * Version of the file format.
   */
  readonly version: 1
  readonly vars?: Path
  /**
   * What to do about drift where a document does not say: `safe` heals what restarts nothing and reports the rest, `heal` heals all, `report` only reports. Absent: safe.
   */
  readonly drift?: 'safe' | 'heal' | 'report'
  /**
   * After so many apps failed in one revision, the rest of it waits for a person. No more apps begin a revision side by side than may still fail in it; one that fails later, while it bakes, counts as well. Absent: 3.
   */
  readonly maxFailedApps?: number
  /**
   * Times of every week in which no new revision is applied: it waits until they are over. Rollbacks do not wait for them.
   */
  readonly windows?: ReadonlyArray<{
    /**
     * From one day and time to another (`Fri 18:00 - Mon 07:00`), on each of some days (`Mon-Fri 08:00 - 18:00`), or on every day (`22:00 - 06:00`). An end that is not later than the beginning is on the next day.
     */
    readonly deny: string
    /**
     * IANA name: its daylight saving counts. Absent: UTC.
     */
    readonly timezone?: string
  }>
  /**
   * Apps that take a new revision first; the others wait until these are proven.
   */
  readonly canary?: ReadonlyArray<string>
}
