import { setMaxListeners } from 'node:events'

/** A wait that ends with the signal; what is waited for goes on, and `late` gets what then comes of it. */
export function abortable<T>(waited: Promise<T>, signal: AbortSignal, late: (value: T) => void = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(signal.reason)
      waited.then(late, () => {})
    }
    if (signal.aborted) return stop()
    const forget = onAbort(signal, stop)
    waited.then(resolve, reject).finally(forget)
  })
}

/** Returns what takes it back. By hand: `AbortSignal.any` on a long-lived signal leaks in Node 20. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  setMaxListeners(0, signal) // one signal ends the commands of a whole fleet
  signal.addEventListener('abort', act, { once: true })
  return () => signal.removeEventListener('abort', act)
}
