import type { Store } from '../../../src/model/store.ts'

export interface LawOptions {
  /** Cases to try. */
  readonly runs: number
  /** Of the random cases; another one each time by default. */
  readonly seed?: number
  /** Look for the smallest counterexample; true by default. */
  readonly shrink?: boolean
  /** Where the engine remembers; by default a store that is quick. */
  readonly makeStore?: () => Store
}

/** What must hold for every fleet. It rejects with the smallest counterexample that was found. */
export type Law = (options: LawOptions) => Promise<void>

export const parameters = ({ runs, seed, shrink = true }: LawOptions) => ({
  numRuns: runs,
  endOnFailure: !shrink,
  ...(seed === undefined ? {} : { seed }),
})

/** Fails with words, the way an assertion does, and without needing a test runner. */
export function check(holds: boolean, message: () => string): void {
  if (!holds) throw new Error(message())
}

export const show = (value: unknown): string => JSON.stringify(value)
