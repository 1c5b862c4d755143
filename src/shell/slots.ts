import type { CallOptions } from '../model/target.ts'
import { onAbort } from './abortable.ts'

/** So many at a time; the others wait in the order in which they came. */
export interface Slots {
  /** Resolves to what gives the place back; calling that again does nothing. Rejects with the signal's reason. */
  take(options: CallOptions): Promise<() => void>
}

export function createSlots(count: number): Slots {
  const waiting = new Set<() => void>()
  let free = count
  const give = () => {
    const [next] = waiting
    if (next === undefined) free += 1
    else next()
  }
  const once = () => {
    let given = false
    return () => {
      if (!given) give()
      given = true
    }
  }
  return {
    async take({ signal }) {
      signal.throwIfAborted()
      if (free > 0) {
        free -= 1
        return once()
      }
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.delete(enter)
          forget()
        }
        const enter = () => {
          leave()
          resolve(once())
        }
        const forget = onAbort(signal, () => {
          leave()
          reject(signal.reason)
        })
        waiting.add(enter)
      })
    },
  }
}
