import { getPointer, withPointer } from '../lib/json-pointer.ts'
import type { Digest } from '../model/digest.ts'
import { InternalError } from '../model/error.ts'
import type { ResourceId } from '../model/id.ts'
import { makeId, partsOf } from '../model/id.ts'
import { isStampless, type Kind, type Kinds, runsOnce } from '../model/kind.ts'
import type { FieldDiff, Observed, Owner } from '../model/live.ts'
import type { Cause, Change, Goal, HeldChange } from '../model/plan.ts'
import type { Recorded, Wanted } from '../model/resource.ts'

export interface DecideInput {
  readonly app: string
  readonly goal: Goal
  readonly kinds: Kinds
  readonly record: ReadonlyMap<ResourceId, Recorded>
  readonly live: ReadonlyMap<ResourceId, Observed>
  /** Why a resource is not as written: an overlay's cause (rule 6). */
  readonly overlays: ReadonlyMap<ResourceId, Cause>
  /** At rest for a budget: what runs of it all the same is stopped for that, and is no drift. */
  readonly halted?: ReadonlySet<ResourceId>
  /** Adoptions that a person asked for on the command line. */
  readonly adopt: ReadonlySet<ResourceId>
  /** What was held back is tried again: a job that failed runs again, for nothing else would make it. */
  readonly again: boolean
}

export type Decision = { readonly change: Change } | { readonly held: HeldChange } | { readonly settled: Change }

export function kindOf(kinds: Kinds, name: string): Kind {
  const kind = kinds.get(name)
  if (!kind) throw new InternalError(`no such kind: ${name}`)
  return kind
}

const unchanged = (to: Wanted, cause: Cause): Decision => ({
  settled: { action: 'unchanged', id: to.id, cause, diffs: [], to },
})

const held = (id: ResourceId, why: HeldChange['why'], message: string, diffs?: readonly FieldDiff[]): Decision => ({
  held: { id, why, message, ...(diffs ? { diffs } : {}) },
})

/** What must happen to one wanted resource. Pure and total: every case has an answer (rules 1, 2). */
export function decide(to: Wanted, input: DecideInput): Decision {
  const observed = input.live.get(to.id) ?? { state: 'unknown', reason: 'it was not observed' }
  if (observed.state === 'unknown') return held(to.id, 'unknown', observed.reason)
  if (observed.state === 'absent') return decideAbsent(to, input)
  const owner = reflected(to, input) ?? ownerBy(observed.owner, input.record.get(to.id), input.kinds)
  if (owner.who === 'other') return held(to.id, 'conflict', `it belongs to the install '${owner.install}'`)
  if (owner.who === 'nobody') return decideForeign(to, observed, input)
  const failed = input.again && runsOnce(kindOf(input.kinds, to.kind), to.spec) && observed.health.status === 'degraded'
  return decideOwned(
    to,
    { live: observed.live, app: owner.app, digest: owner.digest, failed: failed === true, on: observed.on },
    input,
  )
}

/** Whose what brings it there is, is judged there: no plan gets here while that is held (`holdDependents`). */
function reflected(to: Wanted, { kinds, record, app }: DecideInput): (Owner & { readonly who: 'us' }) | undefined {
  if (!kindOf(kinds, to.kind).reflects) return undefined
  const known = record.get(to.id)
  return { who: 'us', app: known?.app ?? app, digest: known?.digest ?? ('' as Digest) }
}

/** What cannot be stamped is ours by the record alone, also before the target's own record says so (rule 8). */
export function ownerBy(owner: Owner, recorded: Recorded | undefined, kinds: Kinds): Owner {
  const byRecord =
    recorded !== undefined &&
    (kinds.get(recorded.kind)?.reflects === true ||
      (recorded.state !== 'intended' && isStampless(kinds.get(recorded.kind), recorded.spec)))
  return byRecord && owner.who !== 'other' ? { who: 'us', app: recorded.app, digest: recorded.digest } : owner
}

