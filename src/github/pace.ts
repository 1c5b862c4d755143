import type { Clock } from '../model/clock.ts'

/** So much within any such span of time. */
export interface Span {
  readonly ms: number
  readonly most: number
}

/** Keeps us below limits instead of running into them. In memory alone: what a restart forgets GitHub still knows. */
export interface Pace {
  /** Milliseconds until this much more may be spent; 0: now. */
  waitMs(cost: number): number
  spend(cost: number): void
}

interface Spent {
  readonly at: number
  readonly cost: number
}

export function createPace(clock: Clock, spans: readonly Span[]): Pace {
  const longest = Math.max(...spans.map((span) => span.ms))
  let spent: readonly Spent[] = []
  return {
    waitMs: (cost) => Math.max(0, ...spans.map((span) => freeAt(spent, span, { cost, now: clock.monotonic() }))),
    spend: (cost) => {
      const now = clock.monotonic()
      spent = [...spent.filter((one) => one.at > now - longest), { at: now, cost }]
    },
  }
}

/** How long until enough of what was spent is older than the span. */
function freeAt(spent: readonly Spent[], span: Span, { cost, now }: { cost: number; now: number }): number {
  const counted = spent.filter((one) => one.at > now - span.ms)
  let sum = counted.reduce((all, one) => all + one.cost, 0)
  for (const one of counted) {
    if (sum + cost <= span.most) return 0
    sum -= one.cost
    if (sum + cost <= span.most) return one.at + span.ms - now
  }
  return 0
}
