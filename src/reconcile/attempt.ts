import type { AppState, Attempt } from '../model/app-state.ts'
import type { Digest } from '../model/digest.ts'
import type { ResourceId } from '../model/id.ts'
import { type Cause, type Change, changesOf } from '../model/plan.ts'
import { type AppContext, stateOf } from './app-context.ts'
import type { PlannedApp } from './plan-apps.ts'

/**
 * The attempt of an app, kept in its state:
 *
 *   (none) --first write--> applying --all proven--> baking --bake over, healthy--> (none), last good
 *   applying | baking --failed--> rolling-back --proven--> (none), held back
 *   applying | baking --failed, no way back--> (none), held back where it stands
 *
 * An attempt that was interrupted is found in its phase and goes on from there; a newer revision joins it, so that what
 * was healthy before, and what this attempt created, stay known until something is proven.
 */
export function beginAttempt(planned: PlannedApp, context: AppContext): Attempt {
  const { engine, look } = context
  const state = stateOf(context, planned.app)
  const changes = changesOf(planned.plan)
  const cause = causeOf(changes)
  const known = state.attempt
  const attempt: Attempt = {
    id: known?.id ?? engine.newId(),
    revision: known && cause !== 'revision' ? known.revision : look.revision,
    at: known?.at ?? engine.clock.now().toISOString(),
    cause: known?.cause === 'revision' ? 'revision' : cause,
    goal: 'desired',
    before: known?.before ?? before(planned, context),
    phase: 'applying',
    changed: join(known?.changed ?? [], members(changes, planned)),
    created: [...new Set([...(known?.created ?? []), ...created(changes)])],
    ...(known?.noWayBack === undefined ? {} : { noWayBack: known.noWayBack }),
  }
  engine.store.putApp({ ...forgetHeld(state, planned, context), attempt })
  return attempt
}

/** The held group was edited, or a person retries: it is forgotten when the new attempt begins. */
function forgetHeld(state: AppState, planned: PlannedApp, context: AppContext): AppState {
  if (!planned.goal.released && !context.options.retry) return state
  const { held: _held, stalled: _stalled, notBefore: _notBefore, ...rest } = state
  return { ...rest, failures: 0, restarts: planned.input.state.restarts }
}

function causeOf(changes: readonly Change[]): Cause {
  const causes = changes.map((change) => change.cause)
  return causes.find((cause) => cause === 'revision') ?? causes[0] ?? 'revision'
}

function before(planned: PlannedApp, context: AppContext): Attempt['before'] {
  const mine = [...planned.input.record.values()].filter(
    (entry) => entry.app === planned.app && entry.state === 'owned',
  )
  if (mine.length === 0) return 'new'
  const degraded = mine.some((entry) => {
    const observed = context.look.live.of.get(entry.id)
    return observed?.state === 'present' && observed.health.status === 'degraded'
  })
  return degraded ? 'degraded' : 'healthy'
}

type Members = Attempt['changed']

/** What the attempt changes, by the digests as written: what is edited later is told by them. */
function members(changes: readonly Change[], planned: PlannedApp): Members {
  const written = new Map<ResourceId, Digest>(
    (planned.input.desired?.wanted ?? []).map((wanted) => [wanted.id, wanted.digest]),
  )
  return changes
    .filter((change) => change.cause === 'revision' && change.action !== 'adopt' && change.action !== 'move')
    .flatMap((change) => [
      { id: change.id, digest: written.get(change.id) ?? null },
      ...(change.action === 'replace' ? change.frees.map((id) => ({ id, digest: null })) : []),
    ])
}

function join(a: Members, b: Members): Members {
  return [...new Map([...a, ...b].map((member) => [member.id, member])).values()]
}

/** Made by this attempt: what was not ours, or not there, before it. */
const created = (changes: readonly Change[]): readonly ResourceId[] =>
  changes.filter((change) => change.action === 'create' && change.cause === 'revision').map((change) => change.id)

/** Called before each write: from here on, going back might do harm (rules 12, 17). */
export function noteWayBack(change: Change, planned: PlannedApp, context: AppContext): void {
  const message = noWayBack(change, context)
  const state = stateOf(context, planned.app)
  if (message === undefined || !state.attempt || state.attempt.noWayBack !== undefined) return
  context.engine.store.putApp({ ...state, attempt: { ...state.attempt, noWayBack: message } })
}

function noWayBack(change: Change, context: AppContext): string | undefined {
  if (!('to' in change) || change.cause === 'drift') return undefined
  const kind = context.engine.kinds.get(change.to.kind)
  if (kind?.irreversible?.(change.to.spec)) return `${change.id} is irreversible, and it ran`
  if (change.to.handling.rollback === 'hold') return `${change.id} says \`rollback: hold\``
  const image = change.action === 'update' && change.diffs.some((diff) => diff.path.startsWith('/image'))
  return image && change.to.handling.rollback !== 'app' && kind?.hasData?.(change.to.spec)
    ? `${change.id} has a new image and a writable volume: the old program may not read the new data`
    : undefined
}