function decideAbsent(to: Wanted, input: DecideInput): Decision {
  const from = input.record.get(to.id)
  const known = from?.state === 'owned' && from.digest === to.digest
  // A finished job that somebody removed: running it again is never what drift asks for (rule 3).
  if (known && runsOnce(kindOf(input.kinds, to.kind), to.spec)) return unchanged(to, 'drift')
  if (kindOf(input.kinds, to.kind).found)
    return held(to.id, 'conflict', `there is no such ${to.kind}, and it is not ours to make`)
  const cause = causeOf(to, known, input)
  const old = renamedFrom(to, input)
  if (old) return { change: { action: 'replace', id: to.id, cause, diffs: [], from, to, frees: [old] } }
  if (cause === 'drift' && (to.handling.drift === 'report' || to.handling.drift === 'ignore')) {
    return held(to.id, to.handling.drift === 'ignore' ? 'ignored' : 'reported', 'it was removed by hand')
  }
  return { change: { action: 'create', id: to.id, cause, diffs: [], to } }
}

/** The old name of a declared rename, where it is there and ours (rule 11). */
function renamedFrom(to: Wanted, input: DecideInput): ResourceId | undefined {
  if (to.handling.movedFrom === undefined) return undefined
  const parts = partsOf(to.id)
  const old = makeId({ ...parts, name: to.handling.movedFrom })
  const observed = input.live.get(old)
  return observed?.state === 'present' && observed.owner.who === 'us' && input.record.has(old) ? old : undefined
}

function causeOf(to: Wanted, sameAsRecord: boolean, input: DecideInput): Cause {
  if (input.goal === 'last-good') return 'rollback'
  const overlay = input.overlays.get(to.id)
  if (overlay) return overlay
  return sameAsRecord ? 'drift' : 'revision'
}

/** It exists and carries no stamp of ours: a conflict, unless the document adopts it (rule 10). */
function decideForeign(to: Wanted, observed: Observed & { readonly state: 'present' }, input: DecideInput): Decision {
  const { live, health } = observed
  const { found } = kindOf(input.kinds, to.kind)
  const adopt = found ? 'converge' : to.handling.adopt === 'no' && input.adopt.has(to.id) ? 'stamp' : to.handling.adopt
  if (adopt === 'no') {
    const how = `\`keeper: {adopt: true}\`, or \`apply --adopt ${to.id}\`, takes it over as it is`
    return held(to.id, 'conflict', `it exists and is not ours; ${how}`)
  }
  const wanted = withIgnored(to, live)
  const diffs = kindOf(input.kinds, to.kind).compare(wanted.spec, live)
  const cause = causeOf(to, false, input)
  if (diffs.length === 0 && (health.status === 'progressing' || health.status === 'degraded')) {
    // An update of any field clears a paused or running update (swarm.md 3).
    return held(to.id, 'conflict', `it is adopted when it is at rest; now: ${health.message ?? health.status}`)
  }
  if (diffs.length === 0) return { change: { action: 'adopt', id: to.id, cause, diffs, to: wanted } }
  if (adopt === 'stamp') {
    const fields = diffs.map((diff) => diff.path).join(', ')
    return held(to.id, 'conflict', `adopting would change ${fields}; \`adopt: converge\` allows it`, diffs)
  }
  return (
    dataHeld(to, diffs, { ...input, on: observed.on }) ?? {
      change: changeFor(wanted, { diffs, cause, from: undefined }),
    }
  )
}

