import type { CheckResult, CheckSpec } from '../model/check.ts'
import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/error.ts'
import type { StandingCheck } from '../model/standing.ts'

export interface Asking {
  readonly clock: Clock
  /** One attempt. */
  runCheck(spec: CheckSpec, options: { readonly signal: AbortSignal }): Promise<CheckResult>
}

/** An answer that does not even come so long after its timeout is not waited for: what runs a job takes it away meanwhile. */
const GRACE_MS = 60_000

/** Whatever goes wrong while it is asked is no answer; rejects only with the reason of the signal. */
export async function askOnce(
  { spec }: StandingCheck,
  signal: AbortSignal,
  { runCheck, clock }: Asking,
): Promise<CheckResult> {
  try {
    const once = { ...spec, withinMs: 0 }
    return await cutAfter(spec.timeoutMs + GRACE_MS, { signal, clock }, (cut) => runCheck(once, { signal: cut }))
  } catch (error) {
    signal.throwIfAborted()
    return { name: spec.name, ok: false, message: messageOf(error) }
  }
}

/**
 * Who does not heed the signal holds up neither the others nor the end. Not by `AbortSignal.any`: the signal of a check lives
 * as long as the daemon, and some versions of Node remember each that was made from it.
 */
async function cutAfter<T>(
  ms: number,
  { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock },
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const cut = new AbortController()
  const stop = (): void => cut.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const late = clock.sleep(ms, { signal: cut.signal }).then(() => {
    const error = new Error(`no answer within ${Math.round(ms / 1000)} s`)
    cut.abort(error)
    throw error
  })
  try {
    return await Promise.race([body(cut.signal), late])
  } finally {
    signal.removeEventListener('abort', stop)
    cut.abort()
    await late.catch(() => undefined)
  }
}
