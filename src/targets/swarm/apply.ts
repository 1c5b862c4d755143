import { InternalError, messageOf, ReconcileError } from '../../model/error.ts'
import { partsOf, type ResourceId } from '../../model/id.ts'
import type { Change, Stage } from '../../model/plan.ts'
import type { ApplyOptions } from '../../model/target.ts'
import { EngineError } from './engine-error.ts'
import { createLimit } from './limit.ts'
import { configWriter, secretWriter } from './write-generation.ts'
import { networkWriter } from './write-network.ts'
import { nodeWriter } from './write-node.ts'
import { serviceWriter } from './write-service.ts'
import type { WriteContext, Writer } from './writer.ts'

const AT_ONCE = 8

const WRITERS: ReadonlyMap<string, Writer> = new Map([
  ['Service', serviceWriter],
  ['Job', serviceWriter],
  ['Secret', secretWriter],
  ['Config', configWriter],
  ['Network', networkWriter],
  ['Node', nodeWriter],
])

/** All changes of a stage side by side; a failure is marked and stops only itself. */
export async function applyStage(stage: Stage, applying: ApplyOptions, context: WriteContext): Promise<void> {
  const limit = createLimit(AT_ONCE)
  const outcomes = await Promise.allSettled(
    stage.changes.map((change) => limit(() => perform(change, applying, context))),
  )
  const fault = outcomes.find((outcome) => outcome.status === 'rejected')
  if (fault) throw fault.reason // a fault of ours, or of the journal: what the world does is marked
}

/**
 * The states of a change, each marked at once (rules 14, 24):
 *
 *   not-run --(right to write, not aborted)--> started --accepted--> applied
 *                                              started --refused--> failed
 *                                              started --no answer, or interrupted between two writes--> unknown
 */
async function perform(change: Change, applying: ApplyOptions, context: WriteContext): Promise<void> {
  const { id } = change
  try {
    applying.signal.throwIfAborted()
    await applying.guard()
  } catch (error) {
    applying.mark(id, 'not-run', noteOf(error, applying.signal))
    return
  }
  applying.mark(id, 'started')
  let message: string | undefined
  try {
    message = await effect(change, { ...context, guard: applying.guard })
  } catch (error) {
    if (error instanceof InternalError) throw error
    applying.mark(id, isUnknown(error, applying.signal) ? 'unknown' : 'failed', noteOf(error, applying.signal))
    return
  }
  applying.mark(id, 'applied', message === undefined ? {} : { message })
}

/** Sent, and no answer; or stopped on the way by the signal. */
const isUnknown = (error: unknown, signal: AbortSignal): boolean =>
  error instanceof EngineError ? error.status === 0 && error.sent : signal.aborted

function noteOf(error: unknown, signal: AbortSignal): { readonly reason: string; readonly message: string } {
  if (error instanceof ReconcileError) return { reason: error.reason, message: error.message }
  return { reason: signal.aborted ? 'Aborted' : 'TargetRefused', message: messageOf(error) }
}

interface EffectContext extends WriteContext {
  readonly guard: () => Promise<void>
}

async function effect(change: Change, context: EffectContext): Promise<string | undefined> {
  switch (change.action) {
    case 'create':
      await writerFor(change.id).create(change.to, context)
      return undefined
    case 'update':
      await writerFor(change.id).update(change.to, context)
      return undefined
    case 'replace':
      await replace(change, context)
      return undefined
    case 'adopt':
    case 'move':
      return writerFor(change.id).stamp(change.to, context)
    case 'prune':
      await writerFor(change.id).remove({ id: change.id, untilGone: false }, context)
      return undefined
    case 'unchanged':
      throw new InternalError(`an unchanged resource was applied: ${change.id}`)
  }
}

/** The old one, or what holds the port, is gone before the new one comes: names and ports are taken once (swarm.md 15, 16). */
async function replace(change: Change & { readonly action: 'replace' }, context: EffectContext): Promise<void> {
  for (const id of new Set([change.id, ...change.frees])) {
    const adopted = id === change.id && change.to.handling.adopt === 'converge'
    await writerFor(id).remove({ id, untilGone: true, adopted }, context)
  }
  await context.guard() // waiting took its time
  await writerFor(change.id).create(change.to, context)
}

function writerFor(id: ResourceId): Writer {
  const { kind } = partsOf(id)
  const writer = WRITERS.get(kind)
  if (!writer) throw new InternalError(`a Swarm knows no ${kind}: ${id}`)
  return writer
}