function decideOwned(
  to: Wanted,
  owned: {
    readonly live: unknown
    readonly app: string
    readonly digest: string
    readonly failed: boolean
    readonly on?: readonly string[] | undefined
  },
  input: DecideInput,
): Decision {
  const from = input.record.get(to.id)
  const kind = kindOf(input.kinds, to.kind)
  const same = causeOf(to, (from?.state === 'owned' ? from.digest : owned.digest) === to.digest, input)
  const runs = same === 'drift' && input.halted?.has(to.id) === true && !isAtRest(kind, owned.live)
  const cause = runs ? 'budget' : same
  // What is stopped, or woken, for a budget is so whatever is ignored: live's value is what it is to have no longer.
  const wanted = cause === 'budget' ? to : withIgnored(to, owned.live)
  const diffs = kind.compare(wanted.spec, owned.live)
  if (diffs.length === 0 && owned.failed) {
    return { change: { action: 'replace', id: to.id, cause: 'revision', diffs, from, to: wanted, frees: [] } }
  }
  if (diffs.length === 0) {
    if (owned.app === input.app) return unchanged(wanted, cause)
    // Never drift: a revision moved it, and with it the new app has a last good state of its own.
    const moved = input.goal === 'last-good' ? 'rollback' : 'revision'
    const apps = { fromApp: owned.app, toApp: input.app }
    return { change: { action: 'move', id: to.id, cause: moved, diffs, ...apps, to: wanted } }
  }
  // Back to the volume that it had: the way there was let through, and `rollback: app` asks for the way back.
  const blocked =
    (input.goal === 'last-good' ? undefined : dataHeld(to, diffs, { ...input, on: owned.on })) ??
    (cause === 'drift' ? driftHeld(to, diffs) : undefined)
  return blocked ?? { change: changeFor(wanted, { diffs, cause, from }) }
}

/** Nothing of it runs: stopping it would change nothing. */
export function isAtRest(kind: Kind, live: unknown): boolean {
  const resting = kind.suspend(live)
  return resting === undefined || kind.compare(resting, live).length === 0
}

export function changeFor(
  to: Wanted,
  how: { readonly diffs: readonly FieldDiff[]; readonly cause: Cause; readonly from: Recorded | undefined },
): Change {
  const common = { id: to.id, cause: how.cause, diffs: how.diffs, from: how.from, to }
  return how.diffs.some((diff) => diff.effect === 'replace')
    ? { action: 'replace', ...common, frees: [] }
    : { action: 'update', ...common }
}

/** Another or a new volume under an existing mount waits until `moved:` says that this is meant (rule 12). */
function dataHeld(
  to: Wanted,
  diffs: readonly FieldDiff[],
  { kinds, on = [] }: { readonly kinds: Kinds; readonly on?: readonly string[] | undefined },
): Decision | undefined {
  if (to.handling.movedFrom !== undefined) return undefined
  const data = diffs.flatMap((diff) => (diff.data === undefined ? [] : [diff.data]))
  if (data.length === 0) return undefined
  const [place] = kindOf(kinds, to.kind).dataOf?.(to.spec) ?? []
  const where = place?.local === true && on.length > 0 ? ` on ${on.join(', ')}` : ''
  const said = `${place?.who ?? partsOf(to.id).name} would start EMPTY; ${data.join('; ')}${where}`
  const meant = '`keeper: {moved: {from: …}}` says that this is meant'
  const wayOut = place?.stack === undefined ? meant : '`name:` on the volume in the compose file keeps it'
  return held(to.id, 'data', `${said}; ${wayOut}`, diffs)
}

/** Rule 21: `safe` heals what restarts nothing and reports the rest. */
function driftHeld(to: Wanted, diffs: readonly FieldDiff[]): Decision | undefined {
  const policy = to.handling.drift
  if (policy === 'ignore') return held(to.id, 'ignored', 'drift is ignored here', diffs)
  if (policy === 'heal') return undefined
  if (policy === 'report') return held(to.id, 'reported', 'drift: reported, not healed', diffs)
  if (diffs.every((diff) => diff.effect === 'none')) return undefined
  const would = diffs.some((diff) => diff.effect === 'replace') ? 'remove it and create it again' : 'restart it'
  return held(to.id, 'reported', `drift: healing would ${would}; \`drift: heal\` allows that`, diffs)
}

/** `keeper.ignore`: an update sends live's value of these fields, and they never differ. */
function withIgnored(to: Wanted, live: unknown): Wanted {
  if (to.handling.ignore.length === 0) return to
  let spec: unknown = to.spec
  for (const { field } of to.handling.ignore) spec = withPointer(spec, field, getPointer(live, field))
  return { ...to, spec }
}
