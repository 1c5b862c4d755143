/** One thing after the other, in the order in which they were asked for, whatever becomes of them. */
export interface Turns {
  do<T>(work: () => Promise<T>): Promise<T>
  /** The last thing that was asked for so far. */
  last(): Promise<unknown>
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    do: (work) => {
      const turn = last.then(work)
      last = turn.catch(() => undefined)
      return turn
    },
    last: () => last,
  }
}
