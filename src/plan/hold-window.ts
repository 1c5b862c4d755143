import type { Guard } from '../model/outcome.ts'
import { type Change, changesOf, type HeldChange, onlyChanges, type Plan } from '../model/plan.ts'

export interface WindowInput {
  /** The maintenance window that denies changes now, if one does. */
  readonly denying: { readonly until: Date; readonly text: string } | undefined
  /** A person chose what the app goes to, or confirmed the window, or it has begun: half of a revision is worse than either. */
  readonly goesOn: boolean
}

/** The word with which a person applies a revision in spite of the window. */
export const windowGuard = (revision: string): string => `window:${revision.slice(0, 12)}`

/**
 * In a maintenance window new revisions and heals wait for its end. What a person decides, and budgets, go on; so does
 * the way back, whatever the time (rule 16). Drift stays what it is called: reported.
 */
export function holdForWindow(
  plan: Plan,
  { denying, goesOn }: WindowInput,
): { readonly plan: Plan; readonly guards: readonly Guard[] } {
  if (!denying || plan.goal === 'last-good') return { plan, guards: [] }
  const message = `maintenance window until ${denying.until.toISOString()}: ${denying.text}`
  const waits = ({ cause }: Change): boolean => cause === 'drift' || (cause === 'revision' && !goesOn)
  const held = changesOf(plan)
    .filter(waits)
    .map(({ id, cause, diffs }): HeldChange => ({ id, why: cause === 'drift' ? 'reported' : 'window', message, diffs }))
  if (held.length === 0) return { plan, guards: [] }
  const guard = { name: windowGuard(plan.revision), message }
  const guards = held.some(({ why }) => why === 'window') ? [guard] : []
  return { plan: { ...onlyChanges(plan, (change) => !waits(change)), held: [...plan.held, ...held] }, guards }
}
