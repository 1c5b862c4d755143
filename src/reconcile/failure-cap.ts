import type { AppOutcome } from '../model/outcome.ts'
import { changesOf } from '../model/plan.ts'
import { type AppContext, outcomeOf, stateOf } from './app-context.ts'
import { isConfirmed, type PlannedApp } from './plan-apps.ts'
import { isRollingBack } from './reconcile.ts'
import type { Slots } from './slots.ts'
import { failuresGuard, failuresGuardOf, failuresLeft } from './ways-out.ts'

/** Lets apps begin a revision: never more side by side than may still fail in it, and none after too many did (rule 18). */
export interface FailureCap {
  run(app: PlannedApp, body: () => Promise<AppOutcome>): Promise<AppOutcome>
}

/** `before`: apps that an earlier tick is busy with; those of the same revision count. */
export function createFailureCap(context: AppContext, before: Slots['running'] = new Map()): FailureCap {
  const earlier = [...before.values()].filter(({ revision }) => revision === context.look.revision)
  let running = earlier.length
  const waiting: (() => void)[] = []
  const mayGo = (): boolean => running === 0 || running < failuresLeft(context)
  /** Counted in the same breath in which it was asked, for others wait for the same room. */
  const begin = async (app: PlannedApp): Promise<AppOutcome | undefined> => {
    for (;;) {
      const stopped = tooManyFailed(app, context)
      if (stopped) return stopped
      if (mayGo()) {
        running += 1
        return undefined
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  const end = (): void => {
    running -= 1
    for (const next of waiting.splice(0)) next()
  }
  for (const { outcome } of earlier) outcome.then(end, end)
  return {
    run: async (app, body) => {
      if (!begins(app, context)) return body()
      if (app.blocked) return tooManyFailed(app, context) ?? body()
      const stopped = await begin(app)
      return stopped ?? body().finally(end)
    },
  }
}

/** What has begun goes on: half of a revision, or of the way back, is worse than either. Heals are of no revision. */
function begins(app: PlannedApp, context: AppContext): boolean {
  const { look } = context
  const state = stateOf(context, app.app)
  if (isRollingBack(state) || state.attempt?.revision === look.revision) return false
  const guard = failuresGuardOf(look.revision)
  return changesOf(app.plan).some((change) => change.cause === 'revision') && !isConfirmed(guard, context)
}

function tooManyFailed(app: PlannedApp, context: AppContext): AppOutcome | undefined {
  const guard = failuresGuard(stateOf(context, app.app), context)
  if (!guard) return undefined
  const guards = [...app.guards, guard]
  return outcomeOf(app, context, { outcome: 'waiting', reason: 'GuardHeld', message: guard.message, guards })
}
