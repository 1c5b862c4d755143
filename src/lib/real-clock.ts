import type { Clock, WithSignal } from '../model/clock.ts'

/** The longest wait of one timer: Node fires at once for more than 2^31-1 ms. */
const LONGEST_TIMER_MS = 2_147_483_647

export function createRealClock(): Clock {
  return { now: () => new Date(), monotonic: () => performance.now(), sleep }
}

/** Not `node:timers/promises`: that rejects with an AbortError of its own instead of the signal's reason. */
function sleep(ms: number, { signal }: WithSignal = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const until = performance.now() + ms
    let timer: NodeJS.Timeout | undefined
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const wait = () => {
      const left = until - performance.now()
      timer = setTimeout(left > LONGEST_TIMER_MS ? wait : wake, Math.min(Math.max(left, 0), LONGEST_TIMER_MS))
    }
    const wake = () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    wait()
  })
}
