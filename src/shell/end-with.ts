import type { Duplex } from 'node:stream'

/** A stream that lasts no longer than its signal says. */
export function endWith<T extends Duplex>(stream: T, signal: AbortSignal): T {
  const stop = () => {
    stream.on('error', () => {}) // some streams call it a fault to be ended early
    stream.destroy()
  }
  stream.once('close', () => signal.removeEventListener('abort', stop))
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return stream
}
