/** Small things kept by key beside the engine's own state: messages to send, incidents, deliveries, audit. */
export interface Shelf<T> {
  get(key: string): T | undefined
  /** `at`: ISO time, of a new key, which goes to the end; one that is there keeps its time and its place. */
  put(key: string, value: T, at: string): void
  drop(key: string): void
  /** Oldest first. */
  all(): readonly Kept<T>[]
  /** The newest, newest first. */
  newest(limit: number): readonly Kept<T>[]
  count(): number
  /** Drops what was first put before this ISO time; gives how many. */
  dropBefore(at: string): number
}

export interface Kept<T> {
  readonly key: string
  /** ISO time of the first `put`. */
  readonly at: string
  readonly value: T
}

/** Every shelf of the database, in one place: two that share a name would share their keys. */
export type ShelfName =
  | 'outbox'
  | 'sent'
  | 'incident'
  | 'revision'
  | 'announced'
  | 'pull'
  | 'delivery'
  | 'command'
  | 'asked'
  | 'audit'
  | 'etag'
  | 'budget' // what is known of each, and the figures of its window
  | 'budget-state' // `KeptBudgetState`: what was found of each the last time, for whoever only reads
  | 'budget-declared' // by app: its budgets and agents as they could be read last
  | 'spend' // reports, by their keys
  | 'run' // of scheduled agents
  | 'schedule' // the last minute that each was looked at for
  | 'standing'
  | 'alert'
  | 'supervisor'
  | 'probe' // whether the database can be written
