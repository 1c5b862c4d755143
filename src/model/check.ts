/** A check, normalised: what to ask, what must come back, how long to insist. */
export interface CheckSpec {
  /** How reports name it: `Check/smoke`, or `hello check 1`. */
  readonly name: string
  readonly probe: Probe
  /** One attempt may take this long. */
  readonly timeoutMs: number
  /** Attempts are repeated until one passes or this has gone by. */
  readonly withinMs: number
  /** Between attempts. */
  readonly everyMs: number
  /** An answer that takes longer is none, though it be right. */
  readonly latencyMs?: number
}

export type Probe =
  | {
      readonly type: 'http'
      readonly url: string
      readonly method: 'GET' | 'HEAD' | 'POST'
      readonly headers: Readonly<Record<string, string>>
      /** Accepted status codes. */
      readonly status: readonly number[]
      /** Response headers that must equal, or match when written `/regex/`. */
      readonly expectHeaders: Readonly<Record<string, string>>
      /** JSON pointer -> value that must stand there. */
      readonly json: Readonly<Record<string, unknown>>
      /** Text that the body must contain. */
      readonly body?: string
      /** `follow` up to 5; otherwise the answer itself is judged. */
      readonly redirect: 'follow' | 'manual'
      /** Name of the Host that it is made from; absent: from here. */
      readonly through?: string
    }
  | { readonly type: 'tcp'; readonly host: string; readonly port: number; readonly through?: string }
  | {
      readonly type: 'promql'
      /** Name of a Prometheus. */
      readonly target: string
      readonly query: string
      /** Whether the query must find something. */
      readonly expect: 'some' | 'none'
    }
  | {
      /** No alert that has all of these labels may be firing. */
      readonly type: 'alerts'
      /** Name of a Prometheus; absent: alerts that were sent to us. */
      readonly target?: string
      readonly none: Readonly<Record<string, string>>
    }
  | {
      /** Runs on a Host, as root; passes on exit code 0. */
      readonly type: 'host-command'
      readonly target: string
      readonly command: readonly string[]
      readonly env: Readonly<Record<string, string>>
    }
  | {
      /** Runs once as a Swarm job; passes on exit code 0. */
      readonly type: 'command'
      readonly target: string
      readonly image: string
      readonly command: readonly string[]
      readonly networks: readonly string[]
      readonly env: Readonly<Record<string, string>>
    }

export interface CheckResult {
  readonly name: string
  readonly ok: boolean
  /** What was got, or why it failed; never longer than a paragraph, never with a secret. */
  readonly message: string
}
