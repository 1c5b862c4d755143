import type { ResourceId } from '../model/id.ts'
import { partsOf } from '../model/id.ts'
import type { ImagePart, ImagePin, Kinds } from '../model/kind.ts'
import type { LiveState } from '../model/live.ts'
import type { Recorded, Wanted } from '../model/resource.ts'
import type { CallOptions, Target } from '../model/target.ts'
import type { AppGoal } from './goal.ts'

export interface PinInput {
  readonly wanted: readonly Wanted[]
  readonly record: ReadonlyMap<ResourceId, Recorded>
  readonly live: LiveState
  /** While a person's pin is in force, the last good state: what its tags meant is what they mean under the pin. */
  readonly good: ReadonlyMap<ResourceId, Wanted>
  readonly kinds: Kinds
  readonly targets: ReadonlyMap<string, Target>
  /** Look-ups of this tick: target and reference -> what it means. */
  readonly found: Map<string, Promise<ImagePin>>
}

/**
 * Gives every tag its digest (rule 5): carried over from the record while the written reference is the same, live's at
 * adoption, else asked of the registry, so that what is planned is what is applied and nothing rolls out without a commit.
 */
export async function pinImages(
  input: PinInput,
  options: CallOptions & { readonly untrusted?: boolean },
): Promise<readonly Wanted[]> {
  return Promise.all(
    input.wanted.map(async (wanted) => {
      const image = input.kinds.get(wanted.kind)?.image
      const written = image?.written(wanted.spec)
      if (!image || written === undefined || image.pinned(wanted.spec)) return wanted
      const carried = known(wanted, written, { image, input })
      const pin = carried ?? (options.untrusted ? undefined : await lookUp(wanted, written, { input, options }))
      return pin ? { ...wanted, spec: image.pin(wanted.spec, pin) } : wanted
    }),
  )
}

function known(
  wanted: Wanted,
  written: string,
  at: { readonly image: ImagePart<unknown, unknown>; readonly input: PinInput },
): ImagePin | undefined {
  const recorded = at.input.record.get(wanted.id)
  for (const same of [recorded, at.input.good.get(wanted.id)]) {
    if (same?.kind !== wanted.kind || at.image.written(same.spec) !== written) continue
    const pin = at.image.pinned(same.spec)
    if (pin) return pin
  }
  const observed = at.input.live.of.get(wanted.id)
  if (observed?.state !== 'present' || (recorded && recorded.state === 'owned')) return undefined
  return at.image.ofLive(wanted.spec, observed.live)
}

async function lookUp(
  wanted: Wanted,
  written: string,
  at: { readonly input: PinInput; readonly options: CallOptions },
): Promise<ImagePin | undefined> {
  const { target } = partsOf(wanted.id)
  // Not seen: it will be held as unknown, and asking a registry through it would only fail.
  if (at.input.live.of.get(wanted.id)?.state === 'unknown') return undefined
  const key = `${target} ${written}`
  const pending = at.input.found.get(key) ?? at.input.targets.get(target)?.resolveImage(written, at.options)
  if (pending) at.input.found.set(key, pending)
  return pending
}

/**
 * Of a rollback: a tag whose digest is not remembered is never sent, for it may mean something else by now. What runs of
 * the same reference stays what it is; anything else is held for a person.
 */
export function holdUnpinned<T extends Pick<AppGoal, 'wanted' | 'frozen'>>(
  goal: T,
  { live, kinds }: Pick<PinInput, 'live' | 'kinds'>,
): T {
  const frozen = new Map(goal.frozen)
  const wanted = goal.wanted.flatMap((resource) => {
    const image = kinds.get(resource.kind)?.image
    const written = image?.written(resource.spec)
    const observed = live.of.get(resource.id)
    if (!image || written === undefined || image.pinned(resource.spec) || observed?.state === 'unknown') return resource
    const pin = observed?.state === 'present' ? image.ofLive(resource.spec, observed.live) : undefined
    if (pin) return { ...resource, spec: image.pin(resource.spec, pin) }
    const message = `what ${written} meant when it was good is not known any more, and it may have moved: it is not sent`
    frozen.set(resource.id, { id: resource.id, why: 'image', message })
    return []
  })
  return { ...goal, wanted, frozen }
}
