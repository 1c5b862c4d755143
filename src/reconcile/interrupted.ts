import type { AppState, Attempt } from '../model/app-state.ts'
import type { DesiredApp } from '../model/desired.ts'
import type { ResourceId } from '../model/id.ts'
import { type Kinds, runsOnce } from '../model/kind.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import { heldGroups } from '../plan/hold.ts'
import { applyOverlays } from '../plan/overlay.ts'
import type { Collaborators } from './engine.ts'
import { suspendedIn } from './goal.ts'
import type { FleetLive } from './observe.ts'

export interface InterruptedInput {
  readonly engine: Collaborators
  readonly live: FleetLive
  readonly state: AppState
  readonly desired: DesiredApp | undefined
  /** Of this app. */
  readonly record: readonly Recorded[]
  readonly lastGood: readonly Wanted[]
  /** What any app declared in the last good revision. */
  readonly declared: ReadonlySet<ResourceId>
  readonly revision: string
}

/**
 * After the database was lost nobody remembers the attempt that was under way. Its traces are stamps that differ from
 * last good: what carries them was applied and not proven, so it is proven now, or taken back, as if it were remembered.
 */
export function interruptedAttempt(input: InterruptedInput): Attempt | undefined {
  const { engine, state } = input
  const good = goodAsApplied(input)
  const ways = [good, ...haltedOrNot(state).map((other) => goodAsApplied({ ...input, state: other }))]
  const held = new Set(heldGroups(state).flatMap(({ members }) => members.map(({ id, digest }) => `${id} ${digest}`)))
  const desired = new Map((input.desired?.wanted ?? []).map((wanted) => [wanted.id, wanted]))
  const unproven = input.record.filter(
    (entry) =>
      desired.has(entry.id) &&
      !held.has(`${entry.id} ${entry.digest}`) &&
      ways.every((way) => differs(entry, way.get(entry.id), input)),
  )
  // What does not run is as good as it will ever be.
  if (unproven.every((entry) => engine.kinds.get(entry.kind)?.inert)) return undefined
  const changed = unproven.map(({ id }) => ({ id, digest: desired.get(id)?.digest ?? null }))
  const noWayBack = noWayBackOf(unproven, good, engine.kinds)
  return {
    id: engine.newId(),
    revision: state.pin?.revision ?? input.revision,
    at: engine.clock.now().toISOString(),
    cause: 'revision',
    goal: 'desired',
    before: state.lastGood ? 'healthy' : 'new',
    phase: 'applying',
    changed,
    // What stood in another app then, and was never good, is older than the attempt.
    created: changed.flatMap(({ id }) => (good.has(id) || input.declared.has(id) ? [] : [id])),
    wrote: true,
    ...(noWayBack === undefined ? {} : { noWayBack }),
  }
}

/** A budget's halt that was set, or lifted, and not carried out yet: what it is about may stand either way. */
const haltedOrNot = ({ halts, ...state }: AppState): readonly AppState[] =>
  halts ? [state, { ...state, halts: halts.map(({ lifted: _lifted, ...halt }) => halt) }] : []

/** With the overlays that a person asked for: their digests are what the stamps carry. */
function goodAsApplied({ engine, state, lastGood }: InterruptedInput): ReadonlyMap<ResourceId, Wanted> {
  const { wanted } = applyOverlays({
    wanted: lastGood,
    suspended: suspendedIn(state, lastGood, engine.clock.now()),
    restarts: state.restarts,
    record: new Map(),
    kinds: engine.kinds,
  })
  return new Map(wanted.map((resource) => [resource.id, resource]))
}

/** A job's stamp is written once and may be older than its last run: what it ran for tells. */
function differs(entry: Recorded, good: Wanted | undefined, { engine, live }: InterruptedInput): boolean {
  if (!good) return true
  const kind = engine.kinds.get(entry.kind)
  if (!kind || !runsOnce(kind, entry.spec)) return entry.digest !== good.digest
  const observed = live.of.get(entry.id)
  return observed?.state === 'present' && kind.compare(good.spec, observed.live).length > 0
}

function noWayBackOf(
  unproven: readonly Recorded[],
  good: ReadonlyMap<ResourceId, Wanted>,
  kinds: Kinds,
): string | undefined {
  for (const { id, kind: name, spec, handling } of unproven) {
    const kind = kinds.get(name)
    if (kind?.irreversible?.(spec)) return `${id} is irreversible, and it ran`
    if (handling.rollback === 'hold') return `${id} says \`rollback: hold\``
    const before = good.get(id)
    const otherImage = before && kind?.image?.written(before.spec) !== kind?.image?.written(spec)
    if (handling.rollback !== 'app' && otherImage && kind?.hasData?.(spec)) {
      return `${id} has a new image and a writable volume: the old program may not read the new data`
    }
  }
  return undefined
}
