import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createBudgets } from '../../src/budget/create-budgets.ts'
import type { BudgetEvaluation, Budgets } from '../../src/budget/evaluation.ts'
import { parseAddressEntry } from '../../src/lib/addresses.ts'
import type { Agent } from '../../src/model/agent.ts'
import type { Budget, BudgetState, SpendSource } from '../../src/model/budget.ts'
import type { Clock } from '../../src/model/clock.ts'
import { createPrometheus } from '../../src/prometheus/prometheus.ts'
import { createSqliteStore, type SqliteStore } from '../../src/store/sqlite.ts'
import { agent, budget, dollars, settings, token } from '../budget/budget-world.ts'
import { type Prometheus, prometheusPossible, startPrometheus } from '../lab/prometheus.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { ANTHROPIC_KEY, type CostStub, OPENAI_KEY, startCostStub } from '../support/cost-stub.ts'

type Labels = Readonly<Record<string, string>>

/** What agents export: counters that a test sets, scraped each second. */
async function startExporter() {
  const values = new Map<string, number>()
  let isDown = false
  const server = createServer((_request, response) => {
    if (isDown) return void response.writeHead(503).end()
    const lines = [...values].map(([series, value]) => `${series} ${value}\n`)
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(lines.join(''))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (series: string, value: number) => void values.set(series, value),
    down: (is: boolean) => {
      isDown = is
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** Time as it is, and as much later as a test says. */
function createShiftedClock() {
  let shift = 0
  const clock: Clock = {
    now: () => new Date(Date.now() + shift),
    monotonic: () => performance.now() + shift,
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
  }
  const later = (ms: number): void => {
    shift += ms
  }
  const now = (): void => {
    shift = 0
  }
  return { clock, later, now }
}

const signal = new AbortController().signal

describe.skipIf(!prometheusPossible())('budgets over a real Prometheus', () => {
  const directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-budgets-'))
  const time = createShiftedClock()
  let prometheus: Prometheus
  let exporter: Awaited<ReturnType<typeof startExporter>>
  let costs: CostStub
  let store: SqliteStore
  let budgets: Budgets
  let names = 0

  /** As the daemon does at its start. */
  const open = async (): Promise<void> => {
    store = await createSqliteStore({ path: join(directory, 'state.db'), clock: time.clock, lockWaitMs: 0 })
    const client = createPrometheus({ name: 'main', url: prometheus.url, allowed: [parseAddressEntry('127.0.0.1')] })
    budgets = createBudgets({
      ...{ store, clock: time.clock, prometheusFor: () => client },
      settings: settings({ anthropic: token(ANTHROPIC_KEY), openai: token(OPENAI_KEY) }),
    })
  }

  beforeAll(async () => {
    exporter = await startExporter()
    prometheus = await startPrometheus({ scrape: [exporter.address], every: '1s' })
    costs = await startCostStub(new Date().toISOString().slice(0, 10))
    await open()
  })
  afterEach(() => {
    time.now()
    exporter.down(false)
  })
  afterAll(async () => {
    store?.close()
    await prometheus?.dispose()
    await exporter?.close()
    await costs?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Each test has a counter and a budget of its own. */
  function counter(
    fields: Partial<Budget> = {},
    source: { readonly by?: string; readonly startsAbsent?: boolean } = {},
  ) {
    names += 1
    const name = `agent_cost_usd_${names}`
    const counted: SpendSource = {
      ...{ type: 'prometheus', key: name, covers: 'llm', target: 'main', counter: name, match: {} },
      ...{ startsAbsent: false, everyMs: 1, ...source },
    }
    const key = `shop/budget-${names}`
    // A day that ends within the test would be another test.
    const declared = budget({ key, name: `budget-${names}`, window: 'month', sources: [counted], ...fields })
    const agents: readonly Agent[] = [agent('writer', { budget: key })]
    const evaluate = (sources = declared.sources): Promise<BudgetEvaluation> =>
      budgets.evaluate({ budgets: [{ ...declared, sources }], agents, signal })
    const state = async (sources?: readonly SpendSource[]): Promise<BudgetState> => {
      const [found] = (await evaluate(sources)).states
      if (!found) throw new Error('no state')
      return found
    }
    return {
      ...{ counted, evaluate, state, key },
      /** Exports this, and waits until Prometheus has it. */
      async set(value: number, labels: Labels = {}): Promise<void> {
        const matchers = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
        const series = `${name}{${matchers.join(',')}}`
        exporter.set(series, value)
        await waitUntil(`${series} ${value}`, async () => {
          const [found] = await prometheus.query(series)
          return Number(found?.value[1]) === value
        })
      },
      spent: async (): Promise<number> => (await state()).spent,
    }
  }

  it('count the first sample of a new series in full, and what it rises by', async () => {
    const llm = counter()
    await llm.set(2.5)
    expect(await llm.spent()).toBe(dollars(2.5))
    await llm.set(4)
    expect(await llm.spent()).toBe(dollars(4))
    await llm.set(1, { node: '2' })
    expect(await llm.spent()).toBe(dollars(5))
  })

  it('count on over a reset, where `increase()` would lose what came first', async () => {
    const llm = counter()
    await llm.set(3)
    await llm.spent()
    await llm.set(10)
    await llm.set(0.5)
    await llm.set(2)
    expect(await llm.spent()).toBe(dollars(12))
  })

  it('lose nothing over a restart, with a reset and a new series while nobody looked', async () => {
    const llm = counter()
    await llm.set(5)
    expect(await llm.spent()).toBe(dollars(5))
    store.close()
    await llm.set(7)
    await llm.set(1)
    await llm.set(4, { node: '2' })
    await open()
    expect(await llm.spent()).toBe(dollars(5 + 2 + 1 + 4))
  })

  it('keep their figure while what is counted is down, say so, and go on where it was', async () => {
    const llm = counter()
    await llm.set(6)
    await llm.spent()
    exporter.down(true)
    await waitUntil('stale', async () => (await prometheus.query(llm.counted.key)).length === 0)
    const soon = await llm.evaluate()
    expect(soon.states[0]).toMatchObject({ spent: dollars(6) })
    expect(soon.states[0]?.unknown).toBeUndefined()
    expect(soon.messages[0]?.message).toContain('has no series now: what it counts is down or gone')
    time.later(30_000)
    const later = await llm.evaluate()
    expect(later.states[0]).toMatchObject({
      spent: dollars(6),
      unknown: { why: expect.stringContaining('no series now') },
    })
    expect(later.holdsNew).toEqual(['shop/writer'])
    time.now()
    exporter.down(false)
    await llm.set(8)
    expect(await llm.state()).toMatchObject({ spent: dollars(8) })
    expect((await llm.state()).unknown).toBeUndefined()
  })

  it('keep their figure while Prometheus is down, and count what was spent meanwhile', async () => {
    const llm = counter()
    await llm.set(1)
    await llm.spent()
    await prometheus.stop()
    const down = await llm.evaluate()
    expect(down.states[0]?.spent).toBe(dollars(1))
    expect(down.messages[0]?.message).toContain("the Prometheus 'main' does not answer")
    await prometheus.restart()
    await llm.set(3)
    expect(await llm.state()).toMatchObject({ spent: dollars(3) })
  })

  it('know nothing of a counter that is not there, and zero where it may begin so', async () => {
    expect((await counter().state()).unknown?.why).toContain('no series is called')
    const absent = await counter({}, { startsAbsent: true }).state()
    expect([absent.spent, absent.unknown]).toEqual([0, undefined])
  })

  it('count for each agent by its label', async () => {
    const llm = counter({ per: 'agent', limit: dollars(5) }, { by: 'agent' })
    await llm.set(7, { agent: 'writer' })
    await llm.set(2, { agent: 'stranger' })
    const { states, halts } = await llm.evaluate()
    expect(states.map(({ of, spent }) => [of, spent])).toEqual([
      ['writer', dollars(7)],
      ['stranger', dollars(2)],
    ])
    expect(halts.map((one) => one.agent)).toEqual(['shop/writer'])
  })

  it('take the highest of what covers the same, and add up what does not', async () => {
    const llm = counter()
    const anthropic: SpendSource = {
      type: 'anthropic',
      key: 'a',
      covers: 'llm',
      credential: 'anthropic',
      url: costs.url,
    }
    const openai: SpendSource = { type: 'openai', key: 'o', covers: 'gpt', credential: 'openai', url: costs.url }
    const gpu: SpendSource = { type: 'reported', key: 'r', covers: 'gpu' }
    const all = [llm.counted, anthropic, openai, gpu]
    costs.today = new Date().toISOString().slice(0, 10)
    costs.anthropic(costs.today, [{ cents: '900', workspace: null }])
    costs.openai(costs.today, [{ dollars: '2.5', project: null }])
    await llm.set(4)
    const { messages } = await llm.evaluate(all)
    budgets.report({ key: 'gpu-1', budget: llm.key, amount: '0.5' })
    const { states } = await llm.evaluate(all)
    expect(states[0]).toMatchObject({
      spent: dollars(9 + 2.5 + 0.5),
      covers: [
        { covers: 'llm', spent: dollars(9) },
        { covers: 'gpt', spent: dollars(2.5) },
        { covers: 'gpu', spent: dollars(0.5) },
      ],
    })
    expect(messages.map(({ message }) => message)).toEqual([
      expect.stringContaining('sources do not agree: anthropic says $9.00'),
    ])
    await llm.set(10)
    expect((await llm.state(all)).spent).toBe(dollars(10 + 2.5 + 0.5))
  })

  it('know how often a counter is really scraped', async () => {
    const llm = counter()
    await llm.set(1)
    await llm.set(2)
    await llm.spent()
    await llm.set(3)
    const { bound } = await llm.state()
    expect(bound.seconds).toBeLessThan(70)
    expect(bound.why).toMatch(
      /^prometheus main: agent_cost_usd_\d+: asked every 1 s, \d s between its samples; 60 s to stop$/,
    )
  })
})
