import type { Clock } from '../model/clock.ts'
import type { Sensitive } from '../model/sensitive.ts'
import { call } from './call.ts'
import { loginOf, readSecretUrl, withoutLogin } from './sink-context.ts'

export interface HeartbeatOptions {
  readonly url: Sensitive
  readonly intervalMs: number
  readonly fetch: typeof fetch
  readonly clock: Clock
  /** When it begins to fail, and, with undefined, when it is heard again: an edge, not every beat. */
  readonly onEdge?: (failure: string | undefined) => void
}

/** Says outside that swarmkeeper itself lives: who hears nothing for a while wakes somebody. */
export interface Heartbeat {
  /** After a tick that went well; at most every interval, and never two at a time. Throws nothing, disturbs nobody. */
  beat(signal: AbortSignal): Promise<void>
}

export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { clock, intervalMs, onEdge = () => {} } = options
  let last: number | undefined
  let beating = false
  let failing = false
  const tell = (failure: string | undefined): void => {
    if (failing === (failure !== undefined)) return
    failing = failure !== undefined
    onEdge(failure)
  }
  return {
    beat: async (signal) => {
      const now = clock.monotonic()
      if (beating || (last !== undefined && now - last < intervalMs)) return
      last = now
      beating = true
      try {
        const failure = await ask(options, signal)
        if (!signal.aborted) tell(failure)
      } catch {
        // A listener that fails is no reason to fail a tick.
      } finally {
        beating = false
      }
    },
  }
}

/** Why it was not heard. */
async function ask({ url, fetch, clock }: HeartbeatOptions, signal: AbortSignal): Promise<string | undefined> {
  const to = readSecretUrl(url.revealText())
  if (!to) return 'its URL is none that begins with https:// or http://'
  const { secrets } = to
  const request = { method: 'GET', url: withoutLogin(to.url), headers: loginOf(to) } as const
  const called = await call(request, { fetch, clock, signal, secrets })
  if ('unanswered' in called) return 'message' in called.unanswered ? called.unanswered.message : 'no answer'
  const { status } = called.answer
  return status >= 200 && status < 300 ? undefined : `HTTP ${status}`
}
