import type { AppOutcome } from '../model/outcome.ts'
import { changesOf } from '../model/plan.ts'
import { type AppContext, outcomeOf, stateOf } from './app-context.ts'
import type { PlannedApp } from './plan-apps.ts'

/**
 * `keeper: {after: {app, healthyFor}}`: a new revision of this app waits until the other one stands as it is declared,
 * proven, and was so for a time. Heals, and what has begun, do not wait.
 */
export function waitsForPromotion(
  app: PlannedApp,
  other: (name: string) => PlannedApp | undefined,
  context: AppContext,
): AppOutcome | undefined {
  if (stateOf(context, app.app).attempt?.wrote) return undefined
  if (!changesOf(app.plan).some((change) => change.cause === 'revision')) return undefined
  for (const { handling } of app.goal.wanted) {
    const { follows } = handling
    if (!follows) continue
    const why = notYet(follows, other(follows.app), context)
    if (why === undefined) continue
    const todo = `it goes on by itself once ${follows.app} is proven`
    return outcomeOf(app, context, { outcome: 'waiting', reason: 'DependencyNotReady', message: why, todo })
  }
  return undefined
}

function notYet(
  { app, healthyForMs }: { readonly app: string; readonly healthyForMs: number },
  planned: PlannedApp | undefined,
  { engine, look }: AppContext,
): string | undefined {
  const state = engine.store.app(app)
  if (!planned) return `${app}, which it follows, is not looked at in this run`
  if (state.held) return `${app}, which it follows, is held back: ${state.held.message}`
  if (state.attempt || changesOf(planned.plan).length > 0 || planned.plan.held.length > 0 || planned.blocked)
    return `${app}, which it follows, is not proven yet`
  const ill = planned.goal.wanted.find(({ id }) => {
    const observed = look.live.of.get(id)
    return observed?.state !== 'present' || !['healthy', 'suspended'].includes(observed.health.status)
  })
  if (ill) return `${ill.id} of ${app}, which it follows, is not healthy`
  const since = state.lastGood?.at
  if (since === undefined) return `${app}, which it follows, was never proven`
  const until = Date.parse(since) + healthyForMs
  if (until <= engine.clock.now().getTime()) return undefined
  return `${app}, which it follows, is to be healthy until ${new Date(until).toISOString()}`
}
