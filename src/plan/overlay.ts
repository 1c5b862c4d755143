import { type Digest, digestOf, sameValue } from '../model/digest.ts'
import type { ResourceId } from '../model/id.ts'
import type { Kinds } from '../model/kind.ts'
import type { Cause } from '../model/plan.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import { kindOf } from './decide.ts'

export interface OverlayInput {
  readonly wanted: readonly Wanted[]
  /** Ids that stand at rest for now, and why. */
  readonly suspended: ReadonlyMap<ResourceId, Cause>
  /** Ids that stood at rest for a budget, and are to run again: what wakes them has that cause. */
  readonly lifted?: ReadonlySet<ResourceId>
  /** Restarts and job runs that a person asked for: id -> token. */
  readonly restarts: Readonly<Record<string, string>>
  readonly record: ReadonlyMap<ResourceId, Recorded>
  readonly kinds: Kinds
}

export interface Overlaid {
  readonly wanted: readonly Wanted[]
  readonly overlays: ReadonlyMap<ResourceId, Cause>
}

/**
 * Transforms desired before the plan (rule 6). The digest changes with the overlay, so that setting and lifting it are
 * both seen as intended, and both carry the overlay's cause.
 */
export function applyOverlays(input: OverlayInput): Overlaid {
  const overlays = new Map<ResourceId, Cause>()
  const wanted = input.wanted.map((resource) => {
    const restarted = withRestart(resource, input)
    const rested = withRest(restarted, input)
    const recorded = input.record.get(resource.id)
    const before = {
      base: resource.digest,
      restarted: restarted.digest,
      suspended: input.suspended.get(resource.id),
      wakes: input.lifted?.has(resource.id) ? ('budget' as const) : ('operator' as const),
    }
    const cause = recorded && (causeOf(rested, recorded, before) ?? newToken(rested, recorded, input))
    if (cause) overlays.set(resource.id, cause)
    return rested
  })
  return { wanted, overlays }
}

export const atRest = (digest: Digest): Digest => digestOf({ suspended: digest })

function withRest(resource: Wanted, input: OverlayInput): Wanted {
  if (!resource.handling.suspend && !input.suspended.has(resource.id)) return resource
  const spec = kindOf(input.kinds, resource.kind).suspend(resource.spec)
  return spec === undefined ? resource : { ...resource, spec, digest: atRest(resource.digest) }
}

function withRestart(resource: Wanted, input: OverlayInput): Wanted {
  const token = input.restarts[resource.id]
  const trigger = kindOf(input.kinds, resource.kind).trigger
  if (token === undefined || !trigger) return resource
  // Without the token, so that the next restart is seen for what it is: the same thing, and another token.
  return { ...resource, spec: trigger(resource.spec, TRIGGER, token), digest: digestOf({ restarted: resource.digest }) }
}

const TRIGGER = 'operator'

/** The record is of the same thing, started with another token: somebody asked again. */
function newToken(resource: Wanted, recorded: Recorded, input: OverlayInput): Cause | undefined {
  const token = input.restarts[resource.id]
  const trigger = kindOf(input.kinds, resource.kind).trigger
  if (token === undefined || !trigger || recorded.digest !== resource.digest) return undefined
  return sameValue(trigger(recorded.spec, TRIGGER, token), recorded.spec) ? undefined : 'operator'
}

/** An overlay is the cause when it is being set, or when the record shows that it was set and it is now lifted. */
function causeOf(
  resource: Wanted,
  recorded: Recorded,
  before: {
    readonly base: Digest
    readonly restarted: Digest
    readonly suspended: Cause | undefined
    readonly wakes: Cause
  },
): Cause | undefined {
  if (recorded.digest === resource.digest) return undefined
  const asWritten = recorded.digest === before.base || recorded.digest === before.restarted
  if (asWritten && before.suspended) return before.suspended
  if (recorded.digest === atRest(before.restarted)) return recorded.handling.suspend ? undefined : before.wakes
  return recorded.digest === before.base && !resource.handling.suspend ? 'operator' : undefined
}
