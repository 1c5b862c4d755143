import type { WireLabels } from '../../kinds/labels.ts'
import type { Digest } from '../../model/digest.ts'
import type { ResourceId } from '../../model/id.ts'
import type { Owner } from '../../model/live.ts'
import type { Wanted } from '../../model/resource.ts'
import type { TargetRecord } from '../../model/target.ts'

/**
 * The mark of ownership (glossary: stamp): labels of the object itself, of services never of their containers, whose
 * change would restart them (swarm.md 10).
 */
const INSTALL = 'swarmkeeper.install'
const APP = 'swarmkeeper.app'
const DIGEST = 'swarmkeeper.digest'
/** Marks what is ours and only for a moment: services that run a check. */
export const TEMPORARY = 'swarmkeeper.temporary'

/** Marks runs of agents: ours, and no resources. */
export const RUN = 'swarmkeeper.agent-run'

export type Stamp = Readonly<Record<string, string>>

export function stampOf(install: string, wanted: Pick<Wanted, 'app' | 'digest'>): Stamp {
  return { [INSTALL]: install, [APP]: wanted.app, [DIGEST]: wanted.digest }
}

export const temporaryStamp = (install: string): Stamp => ({ [TEMPORARY]: install })

export const isStampedBy = (install: string, labels: WireLabels): boolean => labels?.[INSTALL] === install

export function withoutStamp(labels: WireLabels): Record<string, string> {
  const { [INSTALL]: _install, [APP]: _app, [DIGEST]: _digest, ...rest } = labels ?? {}
  return rest
}

export interface OwnerInput {
  readonly id: ResourceId
  readonly labels: WireLabels
  /** Labels of this kind are written once: the target's record, where it knows the object, is the newer word (rule 8). */
  readonly stampless: boolean
}

export function ownerOf(
  { id, labels, stampless }: OwnerInput,
  install: string,
  record: TargetRecord | undefined,
): Owner {
  const stamp = labels?.[INSTALL]
  if (stamp !== undefined && stamp !== install) return { who: 'other', install: stamp }
  const recorded = record?.unstamped[id]
  const stamped =
    stamp === undefined ? undefined : { app: labels?.[APP] ?? '', digest: (labels?.[DIGEST] ?? '') as Digest }
  const known = stampless ? (recorded ?? stamped) : (stamped ?? recorded)
  return known ? { who: 'us', app: known.app, digest: known.digest } : { who: 'nobody' }
}
