import type { WireLabels } from '../../kinds/labels.ts'
import type { Clock } from '../../model/clock.ts'
import { ReconcileError } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Owner } from '../../model/live.ts'
import type { Recorded, Wanted } from '../../model/resource.ts'
import type { Sensitive } from '../../model/sensitive.ts'
import type { Connection } from './connection.ts'
import type { Seen } from './seen.ts'

/** What the writers of all kinds work with. */
export interface WriteContext {
  readonly install: string
  readonly connection: Connection
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly seen: Seen
  reveal(secret: string): Promise<Sensitive>
  /** `X-Registry-Auth` for an image. */
  authFor(image: string): string | undefined
  /** Whose is it, by its stamp or our record. */
  ownerOf(id: ResourceId, labels: WireLabels): Owner
}

/**
 * How a kind is written. Each resolves when the engine has accepted it; each throws `ReconcileError`.
 * A result with a text is a note for the report.
 */
export interface Writer {
  create(to: Wanted, context: WriteContext): Promise<void>
  update(to: Wanted, context: WriteContext): Promise<void>
  /** Writes the stamp and nothing else; what is not at rest, or carries no stamp, is left as it is (rules 10, 11). */
  stamp(to: Wanted, context: WriteContext): Promise<string | undefined>
  /** Removes what is ours; what is not there is removed. */
  remove(from: Removed, context: WriteContext): Promise<void>
}

export interface Removed extends Pick<Recorded, 'id'> {
  /** Wait until nothing of it is left: what comes next takes its name, its port or its volume. */
  readonly untilGone: boolean
  /** It is nobody's, and the document takes it over whatever that changes (`adopt: converge`). */
  readonly adopted?: boolean
}

export const nameOf = ({ id }: { readonly id: ResourceId }): string => partsOf(id).name

export function conflict(id: ResourceId, message: string): ReconcileError {
  return new ReconcileError('Conflict', {
    message: `${id}: ${message}`,
    todo: '`keeper: {adopt: true}` takes over what exists as it is',
  })
}

export function changedMeanwhile(id: ResourceId, message: string): ReconcileError {
  return new ReconcileError('VersionConflict', {
    message: `${id}: ${message}`,
    todo: 'nothing: it is observed and planned again',
    retryable: true,
  })
}

/** What is another install's is never touched, whatever the plan says. */
export function refuseForeign(id: ResourceId, owner: Owner): void {
  if (owner.who === 'other') throw conflict(id, `it belongs to the install '${owner.install}'`)
}

/** A removal needs a mark of ours. */
export function requireOurs({ id, adopted }: Pick<Removed, 'id' | 'adopted'>, owner: Owner): void {
  refuseForeign(id, owner)
  if (owner.who !== 'us' && !adopted) throw conflict(id, 'it carries no mark of ours any more, so it is not removed')
}
