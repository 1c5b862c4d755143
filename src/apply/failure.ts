import type { Cause, Goal } from '../model/plan.ts'

export interface FailureFacts {
  readonly cause: Cause
  readonly goal: Goal
  /** Something was written, or may have been. */
  readonly wrote: boolean
  readonly before: 'new' | 'healthy' | 'degraded'
  readonly hasLastGood: boolean
  /** Why going back would do harm. */
  readonly noWayBack: string | undefined
  readonly onFirstFailure: 'stay' | 'remove'
  /** Failures in a row before this one. */
  readonly failures: number
  /** What is not known is not judged. */
  readonly unknown: boolean
}

export type Response =
  | { readonly act: 'retry' } // with backoff
  | { readonly act: 'wait' } // the outcome is not known: observe again
  | { readonly act: 'roll-back' }
  | { readonly act: 'stay'; readonly why: string }
  | { readonly act: 'inspect' } // never proven before: left for a person to look at
  | { readonly act: 'remove' } // never proven before, `onFirstFailure: remove`
  | { readonly act: 'stall' }

const MAX_FAILURES = 3

/** What a failure means: the table of architecture, rule 17, row by row. */
export function respondToFailure(facts: FailureFacts): Response {
  if (facts.goal === 'last-good') return facts.unknown ? { act: 'wait' } : { act: 'stall' }
  if (facts.unknown) return { act: 'wait' }
  if (facts.cause !== 'revision' && facts.cause !== 'rollback') {
    return facts.failures + 1 >= MAX_FAILURES ? { act: 'stall' } : { act: 'retry' }
  }
  if (!facts.wrote) return { act: 'retry' }
  if (facts.noWayBack !== undefined) return { act: 'stay', why: facts.noWayBack }
  if (!facts.hasLastGood) return facts.onFirstFailure === 'remove' ? { act: 'remove' } : { act: 'inspect' }
  if (facts.before !== 'healthy') return { act: 'stay', why: 'the app was degraded before this revision' }
  return { act: 'roll-back' }
}
