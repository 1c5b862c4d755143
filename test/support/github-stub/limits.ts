import type { Clock } from '../../../src/model/clock.ts'

/** GitHub's limits, which its description does not know (docs.github.com, "Rate limits for the REST API"). */
export interface LimitFigures {
  /** Requests within an hour. */
  readonly primary: number
  /** Within a minute: a read costs 1, a write 5. */
  readonly points: number
  readonly creationsPerMinute: number
  readonly creationsPerHour: number
}

export const GITHUB_LIMITS: LimitFigures = {
  primary: 5000,
  points: 900,
  creationsPerMinute: 80,
  creationsPerHour: 500,
}

export interface Verdict {
  /** On every answer. */
  readonly headers: Readonly<Record<string, string>>
  readonly limited?: { readonly retryAfter?: number; readonly message: string; readonly about: string }
}

export interface Limits {
  /** A request that comes in. */
  take(write: boolean): Verdict
  /** The last request was answered 304: it costs nothing of the primary limit. Gives the headers of that. */
  giveBack(): Verdict['headers']
  /** From now on, as if the limit had been passed; undefined: without saying how long. */
  refuse(kind: 'primary' | 'secondary', seconds: number | undefined): Verdict
  /** How often it said no. */
  readonly refusals: number
  /** Requests that came although GitHub had said to wait. */
  readonly ignored: number
}

const SECONDARY =
  'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits'
const PRIMARY = 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-primary-rate-limits'

export function createLimits(clock: Clock, figures: LimitFigures): Limits {
  const points = createSpan(clock, 60_000)
  const minute = createSpan(clock, 60_000)
  const hour = createSpan(clock, 3_600_000)
  let period = { start: clock.monotonic(), used: 0 }
  let blockedUntil = Number.NEGATIVE_INFINITY
  let refusals = 0
  let ignored = 0

  const resetInMs = () => period.start + 3_600_000 - clock.monotonic()
  const headers = () => ({
    'x-ratelimit-limit': String(figures.primary),
    'x-ratelimit-remaining': String(Math.max(0, figures.primary - period.used)),
    'x-ratelimit-used': String(period.used),
    'x-ratelimit-reset': String(Math.ceil((clock.now().getTime() + resetInMs()) / 1000)),
    'x-ratelimit-resource': 'core',
  })
  const secondary = (seconds: number | undefined): Verdict => {
    refusals += 1
    blockedUntil = clock.monotonic() + (seconds ?? 60) * 1000
    const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
    return { headers: headers(), limited: { message, about: SECONDARY, ...(seconds && { retryAfter: seconds }) } }
  }
  const primary = (): Verdict => {
    refusals += 1
    blockedUntil = period.start + 3_600_000
    period.used = figures.primary
    return { headers: headers(), limited: { message: 'API rate limit exceeded for user ID 1.', about: PRIMARY } }
  }

  return {
    take: (write) => {
      if (clock.monotonic() < blockedUntil) ignored += 1
      if (resetInMs() <= 0) period = { start: clock.monotonic(), used: 0 }
      if (period.used >= figures.primary) return primary()
      period.used += 1
      points.add(write ? 5 : 1)
      if (write) minute.add(1)
      if (write) hour.add(1)
      if (points.sum() > figures.points || minute.sum() > figures.creationsPerMinute) return secondary(60)
      if (hour.sum() > figures.creationsPerHour) return secondary(600)
      return { headers: headers() }
    },
    giveBack: () => {
      period.used -= 1
      return headers()
    },
    refuse: (kind, seconds) => (kind === 'primary' ? primary() : secondary(seconds)),
    get refusals() {
      return refusals
    },
    get ignored() {
      return ignored
    },
  }
}

function createSpan(clock: Clock, ms: number) {
  let taken: { readonly at: number; readonly cost: number }[] = []
  return {
    add: (cost: number) => void taken.push({ at: clock.monotonic(), cost }),
    sum: () => {
      taken = taken.filter((one) => one.at > clock.monotonic() - ms)
      return taken.reduce((sum, one) => sum + one.cost, 0)
    },
  }
}
