import { cameBack, type ProofFailure } from '../apply/prove.ts'
import type { Attempt } from '../model/app-state.ts'
import type { Observed } from '../model/live.ts'
import type { AppOutcome } from '../model/outcome.ts'
import { changesOf } from '../model/plan.ts'
import { type AppContext, changedOf, outcomeOf, revisionOf } from './app-context.ts'
import type { Collaborators, RunOptions } from './engine.ts'
import { fail } from './fail.ts'
import { goodWithout, parted } from './late.ts'
import type { Look } from './look.ts'
import type { PlannedApp } from './plan-apps.ts'
import { markProven, proven } from './succeed.ts'

/**
 * Healthy to the end of its bake: proven. Degraded before that: a failure of this revision (rule 15), and then the rest
 * of it, which waited for a guard, is not done any more. Undefined where there is something else to do: a newer revision
 * may be what mends it, and so may a heal.
 */
export async function watchBake(
  planned: PlannedApp,
  attempt: Attempt,
  context: AppContext,
): Promise<AppOutcome | undefined> {
  const { engine } = context
  const changes = changesOf(planned.plan)
  const same = attempt.revision === revisionOf(context, planned.app)
  if (changes.length > 0 && !(same && changes.every((change) => change.cause === 'revision'))) return undefined
  const seen = look(planned, attempt, context)
  if (seen.failure) return fail(planned, attempt, { failure: seen.failure, steps: [], wrote: true }, context)
  if (changes.length > 0) return undefined
  const over = Date.parse(attempt.bakeUntil ?? attempt.at) <= engine.clock.now().getTime()
  if (over && seen.healthy) return proven(planned, context, { steps: [] })
  const message = over ? 'its bake is over, but it is not healthy yet' : `baking until ${attempt.bakeUntil}`
  return outcomeOf(planned, context, { outcome: seen.healthy ? 'applied' : 'unknown', message })
}

/**
 * Bakes that are over, by the look that was just taken and before anything is planned: a revision that was healthy to the
 * end is last good also when the next one is already there, and is what that one goes back to.
 */
export function closeBakes(
  engine: Collaborators,
  look: Pick<Look, 'live' | 'targets'>,
  options: Pick<RunOptions, 'by'> & { readonly busy?: ReadonlySet<string> },
): ReadonlySet<string> {
  const proven = new Set<string>()
  const now = engine.clock.now().getTime()
  for (const { app, attempt } of engine.store.apps()) {
    if (options.busy?.has(app)) continue
    if (attempt?.phase !== 'baking' || !attempt.good || !attempt.bakeUntil || Date.parse(attempt.bakeUntil) > now)
      continue
    const { seen, late } = parted(attempt, look)
    const changed = changedOf(seen)
    const baked = attempt.good.resources.filter((resource) => changed.has(resource.id))
    if (!baked.every(({ id }) => isWell(look.live.of.get(id), attempt.restarts?.[id]))) continue
    const unseen = new Set([...changedOf(attempt)].filter((id) => !changed.has(id)))
    const good = goodWithout(attempt.good, unseen, engine.store.app(app), engine.store)
    markProven({ app, revision: attempt.revision, good, late, by: options.by }, engine)
    proven.add(app)
  }
  return proven
}

function isWell(observed: Observed | undefined, restarts = 0): boolean {
  if (observed?.state !== 'present') return false
  const { status, revertedByTarget } = observed.health
  return status === 'healthy' && !revertedByTarget && !cameBack(observed.health, restarts)
}

function look(
  planned: PlannedApp,
  attempt: Attempt,
  context: AppContext,
): { readonly failure?: ProofFailure; readonly healthy: boolean } {
  // What does not answer keeps nobody else from being proven, and is proven when it is back (rules 17, 19).
  const changed = changedOf(parted(attempt, context.look).seen)
  let healthy = true
  for (const wanted of planned.goal.wanted) {
    if (!changed.has(wanted.id)) continue
    const observed = context.look.live.of.get(wanted.id)
    if (observed?.state !== 'present') {
      healthy = false
      continue
    }
    const { status, message, revertedByTarget } = observed.health
    const crashed = cameBack(observed.health, attempt.restarts?.[wanted.id] ?? 0)
    if (status === 'degraded' || revertedByTarget || crashed) {
      const reason = revertedByTarget ? 'RolledBackBySwarm' : 'TaskFailed'
      const why = `while baking: ${crashed ?? message ?? status}`
      const failure = { id: wanted.id, reason, message: why, unknown: false } as const
      return { failure, healthy: false }
    }
    if (status === 'progressing') healthy = false
  }
  return { healthy }
}
