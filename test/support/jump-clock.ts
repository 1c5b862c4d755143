import { createRealClock } from '../../src/lib/real-clock.ts'
import type { Clock } from '../../src/model/clock.ts'

/** Real time on whose wall hours pass at once, where a test says so; waiting takes what it takes. */
export interface JumpClock extends Clock {
  jump(ms: number): void
  /** A moment of this clock in real time; one that was jumped over is that of the jump. Milliseconds. */
  toReal(ms: number): number
  fromReal(ms: number): number
}

export function createJumpClock(): JumpClock {
  const real = createRealClock()
  /** Each from a real moment on, by so many milliseconds ahead of it. */
  const jumps: { readonly from: number; readonly ahead: number }[] = []
  const aheadAt = (ms: number): number => jumps.findLast(({ from }) => from <= ms)?.ahead ?? 0
  const toReal = (ms: number): number => {
    const after = jumps.findLast(({ from, ahead }) => from + ahead <= ms)
    const next = jumps[after ? jumps.indexOf(after) + 1 : 0]
    return Math.min(ms - (after?.ahead ?? 0), next?.from ?? Number.POSITIVE_INFINITY)
  }
  return {
    now: () => new Date(real.now().getTime() + aheadAt(real.now().getTime())),
    monotonic: real.monotonic,
    sleep: real.sleep,
    jump: (ms) => {
      const from = real.now().getTime()
      jumps.push({ from, ahead: aheadAt(from) + ms })
    },
    toReal,
    fromReal: (ms) => ms + aheadAt(ms),
  }
}
