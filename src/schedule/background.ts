import type { Clock } from '../model/clock.ts'
import { messageOf } from '../model/error.ts'
import type { Log } from '../model/log.ts'

/** What runs beside the ticks. One that fails is told of, begins again later, and stops no other. */
export interface Background {
  /** Runs until its signal; if it ends before that, it is begun again after a while. */
  start(name: string, body: (signal: AbortSignal) => Promise<void>): void
  /** At the interval, give or take a tenth of it; the next time is counted from the end of the one before. */
  every(name: string, ms: number, body: (signal: AbortSignal) => Promise<void>): void
  stop(): Promise<void>
}

const AGAIN_MS = 5_000
const JITTER = 0.1

export function createBackground(options: {
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}): Background {
  const { clock, random, log } = options
  const ending = new AbortController()
  const all: Promise<void>[] = []
  const once = async (
    name: string,
    body: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> => {
    try {
      await body(signal)
    } catch (error) {
      if (!signal.aborted) log.error({ error, part: name }, `${name} failed: ${messageOf(error)}`)
    }
  }
  const repeat = async (
    name: string,
    body: (signal: AbortSignal) => Promise<void>,
    ms: () => number,
  ): Promise<void> => {
    // One of its own: with the listeners of all parts, Node takes that of the end for a leak.
    const signal = AbortSignal.any([ending.signal])
    while (!signal.aborted) {
      await once(name, body, signal)
      if (!signal.aborted) await clock.sleep(ms(), { signal }).catch(() => undefined)
    }
  }
  return {
    start: (name, body) => void all.push(repeat(name, body, () => AGAIN_MS)),
    every: (name, ms, body) => void all.push(repeat(name, body, () => ms * (1 + JITTER * (2 * random() - 1)))),
    stop: async () => {
      ending.abort()
      await Promise.all(all)
    },
  }
}
