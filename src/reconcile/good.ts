import type { Good } from '../model/app-state.ts'
import type { ResourceId } from '../model/id.ts'
import type { HeldWhy } from '../model/plan.ts'
import type { Wanted } from '../model/resource.ts'
import { type AppContext, stateOf } from './app-context.ts'
import { lateIds } from './late.ts'
import type { PlannedApp } from './plan-apps.ts'

/** This revision declares it, and it was never proven. */
const NEVER = ''

/** Held, and yet as this revision wants it: only drift is not healed. */
const AS_WRITTEN: ReadonlySet<HeldWhy> = new Set(['reported', 'ignored'])

/**
 * What is good now: what was applied and proven, and, of what was not applied (held back, a conflict, not to be seen),
 * what was good before. A spec that never ran is never what a rollback goes back to.
 */
export function goodOf(planned: PlannedApp, context: AppContext): Good {
  const before = new Map(context.engine.store.lastGood(planned.app).map((resource) => [resource.id, resource]))
  const { frozen, base } = planned.goal
  const wanted = new Set(base.map((resource) => resource.id))
  const held = planned.plan.held.filter((entry) => wanted.has(entry.id) && !AS_WRITTEN.has(entry.why))
  const unproven = [...lateIds(stateOf(context, planned.app))].filter((id) => wanted.has(id))
  const notApplied = new Set<ResourceId>([...frozen.keys(), ...held.map((entry) => entry.id), ...unproven])
  const applied = base.filter((resource) => !notApplied.has(resource.id))
  const kept = [...new Set([...notApplied, ...staying(planned, context)])].flatMap((id) => before.get(id) ?? [])
  const resources = [...applied, ...kept]
  return { resources, older: olderOf(resources, planned, context) }
}

/**
 * Not wanted any more, and not gone: a guard holds its prune, or another app has yet to take it over, with its last good
 * state. Generations stay by a rule of their own.
 */
function staying({ app, goal }: PlannedApp, { engine }: AppContext): readonly ResourceId[] {
  const wanted = new Set(goal.base.map((resource) => resource.id))
  const isGeneration = (kind: string): boolean => engine.kinds.get(kind)?.generationOf !== undefined
  return engine.store
    .record()
    .filter((entry) => entry.app === app && !wanted.has(entry.id) && !isGeneration(entry.kind))
    .map((entry) => entry.id)
}

function olderOf(resources: readonly Wanted[], planned: PlannedApp, context: AppContext): Good['older'] {
  const { olderGood, lastGood } = stateOf(context, planned.app)
  const written = new Map((planned.input.desired?.wanted ?? []).map((wanted) => [wanted.id, wanted.digest]))
  const older: Record<ResourceId, string> = {}
  for (const { id, digest } of resources) {
    const revision = olderGood?.[id] ?? lastGood?.revision
    if (written.get(id) !== digest && revision !== undefined) older[id] = revision
  }
  const good = new Set(resources.map((resource) => resource.id))
  for (const id of written.keys()) if (!good.has(id)) older[id] = NEVER
  return older
}
