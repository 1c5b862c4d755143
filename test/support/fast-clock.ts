import { createRealClock } from '../../src/lib/real-clock.ts'
import type { Clock } from '../../src/model/clock.ts'

/** Real waiting, shorter by a factor: an hour of a daemon on real systems in a minute. */
export function createFastClock(speed: number): Clock {
  const real = createRealClock()
  const [wall, start] = [real.now().getTime(), real.monotonic()]
  const passed = (): number => (real.monotonic() - start) * speed
  return {
    now: () => new Date(wall + passed()),
    monotonic: () => start + passed(),
    sleep: (ms, options) => real.sleep(ms / speed, options),
  }
}
