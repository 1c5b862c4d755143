import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { BudgetState } from '../../src/model/budget.ts'
import { createSqliteStore } from '../../src/store/sqlite.ts'
import { type BudgetWorld, budget, budgetWorld, dollars, REPORTED } from '../budget/budget-world.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type ApiWorld, apiWorld, tokenFor } from './api-world.ts'

const directory = mkdtempSync(join(tmpdir(), 'swarmkeeper-spend-'))
let api: ApiWorld | undefined
let world: BudgetWorld
const ended: (() => void)[] = []

afterEach(async () => {
  await api?.close()
  for (const end of ended.splice(0)) end()
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const GPU = budget({ sources: [REPORTED], limit: dollars(10) })

async function open(declared = [GPU]): Promise<void> {
  world = budgetWorld()
  await world.evaluate(declared)
  api = await apiWorld({ spend: world.budgets })
}

const post = (body: unknown, as: Parameters<ApiWorld['ask']>[1] = {}): Promise<Response> =>
  api?.ask('/api/v1/spend', { as: 'spend', method: 'POST', body, ...as }) ?? Promise.reject(new Error('not open'))

const REPORT = { key: 'run-1', budget: 'shop/daily', amount: '1.25' }

async function spent(declared = [GPU]): Promise<readonly number[]> {
  return (await world.evaluate(declared)).states.map((state) => state.spent)
}

describe('POST /api/v1/spend', () => {
  it('counts what a program says that it spent, exactly', async () => {
    await open()
    const answer = await post({ ...REPORT, amount: '0.1' })
    expect(await answer.json()).toEqual({
      ...{ format: 1, key: 'run-1', budget: 'shop/daily', amount: '0.1', at: '2026-03-10T00:00:00.000Z' },
    })
    await post({ ...REPORT, key: 'run-2', amount: 0.2 })
    expect(await spent()).toEqual([300_000])
  })

  it('counts the same key once, and gives the same answer', async () => {
    await open()
    const first = await (await post(REPORT)).text()
    await world.clock.advance(60_000)
    expect(await (await post(REPORT)).text()).toBe(first)
    expect(await spent()).toEqual([dollars(1.25)])
  })

  it('refuses another report under a key that was used', async () => {
    await open()
    await post(REPORT)
    const answer = await post({ ...REPORT, amount: '2' })
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({
      error: { reason: 'Conflict', message: expect.stringContaining('run-1') },
    })
    expect(await spent()).toEqual([dollars(1.25)])
  })

  it('counts once what comes many times at once, on a database on disk', async () => {
    const store = await createSqliteStore({
      path: join(directory, 'state.db'),
      clock: createFakeClock(),
      lockWaitMs: 0,
    })
    ended.push(() => store.close())
    world = budgetWorld({ store })
    await world.evaluate([GPU])
    api = await apiWorld({ spend: world.budgets, store })
    const keys = Array.from({ length: 200 }, (_, index) => `key-${index % 8}`)
    const answers = await Promise.all(keys.map((key) => post({ ...REPORT, key, amount: '0.01' })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await spent()).toEqual([dollars(0.08)])
  })

  it('refuses what could lower a figure, or means nothing', async () => {
    await open()
    const wrong: readonly object[] = [
      { amount: -1 },
      { amount: '-1' },
      { amount: 'one' },
      { amount: '1e3' },
      { amount: null },
      { currency: 'EUR' },
      { covers: 'llm' },
      { at: 'yesterday' },
      { at: '2026-03-11T00:00:00Z' },
      { at: '2025-12-01T00:00:00Z' },
      { key: '' },
      { more: 1 },
    ]
    for (const fields of wrong) {
      const answer = await post({ ...REPORT, ...fields })
      expect([answer.status, fields]).toEqual([400, fields])
    }
    expect(await spent()).toEqual([0])
  })

  it('says which budgets there are', async () => {
    const other = budget({ key: 'blog/daily', app: 'blog', sources: [REPORTED] })
    await open([GPU, other])
    expect((await post({ ...REPORT, budget: 'daily' })).status).toBe(400)
    const missing = await post({ ...REPORT, budget: 'shop/dayly' })
    expect(missing.status).toBe(404)
    expect(await missing.text()).toContain('shop/daily')
    expect((await post({ ...REPORT, budget: 'blog/daily' })).status).toBe(200)
  })

  it('asks for the agent of a budget that is per agent', async () => {
    const each = budget({ sources: [REPORTED], per: 'agent' })
    await open([each])
    expect((await post(REPORT)).status).toBe(400)
    expect((await post({ ...REPORT, agent: 'writer' })).status).toBe(200)
    const { states } = await world.evaluate([each])
    expect(states.map(({ of, spent: sum }) => [of, sum])).toEqual([['writer', dollars(1.25)]])
  })

  it('counts for the window of the time that it is told', async () => {
    await open()
    await post({ ...REPORT, at: '2026-03-09T23:59:00Z' })
    expect(await spent()).toEqual([0])
    await post({ ...REPORT, key: 'run-2', at: '2026-03-10T00:00:00Z' })
    expect(await spent()).toEqual([dollars(1.25)])
  })

  it('knows its keys and its sums after a restart', async () => {
    await open()
    await post(REPORT)
    await api?.close()
    world.restart()
    await world.evaluate([GPU])
    api = await apiWorld({ spend: world.budgets })
    expect((await post(REPORT)).status).toBe(200)
    expect(await spent()).toEqual([dollars(1.25)])
  })

  it('waits for the budgets to be read', async () => {
    world = budgetWorld()
    api = await apiWorld({ spend: world.budgets })
    const answer = await post(REPORT)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ error: { retryable: true } })
  })

  it('takes a token that can do nothing else, and no other but that of an administrator', async () => {
    await open()
    expect((await post(REPORT, { as: 'reconcile' })).status).toBe(403)
    expect((await post(REPORT, { as: 'admin' })).status).toBe(200)
    for (const path of ['/api/v1/spend', '/api/v1/status', '/api/v1/audit']) {
      expect((await api?.ask(path, { as: 'spend' }))?.status).toBe(403)
    }
    expect(tokenFor('spend')).not.toBe(tokenFor('admin'))
  })

  it('writes down what it refuses', async () => {
    await open()
    await post(REPORT)
    await post({ ...REPORT, amount: '7' })
    const audit = (await (await api?.ask('/api/v1/audit', { as: 'admin' }))?.json()) as {
      readonly entries: readonly object[]
    }
    expect(audit.entries).toMatchObject([{ operation: 'reportSpend', outcome: 'refused', status: 409, actor: 'spend' }])
  })
})

describe('GET /api/v1/spend', () => {
  it('tells the state of every budget', async () => {
    await open()
    await post(REPORT)
    await world.evaluate([GPU])
    const answer = (await (await api?.ask('/api/v1/spend'))?.json()) as { readonly budgets: readonly BudgetState[] }
    expect(answer.budgets).toMatchObject([
      {
        budget: 'shop/daily',
        spent: dollars(1.25),
        limit: dollars(10),
        window: { start: '2026-03-10T00:00:00.000Z', end: '2026-03-11T00:00:00.000Z' },
        bound: { seconds: 60 },
      },
    ])
  })
})
