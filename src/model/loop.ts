import type { ApplyOptions, Engine } from './engine.ts'
import type { EngineEvent } from './events.ts'
import type { FleetOutcome } from './outcome.ts'

/** The daemon as its HTTP surface and webhooks see it (surface.md). */
export interface Loop {
  /**
   * The whole engine. What only reads is answered from the loop's newest look (`at` says how old it is); what acts
   * waits for the app's slot and runs in it.
   */
  readonly engine: Engine
  /** A reconcile now. A token that was seen before does nothing and gives what became of the first (reliability.md 12). */
  reconcile(ask: ApplyOptions & { readonly token?: string }): Promise<FleetOutcome>
  /** Something may have changed: a tick soon, instead of at its time. Many nudges make one tick. */
  nudge(what: Nudge): void
  /** Is told everything that happens, as it happens; gives what ends it. */
  listen(listener: (event: EngineEvent) => void): () => void
  state(): LoopState
}

export type Nudge =
  | { readonly of: 'source' }
  | { readonly of: 'pull'; readonly number: number }
  | { readonly of: 'comments' }
  /** A merge-queue group: the head that is to be planned; `base` is the branch that it is to be merged to. */
  | { readonly of: 'merge-group'; readonly sha: string; readonly base: string }

export interface LoopState {
  readonly startedAt: string
  /** ISO times. */
  readonly firstTickAt?: string
  readonly lastTickAt?: string
  /** When the repository answered last. */
  readonly sourceAt?: string
  /** Of the last tick, where it failed. */
  readonly failure?: string
  /** Apps that are being applied. */
  readonly running: readonly string[]
  /** Asked for and not begun. */
  readonly queued: number
  readonly stopping: boolean
}
