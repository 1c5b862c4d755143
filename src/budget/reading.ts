import type { Micros } from '../model/budget.ts'
import type { Increase } from './burn.ts'
import type { Window } from './windows.ts'

/**
 * Who a figure is of: the agent's or user's label as the source has it; `''` for a budget of all, and for what a source
 * cannot tell apart.
 */
export type Part = string

export interface Increased extends Increase {
  readonly part: Part
}

/** What a source told at one look. */
export interface Reading<State = unknown> {
  /** Spent in this window, as the source has it now, of each part that it has. */
  readonly spent: Readonly<Record<Part, Micros>>
  /** What came to it since the look before, for burns; absent: as much as the figures rose. */
  readonly increases?: readonly Increased[]
  /** Parts that it knows now. */
  readonly knows: readonly Part[]
  /** A part that it does not tell of spent at most so much. Absent: nothing is known of others. */
  readonly othersAtMost?: Micros
  /** Why it does not know, where `knows` is empty; or why less than it should. */
  readonly fault?: string
  /** What people should know of its figures: edges that are estimates, samples that are no number. */
  readonly notes: readonly string[]
  /** For the next look. */
  readonly state: State
  /** It has more to tell at once: it is behind. */
  readonly behind?: true
  /** Between its samples, as far as seen. */
  readonly gapMs?: number
}

/** What a source is asked with. */
export interface Asking<State> {
  readonly window: Window
  /** What it gave at its last look of this window or the one before; undefined: never asked. */
  readonly before: State | undefined
  /** What was counted of this window so far. */
  readonly spent: Readonly<Record<Part, Micros>>
  readonly now: number
  readonly signal: AbortSignal
}
