import type { Clock } from '../model/clock.ts'

/** Of an answer of GitHub, as far as limits go. */
interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly body: unknown
}

/**
 * When GitHub may be asked again. Going on while it limits us may get us banned (docs.github.com, "Rate limits for the
 * REST API"), so that nothing is asked before.
 */
export interface RateLimits {
  /** Milliseconds until it may be asked; 0: now. */
  waitMs(): number
  /** Learns from every answer; says whether it refused because of a limit. */
  note(answer: Answered): boolean
  seen(): { readonly remaining?: number; readonly resetAt?: string }
}

/** Where it does not say how long: at least a minute, then exponentially longer. */
const LEAST_MS = 60_000
const LONGEST_MS = 3_600_000
/** Its clock has whole seconds. */
const MARGIN_MS = 1_000

export function createRateLimits(clock: Clock): RateLimits {
  let until = Number.NEGATIVE_INFINITY
  let silent = 0
  let seen: { readonly remaining?: number; readonly resetAt?: string } = {}
  const hold = (ms: number) => {
    until = Math.max(until, clock.monotonic() + ms)
  }
  return {
    waitMs: () => Math.max(0, until - clock.monotonic()),
    seen: () => seen,
    note: (answer) => {
      const { remaining, resetMs } = primaryOf(answer, clock)
      if (remaining !== undefined)
        seen = { remaining, resetAt: new Date(clock.now().getTime() + resetMs).toISOString() }
      const spent = remaining === 0
      const after = retryAfterMs(answer)
      const limited = isLimited(answer, spent)
      if (after !== undefined && answer.status >= 400) hold(after)
      else if (spent) hold(resetMs + MARGIN_MS)
      else if (limited) hold(Math.min(LEAST_MS * 2 ** silent, LONGEST_MS))
      // Only where nothing was said the next wait is longer than this one.
      if (limited && after === undefined && !spent) silent += 1
      else if (answer.status < 400) silent = 0
      return limited
    },
  }
}

function primaryOf({ headers }: Answered, clock: Clock): { remaining?: number; resetMs: number } {
  const remaining = numberOf(headers['x-ratelimit-remaining'])
  const reset = numberOf(headers['x-ratelimit-reset'])
  if (remaining === undefined || reset === undefined) return { resetMs: 0 }
  // By its own clock, which may not agree with ours.
  const dated = Date.parse(String(headers.date))
  const now = Number.isNaN(dated) ? clock.now().getTime() : dated
  return { remaining, resetMs: Math.min(Math.max(0, reset * 1000 - now), LONGEST_MS) }
}

/** Seconds, or the time itself (RFC 9110, 10.2.3). */
function retryAfterMs({ headers }: Answered): number | undefined {
  const written = headers['retry-after']
  if (written === undefined) return undefined
  const seconds = numberOf(written)
  const ms = seconds === undefined ? Date.parse(String(written)) - Date.parse(String(headers.date)) : seconds * 1000
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** A 403 is also what says that the login may not: there is no code for the secondary limit but these words. */
function isLimited({ status, headers, body }: Answered, spent: boolean): boolean {
  if (status === 429) return true
  if (status !== 403) return false
  return spent || headers['retry-after'] !== undefined || /secondary rate limit|abuse detection/i.test(wordsOf(body))
}

function wordsOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return String(body ?? '').slice(0, 1000)
  return 'message' in body ? String(body.message) : ''
}

function numberOf(written: unknown): number | undefined {
  return /^\d{1,15}$/.test(String(written)) ? Number(written) : undefined
}
