import type { Clock } from '../model/clock.ts'

/** What systemd is told of a service of `Type=notify` (sd_notify(3)). */
export interface ServiceNotify {
  /** The HTTP surface answers and the database is open. */
  ready(): Promise<void>
  status(text: string): Promise<void>
  stopping(): Promise<void>
  /** Until it is aborted: the watchdog is fed while `isAlive` holds. */
  watch(isAlive: () => boolean, signal: AbortSignal): Promise<void>
}

export interface NotifyOptions {
  readonly clock: Clock
  /** WATCHDOG_USEC of the environment, in milliseconds; absent: nobody waits for it. */
  readonly watchdogMs?: number
  /** Sends lines like `READY=1`; Node has no datagrams over unix sockets, so `systemd-notify` does. */
  send(lines: readonly string[]): Promise<void>
}

/** sd_watchdog_enabled(3) recommends to send at half of the time. */
const SHARE = 0.5

export function createServiceNotify({ clock, watchdogMs, send }: NotifyOptions): ServiceNotify {
  return {
    ready: () => send(['READY=1']),
    status: (text) => send([`STATUS=${text}`]),
    stopping: () => send(['STOPPING=1']),
    watch: async (isAlive, signal) => {
      if (watchdogMs === undefined) return
      while (!signal.aborted) {
        if (isAlive()) await send(['WATCHDOG=1'])
        await clock.sleep(watchdogMs * SHARE, { signal }).catch(() => undefined)
      }
    },
  }
}

/** Outside of systemd. */
export const noNotify: ServiceNotify = {
  ready: async () => {},
  status: async () => {},
  stopping: async () => {},
  watch: async () => {},
}
