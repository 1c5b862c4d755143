/** What one client may cost (SEC-14). Tests choose smaller ones. */
export interface ApiLimits {
  readonly bodyBytes: number
  /** From the first byte of a connection to the end of the headers, and to the end of the body. */
  readonly headersMs: number
  readonly requestMs: number
  readonly connections: number
  /** No byte came or went for so long, and nobody waits for an act. */
  readonly silentMs: number
  /** How long a stop waits for those who do not take their answers. */
  readonly closeMs: number
  /** Per token and minute. */
  readonly readsPerMinute: number
  readonly writesPerMinute: number
  /** Of what was spent: a program tells it after each of its calls. */
  readonly reportsPerMinute: number
  /** Wrong or missing tokens, per source address and minute. */
  readonly failuresPerMinute: number
  /** Of event streams: clients at once, bytes that one may lag behind, time between signs of life. */
  readonly streams: number
  readonly streamLagBytes: number
  readonly streamBeatMs: number
}

export const DEFAULT_LIMITS: ApiLimits = {
  bodyBytes: 64 * 1024,
  headersMs: 10_000,
  requestMs: 30_000,
  connections: 512,
  silentMs: 200_000,
  closeMs: 5_000,
  readsPerMinute: 600,
  writesPerMinute: 60,
  reportsPerMinute: 3_000,
  failuresPerMinute: 30,
  streams: 32,
  streamLagBytes: 1024 * 1024,
  streamBeatMs: 15_000,
}
