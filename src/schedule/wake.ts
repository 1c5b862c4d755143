import type { Clock } from '../model/clock.ts'

/** A sleep that can be ended; being woken while awake is not forgotten. */
export interface Wake {
  now(): void
  within(ms: number): Promise<void>
}

export function createWake(clock: Clock): Wake {
  let pending = false
  let asleep: AbortController | undefined
  return {
    now: () => {
      pending = true
      asleep?.abort()
    },
    within: async (ms) => {
      if (!pending) {
        const sleep = new AbortController()
        asleep = sleep
        await clock.sleep(ms, { signal: sleep.signal }).catch(unlessWoken(sleep.signal))
        asleep = undefined
      }
      pending = false
    },
  }
}

const unlessWoken =
  (signal: AbortSignal) =>
  (error: unknown): void => {
    if (!signal.aborted) throw error
  }
