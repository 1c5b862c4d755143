import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { Gauge, type Registry } from 'prom-client'

/** How often the event loop is looked at. What a sample takes beyond this is lag. */
const RESOLUTION_MS = 10

/** What is so of the program itself. */
export function processMeters(
  registry: Registry,
  { version, node }: { readonly version: string; readonly node: string },
): { dispose(): void } {
  const registers = [registry]
  const build = new Gauge({
    name: 'swarmkeeper_build_info',
    help: 'Which swarmkeeper runs; always 1.',
    labelNames: ['version', 'node'],
    registers,
  })
  build.set({ version, node }, 1)
  const startedAt = Date.now() / 1000 - process.uptime()
  gauge(registers, 'process_start_time_seconds', 'When the process started, in seconds since 1970.').set(startedAt)
  gauge(registers, 'process_resident_memory_bytes', 'Memory of the process.', (self) =>
    self.set(process.memoryUsage.rss()),
  )
  gauge(registers, 'swarmkeeper_active_handles', 'Sockets, timers and files that are open.', (self) =>
    self.set(process.getActiveResourcesInfo().length),
  )
  return { dispose: watchLag(registers) }
}

function gauge(registers: Registry[], name: string, help: string, collect?: (self: Gauge) => void): Gauge {
  return new Gauge({ name, help, registers, ...(collect && { collect: collectWith(collect) }) })
}

/** prom-client gives the gauge as `this`. */
function collectWith(collect: (self: Gauge) => void): (this: Gauge) => void {
  return function collectNow(this: Gauge) {
    collect(this)
  }
}

/** Since the last scrape, so that one stall is seen once. */
function watchLag(registers: Registry[]): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  new Gauge({
    name: 'swarmkeeper_event_loop_lag_seconds',
    help: 'How late the event loop was since the last scrape.',
    labelNames: ['quantile'],
    registers,
    collect() {
      for (const quantile of [0.5, 0.99, 1]) {
        const ms = delay.count === 0 ? 0 : delay.percentile(Math.min(quantile * 100, 100)) / 1e6
        this.set({ quantile: String(quantile) }, Math.max(ms - RESOLUTION_MS, 0) / 1000)
      }
      delay.reset()
    },
  })
  return () => void delay.disable()
}
