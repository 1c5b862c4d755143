import type { AppState } from '../model/app-state.ts'
import type { Reason } from '../model/error.ts'
import type { Blocked, Guard } from '../model/outcome.ts'
import type { HeldChange } from '../model/plan.ts'
import { TODO_OF } from '../model/todo.ts'
import type { Collaborators } from './engine.ts'
import type { Look } from './look.ts'
import type { PlannedApp } from './plan-apps.ts'

/** What the way out depends on, beside the app and the reason. */
export interface WhereAt {
  readonly engine: Pick<Collaborators, 'store'>
  readonly look: Pick<Look, 'revision' | 'desired'>
}

const short = (revision: string): string => revision.slice(0, 12)

export const failuresGuardOf = (revision: string): string => `failures:${short(revision)}`

/** The guard that stops a revision in which too many apps failed (rule 18); undefined while it does not. */
export function failuresGuard(state: AppState, at: WhereAt): Guard | undefined {
  const failed = limitReached(at)
  if (!failed) return undefined
  const name = failuresGuardOf(at.look.revision)
  const message = `${failed.join(', ')} failed in this revision: the rest of it waits for a person`
  // What is held back is not tried by a confirmation alone.
  const command = isHeld(state) ? { command: `apply --retry --confirm ${name} --app ${state.app}` } : {}
  return { name, message, ...command }
}

const isHeld = (state: AppState): boolean => state.held !== undefined || state.stalled !== undefined

function limitReached(at: WhereAt): readonly string[] | undefined {
  return failuresLeft(at) > 0 ? undefined : failedApps(at)
}

/** How many apps may still fail in this revision before the rest of it waits. */
export const failuresLeft = (at: WhereAt): number => at.look.desired.fleet.maxFailedApps - failedApps(at).length

function failedApps({ engine, look }: WhereAt): readonly string[] {
  const { failed } = engine.store.fleet()
  return failed?.revision === look.revision ? failed.apps : []
}

/** What tries again what is held back or stalled: `retry` alone does not go past a revision that was stopped. */
export function retryCommand(app: string, at: WhereAt): string {
  if (!limitReached(at)) return `swarmkeeper retry ${app}`
  return `swarmkeeper apply --retry --confirm ${failuresGuardOf(at.look.revision)} --app ${app}`
}

/** When what a window holds is done; until then the app stands as it is. */
export const afterWindow = (
  { plan }: Pick<PlannedApp, 'plan'>,
  { denying, revision }: Pick<Look, 'denying' | 'revision'>,
): string | undefined =>
  denying !== undefined && plan.held.some(({ why }) => why === 'window')
    ? `the first apply after ${denying.until.toISOString()} brings it to ${short(revision)}; until then it stays as it is`
    : undefined

/** What ends it, where the one who says why nothing is done did not say it. */
export function wayOut(reason: string, app: string, at: WhereAt): string | undefined {
  switch (reason) {
    case 'RevisionNotDescendant':
      return `see what was pushed; if it is meant: swarmkeeper apply --confirm revision:${short(at.look.revision)}`
    case 'Stalled':
      return `mend it with a commit, or: ${retryCommand(app, at)}`
    case 'Backoff':
      return `now: swarmkeeper apply --app ${app}`
    case 'Suspended':
      return `it ends by itself; sooner: swarmkeeper resume ${app}`
    case 'GuardHeld': // the guard itself says it
    case 'DataChange': // what is held says what to write
    case 'Conflict':
    case 'Usage':
      return undefined
    default:
      return isReason(reason) ? TODO_OF[reason] : undefined
  }
}

const isReason = (reason: string): reason is Reason => reason in TODO_OF

/** What ends that a person is waited for, by what is live: adopting takes over nothing that another install owns. */
export function heldTodo(
  { id, why, diffs }: HeldChange,
  { goal }: Pick<PlannedApp, 'goal'>,
  { live }: Pick<Look, 'live'>,
): string | undefined {
  const observed = live.of.get(id)
  const wanted = goal.wanted.find((one) => one.id === id)
  if (why !== 'conflict' || !wanted || observed?.state !== 'present') return undefined
  if (observed.owner.who === 'other') return 'declare it in one of the two installs only, or under another name here'
  if (observed.owner.who === 'us' || diffs) return undefined
  if (wanted.handling.adopt !== 'no') return 'the next apply adopts it, once it is at rest'
  return `as it is: swarmkeeper apply --adopt ${id}`
}

export function withWayOut(blocked: Blocked, app: string, at: WhereAt): Blocked {
  const todo = blocked.todo ?? wayOut(blocked.reason, app, at)
  return todo === undefined ? blocked : { ...blocked, todo }
}
