import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { Emit } from '../model/events.ts'

/** What is being applied may go on for so long after a stop was asked for; then its waiting ends, too. */
const DRAIN_MS = 30_000
/** A tick that finds nothing to do ends in less, and is not worth a word. */
const QUIET_MS = 200

interface Draining {
  readonly writes: AbortController
  readonly clock: Clock
  readonly emit: Emit
  running(): readonly string[]
}

/** Lets what runs come to its end, and aborts it after a time: what was begun is found again by the next start (rule 14). */
export async function drain(ended: ReadonlySet<Promise<unknown>>, draining: Draining): Promise<void> {
  const { writes, clock, emit, running } = draining
  const all = Promise.allSettled(ended)
  if (await isStillGoing(all, QUIET_MS, clock)) {
    emit({ type: 'loop:draining', apps: running() })
    if (await isStillGoing(all, DRAIN_MS, clock)) emit({ type: 'loop:aborting', apps: running() })
  }
  writes.abort(new ReconcileError('Aborted', { message: 'the daemon is stopping' }))
  await all
}

async function isStillGoing(all: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const waited = new AbortController()
  const late = clock.sleep(ms, { signal: waited.signal }).then(
    () => true,
    () => false,
  )
  const isLate = await Promise.race([all.then(() => false), late])
  waited.abort()
  return isLate
}
