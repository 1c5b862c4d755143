/** Runs what it is given, at most so many at once, in the order of asking. */
export type Limit = <T>(body: () => Promise<T>) => Promise<T>

export function createLimit(most: number): Limit {
  const waiting: (() => void)[] = []
  let running = 0
  const begin = async (): Promise<void> => {
    if (running < most) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve)) // takes over the place of the one that ends
  }
  const end = (): void => {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
  return async (body) => {
    await begin()
    try {
      return await body()
    } finally {
      end()
    }
  }
}
