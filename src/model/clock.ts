export interface WithSignal {
  readonly signal?: AbortSignal
}

/** Time is an argument: tests turn it by hand. */
export interface Clock {
  now(): Date
  /** Milliseconds that never go back, for ages and deadlines. */
  monotonic(): number
  /** Rejects with the signal's reason when it is aborted. */
  sleep(ms: number, options?: WithSignal): Promise<void>
}
