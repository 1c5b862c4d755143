import type { Clock } from '../model/clock.ts'

/** A wait that ends at its time, when somebody ends it, or with the signal; and says nothing about which. */
export interface Rest {
  /** Monotonic milliseconds; without, until it is ended. */
  until(time: number | undefined, signal: AbortSignal): Promise<void>
  end(): void
}

export function createRest(clock: Clock): Rest {
  let ending = new AbortController()
  return {
    end: () => ending.abort(),
    until: async (time, signal) => {
      ending = new AbortController()
      const { end, ended } = endedBy(ending)
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
      const sleep = time === undefined ? ended : clock.sleep(time - clock.monotonic(), { signal: ending.signal })
      await sleep.catch(() => {})
      signal.removeEventListener('abort', end)
    },
  }
}

function endedBy(ending: AbortController): { end: () => void; ended: Promise<void> } {
  const ended = new Promise<void>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  return { end: () => ending.abort(), ended }
}
