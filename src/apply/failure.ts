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
  | { readonly then: 'retry' } // with backoff
  | { readonly then: 'wait' } // the outcome is not known: observe again
  | { readonly then: 'roll-back' }
  | { readonly then: 'stay'; readonly why: string }
  | { readonly then: 'inspect' } // a first deploy: left for a person to look at
  | { readonly then: 'remove' } // a first deploy, `onFirstFailure: remove`
  | { readonly then: 'stall' }

const MAX_FAILURES = 3

/** What a failure means: the table of architecture, rule 17, row by row. */
export function respondToFailure(facts: FailureFacts): Response {
  if (facts.goal === 'last-good') return facts.unknown ? { then: 'wait' } : { then: 'stall' }
  if (facts.unknown) return { then: 'wait' }
  if (facts.cause !== 'revision' && facts.cause !== 'rollback') {
    return facts.failures + 1 >= MAX_FAILURES ? { then: 'stall' } : { then: 'retry' }
  }
  if (!facts.wrote) return { then: 'retry' }
  if (facts.noWayBack !== undefined) return { then: 'stay', why: facts.noWayBack }
  if (!facts.hasLastGood) return facts.onFirstFailure === 'remove' ? { then: 'remove' } : { then: 'inspect' }
  if (facts.before !== 'healthy') return { then: 'stay', why: 'the app was degraded before this revision' }
  return { then: 'roll-back' }
}
