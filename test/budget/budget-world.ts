import { createBudgets } from '../../src/budget/create-budgets.ts'
import type { BudgetEvaluation, Budgets, BudgetsOptions } from '../../src/budget/evaluation.ts'
import { parseAddressEntry } from '../../src/lib/addresses.ts'
import type { Agent } from '../../src/model/agent.ts'
import type { Budget, Halt, SpendSource } from '../../src/model/budget.ts'
import { makeId } from '../../src/model/id.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { Store } from '../../src/model/store.ts'
import type { QueryAnswer } from '../../src/prometheus/answers.ts'
import type { Credential, Settings } from '../../src/settings/settings.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'

export const dollars = (amount: number): number => Math.round(amount * 1_000_000)

export const COUNTER: SpendSource & { readonly type: 'prometheus' } = {
  type: 'prometheus',
  key: 'counter',
  covers: 'llm',
  target: 'main',
  counter: 'cost_usd',
  match: {},
  startsAbsent: false,
  everyMs: 30_000,
}

export const REPORTED: SpendSource = { type: 'reported', key: 'reported', covers: 'gpu' }

export const budget = (fields: Partial<Budget> = {}): Budget => ({
  key: 'shop/daily',
  app: 'shop',
  name: 'daily',
  window: 'day',
  timezone: 'UTC',
  unit: 'cost',
  currency: 'USD',
  limit: dollars(100),
  per: 'global',
  sources: [COUNTER],
  warnAt: [50, 80],
  onExceeded: 'suspend',
  onUnknown: 'hold-new',
  resume: 'next-window',
  origin: { path: 'apps/shop/budget.yaml', line: 1, column: 1 },
  ...fields,
})

export const agent = (name: string, fields: Partial<Agent> = {}): Agent => ({
  key: `shop/${name}`,
  app: 'shop',
  name,
  tools: [],
  policies: [],
  budget: 'shop/daily',
  ids: [makeId({ target: 'main', kind: 'Service', name })],
  origin: { path: 'apps/shop/agent.yaml', line: 1, column: 1 },
  ...fields,
})

export const credential = (of: Partial<Credential> & Pick<Credential, 'type'>): Credential =>
  ({ addresses: [parseAddressEntry('127.0.0.1')], ...of }) as Credential

export const settings = (credentials: Readonly<Record<string, Credential>> = {}): Pick<Settings, 'credentials'> => ({
  credentials: new Map(Object.entries(credentials)),
})

export const token = (value: string): Credential => credential({ type: 'token', token: new Sensitive(value) })

/** One sample: seconds after the beginning of the day, and the value. */
type Sample = readonly [second: number, value: number]

interface FakeSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: Sample[]
  /** From this second on it is stale. */
  endsAt?: number
}

/** Answers the three questions that are asked of counters, from samples that a test writes. */
function fakePrometheus(start: string) {
  const origin = Date.parse(start) / 1_000
  const series = new Map<string, FakeSeries>()
  let down: Error | undefined
  const asked: string[] = []
  const points = ({ samples }: FakeSeries, from: number, to: number) =>
    samples.map(([at, value]) => ({ at: origin + at, value })).filter(({ at }) => at >= from && at <= to)
  const query = async (expression: string, { time = new Date(0) }: { readonly time?: Date }): Promise<QueryAnswer> => {
    asked.push(expression)
    if (down) throw down
    const at = time.getTime() / 1_000
    const all = [...series.values()]
    const instant = (one: FakeSeries, back: number) => points(one, at - back, at).at(-1)
    const vector = (found: readonly FakeSeries[], back: number): QueryAnswer => ({
      type: 'vector',
      warnings: [],
      series: found.flatMap((one) => {
        const point = instant(one, back)
        return point ? [{ labels: one.labels, point: { at, value: point.value } }] : []
      }),
    })
    const range = /\[(\d+)ms\]$/.exec(expression)
    if (range) {
      if (Number(range[1]) > fake.mostMs) throw new Error('the answer is too large')
      const found = all.map((one) => ({ labels: one.labels, points: points(one, at - Number(range[1]) / 1_000, at) }))
      return { type: 'matrix', warnings: [], series: found.filter((one) => one.points.length > 0) }
    }
    if (expression.startsWith('last_over_time')) return vector(all, 86_400)
    return vector(
      all.filter(({ endsAt }) => endsAt === undefined || at < origin + endsAt),
      300,
    )
  }
  const fake = {
    query,
    asked,
    /** A longer range is too much. */
    mostMs: Number.POSITIVE_INFINITY,
    /** Adds samples to the series of these labels. */
    sample(samples: readonly Sample[], labels: Readonly<Record<string, string>> = {}) {
      const key = JSON.stringify(labels)
      const one = series.get(key) ?? { labels: { __name__: 'cost_usd', ...labels }, samples: [] }
      delete one.endsAt
      one.samples.push(...samples)
      series.set(key, one)
    },
    stale(second: number) {
      for (const one of series.values()) one.endsAt = second
    },
    break: (error: Error | undefined) => {
      down = error
    },
  }
  return fake
}

export interface BudgetWorldOptions extends Partial<BudgetsOptions> {
  readonly start?: string
  readonly store?: Store
}

export interface BudgetWorld {
  readonly clock: FakeClock
  readonly store: Store
  readonly prometheus: ReturnType<typeof fakePrometheus>
  readonly budgets: Budgets
  /** Another process on the same database. */
  restart(more?: Partial<BudgetsOptions>): Budgets
  evaluate(
    declared: readonly Budget[],
    more?: { agents?: readonly Agent[]; halts?: readonly Halt[] },
  ): Promise<BudgetEvaluation>
}

export const START = '2026-03-10T00:00:00Z'

/** Budgets over a clock that is turned by hand, and a Prometheus whose samples a test writes. */
export function budgetWorld({ start = START, ...options }: BudgetWorldOptions = {}): BudgetWorld {
  const clock = createFakeClock({ start })
  const store = options.store ?? createMemoryStore()
  const prometheus = fakePrometheus(start)
  const open = (more: Partial<BudgetsOptions> = {}): Budgets =>
    createBudgets({ store, clock, settings: settings(), prometheusFor: () => prometheus, ...options, ...more })
  let budgets = open()
  const signal = new AbortController().signal
  return {
    clock,
    store,
    prometheus,
    get budgets() {
      return budgets
    },
    restart: (more) => {
      budgets = open(more)
      return budgets
    },
    evaluate: (declared, { agents = [agent('writer')], halts = [] } = {}) =>
      budgets.evaluate({ budgets: declared, agents, halts, signal }),
  }
}
