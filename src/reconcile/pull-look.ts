import { type Desired, type DesiredApp, type DesiredTarget, isPlace } from '../model/desired.ts'
import { sameValue } from '../model/digest.ts'
import { InternalError } from '../model/error.ts'
import { partsOf, type ResourceId } from '../model/id.ts'
import type { Observed } from '../model/live.ts'
import type { Revision } from '../model/source.ts'
import type { Target } from '../model/target.ts'
import { adoptedNames, withAdoptedNames } from '../plan/adopted-names.ts'
import type { Collaborators, RunOptions } from './engine.ts'
import { type Look, withPins } from './look.ts'
import type { FleetLive } from './observe.ts'
import { liveOfRecord } from './offline.ts'

export interface PullLookInput {
  /** The newest look of the tracked branch. */
  readonly base: Look
  readonly revision: Revision
  /** What the merge of the head into the tip declares. */
  readonly desired: Desired
  /** Its head is in another repository: nothing that is live is shown to it. */
  readonly fork: boolean
}

export interface PullLook {
  readonly look: Look
  /** New in it, and not looked at: nobody reviewed that we may. */
  readonly unobserved: ReadonlySet<ResourceId>
}

/**
 * What is known of a pull request, which nobody has reviewed yet (architecture, section 4). No target is asked anything:
 * it is judged by what the look of the base saw, of ids that the base declares or that we own, on targets that stand in it
 * as they stand in the base.
 */
export async function lookAtPull(
  { base, revision, desired, fork }: PullLookInput,
  engine: Collaborators,
  options: RunOptions,
): Promise<PullLook> {
  const targets = new Map([...base.targets].map(([name, target]) => [name, sealed(target)]))
  const declared = desired.targets.filter(({ name }) => targets.has(name))
  const pinned = await withPins(engine, desired, options)
  const same = new Set(declared.filter((target) => isSame(target, base.desired)).map(({ name }) => name))
  const wanted = [...pinned.values()].flatMap((app) => app.wanted)
  const seen = fork
    ? { live: liveOfRecord(engine, wanted), unobserved: new Set<ResourceId>() }
    : seenOf(base, pinned, same)
  const input = { live: seen.live.of, record: engine.store.record(), kinds: engine.kinds, adopt: new Set<ResourceId>() }
  const names = adoptedNames({ ...input, apps: pinned })
  const look: Look = {
    ...base,
    revision: revision.commit,
    stale: false,
    astray: undefined,
    // What a fork is told is what the repository says, to everybody.
    ...(fork ? { observeOnly: undefined } : {}),
    // Settings are the base's until they are merged.
    desired: { ...desired, fleet: base.desired.fleet },
    apps: withAdoptedNames(pinned, names, engine.kinds),
    // A target that is new in it counts as declared, and cannot be looked at.
    targets: new Map(desired.targets.filter(isPlace).map(({ name }) => [name, targets.get(name) ?? sealed({ name })])),
    live: seen.live,
    recognised: undefined,
    adopt: new Set(),
    images: new Map(),
  }
  return { look, unobserved: seen.unobserved }
}

/** Another address, user or key under a known name is another target. */
function isSame(target: DesiredTarget, base: Desired): boolean {
  const before = base.targets.find(({ name }) => name === target.name)
  if (before === undefined || before.kind !== target.kind) return false
  return sameValue(connectionOf(before), connectionOf(target))
}

/** Labels only choose it: a pull request that gives a host another one leads nowhere else. */
function connectionOf({ config }: DesiredTarget): unknown {
  const { labels: _labels, ...connection } = config as { readonly labels?: unknown }
  return connection
}

function seenOf(
  base: Look,
  apps: ReadonlyMap<string, DesiredApp>,
  same: ReadonlySet<string>,
): { readonly live: FleetLive; readonly unobserved: ReadonlySet<ResourceId> } {
  const of = new Map<ResourceId, Observed>()
  const unobserved = new Set<ResourceId>()
  const seenOn = (target: string): boolean => same.has(target) || !base.targets.has(target)
  for (const [id, observed] of base.live.of) if (seenOn(partsOf(id).target)) of.set(id, observed)
  for (const { id } of [...apps.values()].flatMap((app) => app.wanted)) {
    if (of.has(id)) continue
    if (same.has(partsOf(id).target)) {
      of.set(id, { state: 'absent' })
      unobserved.add(id)
    } else
      of.set(id, {
        state: 'unknown',
        reason: `its target is new, or another one than in the base: it is not looked at`,
      })
  }
  return { live: { ...base.live, of }, unobserved }
}

/** Only what needs no question: whether a change can work, by what was seen. */
function sealed(target: Pick<Target, 'name'> & Partial<Pick<Target, 'preflight'>>): Target {
  const { name } = target
  const refuse = (): never => {
    throw new InternalError(`the plan of a pull request asked '${name}' something`)
  }
  return {
    name,
    preflight: (changes, live) => target.preflight?.(changes, live) ?? [],
    identity: refuse,
    observe: refuse,
    apply: refuse,
    writeRecord: refuse,
    lease: refuse,
    resolveImage: refuse,
    logs: refuse,
    diagnose: refuse,
    dispose: async () => {},
  }
}
