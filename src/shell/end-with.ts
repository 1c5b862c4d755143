import type { Duplex } from 'node:stream'
import { onAbort } from './abortable.ts'

/** A stream that lasts no longer than its signal says. */
export function endWith<T extends Duplex>(stream: T, signal: AbortSignal): T {
  const stop = () => {
    stream.on('error', () => {}) // some streams call it a fault to be ended early
    stream.destroy()
  }
  if (signal.aborted) stop()
  else stream.once('close', onAbort(signal, stop))
  return stream
}
