import type { Attempt } from '../model/app-state.ts'
import type { Reason } from '../model/error.ts'
import { partsOf } from '../model/id.ts'
import type { AppOutcome } from '../model/outcome.ts'
import type { HeldChange, HeldWhy } from '../model/plan.ts'
import { type AppContext, stateOf } from './app-context.ts'
import { lateWords } from './late.ts'
import type { PlannedApp } from './plan-apps.ts'
import { heldTodo, retryCommand } from './ways-out.ts'

/** Held, and a person or another app is waited for. */
const WAITS_FOR: Readonly<Partial<Record<HeldWhy, Reason>>> = {
  conflict: 'Conflict',
  data: 'DataChange',
  guard: 'GuardHeld',
  window: 'GuardHeld',
  dependency: 'DependencyNotReady',
}

/** How an app stands, of which nothing is changed in this run. */
export function wordFor(planned: PlannedApp, context: AppContext): Pick<AppOutcome, 'outcome'> & Partial<AppOutcome> {
  const state = stateOf(context, planned.app)
  if (planned.goal.suspended) return { outcome: 'suspended', message: `until ${state.suspension?.until}` }
  const back = state.late?.find(({ phase }) => phase === 'rolling-back')
  if (back) return waitsToGoBack(back)
  if (state.held) {
    const { reason, message } = state.held
    const todo = `edit what failed, or: ${retryCommand(planned.app, context)}`
    return { outcome: 'held-back', reason, message, todo }
  }
  const held = planned.plan.held
  const unknown = held.find((entry) => entry.why === 'unknown')
  if (unknown) return unknownWord(unknown, context)
  const waits = held.find((entry) => WAITS_FOR[entry.why] !== undefined)
  const reason = waits && WAITS_FOR[waits.why]
  if (waits && reason) {
    const todo = heldTodo(waits, planned, context.look)
    return { outcome: 'waiting', reason, message: `${waits.id}: ${waits.message}`, ...(todo ? { todo } : {}) }
  }
  return { outcome: context.proven.has(planned.app) ? 'proven' : 'unchanged' }
}

function waitsToGoBack(late: Attempt): ReturnType<typeof wordFor> {
  const reason = late.failure?.reason
  return { outcome: 'rolling-back', message: lateWords(late), ...(reason === undefined ? {} : { reason }) }
}

export function unknownWord(
  { id, message }: HeldChange,
  { look }: AppContext,
): Pick<AppOutcome, 'outcome'> & Partial<AppOutcome> {
  const todo = look.live.todos.get(partsOf(id).target)
  return { outcome: 'unknown', message: `${id}: ${message}`, ...(todo ? { todo } : {}) }
}
