import type { Clock } from '../model/clock.ts'
import { ReconcileError } from '../model/error.ts'
import type { Emit } from '../model/events.ts'

/** What is being applied may go on for so long after a stop was asked for; then its waiting ends, too. */
const DRAIN_MS = 30_000

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
  if (ended.size > 0) emit({ type: 'loop:draining', apps: running() })
  const waited = new AbortController()
  const late = clock.sleep(DRAIN_MS, waited).then(
    () => true,
    () => false,
  )
  const isLate = await Promise.race([late, all.then(() => false)])
  waited.abort()
  if (isLate) emit({ type: 'loop:aborting', apps: running() })
  writes.abort(new ReconcileError('Aborted', { message: 'the daemon is stopping' }))
  await all
}
