// The daemon as a process of its own, with a clock that may be fast, which tells its parent how it is.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createDaemon } from '../../src/daemon.ts'
import { noNotify } from '../../src/schedule/service-notify.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { createFastClock } from '../support/fast-clock.ts'

export interface Measured {
  readonly heapBytes: number
  readonly rssBytes: number
  readonly handles: number
  /** Of the event loop, since the last measurement: milliseconds. */
  readonly lagP99: number
}

const [file = '', speed = '1'] = process.argv.slice(2)
const loaded = loadSettings({ file, env: {} })
if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort(new Error('the soak is over')))

const clock = createFastClock(Number(speed))
const log = createLogger({
  level: 'info',
  clock,
  write: (line) => {
    process.stdout.write(line)
    const { msg, url } = JSON.parse(line) as { readonly msg?: string; readonly url?: string }
    if (msg === 'the daemon runs') process.send?.({ url })
  },
})
const about = { version: '0.0.0', node: process.version }
const daemon = await createDaemon(loaded.settings, { clock, log, fetch, notify: noNotify, ...about }, stop.signal)

const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()
process.on('message', () => {
  const lagP99 = delay.percentile(99) / 1e6
  global.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  const handles = process.getActiveResourcesInfo().length
  process.send?.({ heapBytes: heapUsed, rssBytes: rss, handles, lagP99 } satisfies Measured)
  delay.reset()
})
await daemon.run(stop.signal)
process.disconnect?.()
