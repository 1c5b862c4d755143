// npm run soak [-- --minutes 60] [--speed 1] [--most-lag 50]: the daemon on a real Swarm, with merges, pull requests, comments and failures
// all the time. `--speed 60` lets its clock run sixty times as fast. Ends with 1 where memory or handles grow, where the
// event loop lags, or where something that is over is still said to be pending.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startLab } from '../lab/lab.mjs'
import { createFastClock } from '../support/fast-clock.ts'
import { createLiveDaemon } from '../support/live-daemon.ts'
import type { Measured } from './daemon.ts'
import { launchSoaked, type Soaked } from './launch.ts'
import { createLife } from './life.ts'
import { verdictOf } from './verdict.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { minutes: text, speed: text, 'most-lag': text } })
const minutes = Number(values.minutes ?? 60)
const speed = Number(values.speed ?? 1)
/** Milliseconds; with a fast clock as much as ever is done in less time. */
const mostLagMs = Number(values['most-lag'] ?? 50)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const lab = await startLab({ say })
if (lab.missing) throw new Error(`the soak needs a lab: ${lab.missing}`)
const clock = createFastClock(speed)
let soaked: Soaked | undefined
const daemon = await createLiveDaemon(lab, 'soak', {
  clock,
  settings: 'parallelApps: 4',
  launch: async (file) => {
    const logFile = join(tmpdir(), 'swarmkeeper-soak.log')
    soaked = await launchSoaked(file, { speed, logFile })
    say(`log: ${logFile}`)
    return soaked
  },
})
try {
  const life = await createLife(daemon, lab.registry)
  await daemon.start()
  const measured: Measured[] = []
  for (let minute = 1; minute <= minutes; minute += 1) {
    await life.minute(minute)
    await clock.sleep(60_000)
    const one = await soaked?.measure()
    if (!one) break
    measured.push(one)
    const { heapBytes, handles, lagP99 } = one
    say(
      `minute ${minute}: heap ${(heapBytes / 2 ** 20).toFixed(1)} MiB, ${handles} handles, lag p99 ${lagP99.toFixed(1)} ms`,
    )
  }
  const pending = await life.settled()
  const { lines, isFine } = verdictOf(measured, { pending, mostLagMs })
  for (const line of lines) say(line)
  process.exitCode = isFine ? 0 : 1
} finally {
  await daemon.dispose()
  await lab.dispose()
}
