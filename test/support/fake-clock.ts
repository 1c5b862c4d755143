import type { Clock, WithSignal } from '../../src/model/clock.ts'

export interface FakeClockOptions {
  /** Default 2026-01-01T00:00:00Z. */
  readonly start?: Date | string
  /**
   * Nobody turns the clock: as soon as everything waits, it jumps to the next sleeper. Sleeps that overlap take as
   * long together as the longest of them, and one that is aborted takes no time.
   */
  readonly auto?: boolean
}

export interface FakeClock extends Clock {
  /** Moves time on, waking sleepers in the order of their time, those too that fall asleep on the way. */
  advance(ms: number): Promise<void>
  /** Lets time of day jump (NTP, a person); ages and deadlines do not notice. */
  jump(ms: number): void
  /** How many sleep now. */
  readonly sleeping: number
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** Taken before a test installs vi's timers: the clock's own waiting must stay real. */
const realImmediate = setImmediate
const turn = () => new Promise<void>((resolve) => realImmediate(() => resolve()))

export function createFakeClock(options: FakeClockOptions = {}): FakeClock {
  const line = createTimeline()
  let wall = new Date(options.start ?? '2026-01-01T00:00:00Z').getTime()
  let running = false

  const run = async () => {
    if (running) return
    running = true
    for (await turn(); line.sleepers.size > 0; await turn()) line.toNext(Number.POSITIVE_INFINITY)
    running = false
  }

  return {
    now: () => new Date(wall + line.elapsed()),
    monotonic: line.elapsed,
    get sleeping() {
      return line.sleepers.size
    },
    jump: (ms) => {
      wall += ms
    },
    sleep: (ms, { signal } = {}) => {
      const slept = line.sleep(ms, signal)
      if (options.auto) void run()
      return slept
    },
    advance: async (ms) => {
      const until = line.elapsed() + ms
      await turn()
      while (line.toNext(until)) await turn()
    },
  }
}

function createTimeline() {
  const sleepers = new Set<Sleeper>()
  let elapsed = 0
  return {
    sleepers,
    elapsed: () => elapsed,
    /** To the first sleeper due by `until`, else to `until`; says whether somebody woke. */
    toNext(until: number): boolean {
      const [first] = [...sleepers].sort((a, b) => a.at - b.at)
      const woke = first !== undefined && first.at <= until
      if (woke) elapsed = Math.max(elapsed, first.at)
      else if (Number.isFinite(until)) elapsed = Math.max(elapsed, until)
      if (woke) first.wake()
      return woke
    },
    sleep: (ms: number, signal: WithSignal['signal']) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const leave = () => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', onAbort)
        }
        const onAbort = () => {
          leave()
          reject(signal?.reason)
        }
        const wake = () => {
          leave()
          resolve()
        }
        const sleeper: Sleeper = { at: elapsed + Math.max(ms, 0), wake }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', onAbort, { once: true })
      }),
  }
}
