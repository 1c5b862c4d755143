/** So many at one time; who comes later waits, in order. */
export interface Turns {
  /** Rejects with the reason of the signal, where that comes first. */
  within<T>(signal: AbortSignal, body: () => Promise<T>): Promise<T>
}

export function createTurns(atOnce: number): Turns {
  let free = atOnce
  const waiting: (() => void)[] = []
  const take = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const leave = (): void => {
        waiting.splice(waiting.indexOf(begin), 1)
        reject(signal.reason)
      }
      const begin = (): void => {
        signal.removeEventListener('abort', leave)
        free -= 1
        resolve()
      }
      if (free > 0) return begin()
      waiting.push(begin)
      signal.addEventListener('abort', leave, { once: true })
    })
  return {
    within: async (signal, body) => {
      await take(signal)
      try {
        return await body()
      } finally {
        free += 1
        waiting.shift()?.()
      }
    },
  }
}
