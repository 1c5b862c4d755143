import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SupervisorCost } from '../../src/budget/evaluation.ts'
import type { Budget, SpendSource } from '../../src/model/budget.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { ANTHROPIC_KEY, type CostStub, JWT_SECRET, OPENAI_KEY, startCostStub } from '../support/cost-stub.ts'
import { agent, budget, budgetWorld, credential, dollars, settings, token } from './budget-world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const TODAY = '2026-03-10'

let stub: CostStub
beforeEach(async () => {
  stub = await startCostStub(TODAY)
})
afterEach(() => stub.close())

const CREDENTIALS = {
  anthropic: token(ANTHROPIC_KEY),
  openai: token(OPENAI_KEY),
  wrong: token('sk-ant-wrong'),
  zerg: credential({ type: 'jwt', secret: new Sensitive(JWT_SECRET), subject: '1', email: 'ops@example.test' }),
}

const anthropic = (workspace?: string, name = 'anthropic'): SpendSource => ({
  ...{ type: 'anthropic', key: `anthropic ${workspace}`, covers: 'llm', credential: name, url: stub.url },
  ...(workspace === undefined ? {} : { workspace }),
})
const openai = (project?: string): SpendSource => ({
  ...{ type: 'openai', key: `openai ${project}`, covers: 'gpt', credential: 'openai', url: stub.url },
  ...(project === undefined ? {} : { project }),
})
const zerg = (): SpendSource => ({ type: 'zerg', key: 'zerg', covers: 'zerg', credential: 'zerg', url: stub.url })

const worldAt = (start = `${TODAY}T12:00:00Z`, supervisorCost?: SupervisorCost) =>
  budgetWorld({ start, settings: settings(CREDENTIALS), ...(supervisorCost ? { supervisorCost } : {}) })

const of = (source: SpendSource, fields: Partial<Budget> = {}): Budget => budget({ sources: [source], ...fields })

async function look(world: ReturnType<typeof worldAt>, declared: Budget) {
  const [state] = (await world.evaluate([declared])).states
  if (!state) throw new Error('no state')
  const [source] = state.covers[0]?.sources ?? []
  return { spent: state.spent, unknown: state.unknown?.why, message: source?.message }
}

describe("Anthropic's cost report", () => {
  it('is in cents, as decimal text: added up exactly', async () => {
    stub.anthropic(TODAY, [
      { cents: '123.45', workspace: 'wrk_1' },
      { cents: '0.1', workspace: 'wrk_1' },
      { cents: '0.2', workspace: 'wrk_1' },
    ])
    expect(await look(worldAt(), of(anthropic()))).toEqual({ spent: 1_237_500, unknown: undefined, message: undefined })
  })

  it('counts one workspace, the default one, or all', async () => {
    stub.anthropic(TODAY, [
      { cents: '100', workspace: 'wrk_1' },
      { cents: '200', workspace: 'wrk_2' },
      { cents: '400', workspace: null },
    ])
    for (const [workspace, spent] of [
      ['wrk_1', 1],
      ['default', 4],
      [undefined, 7],
      ['wrk_3', 0],
    ] as const) {
      expect((await look(worldAt(), of(anthropic(workspace)))).spent).toBe(dollars(spent))
    }
  })

  it('is read page by page', async () => {
    stub.pageSize = 4
    for (let day = 1; day <= 10; day += 1) {
      stub.anthropic(`2026-03-${String(day).padStart(2, '0')}`, [{ cents: '100', workspace: null }])
    }
    expect(await look(worldAt(), of(anthropic(), { window: 'month' }))).toMatchObject({
      spent: dollars(10),
      unknown: undefined,
    })
    expect(stub.asked).toHaveLength(3)
    expect(stub.asked[0]).toContain(
      'starting_at=2026-03-01T00%3A00%3A00Z&ending_at=2026-03-11T00%3A00%3A00Z&bucket_width=1d',
    )
  })

  it('knows that nothing was spent on a day without results, and nothing of a day that is missing', async () => {
    expect(await look(worldAt(), of(anthropic()))).toEqual({ spent: 0, unknown: undefined, message: undefined })
    stub.today = '2026-03-09'
    const missing = await look(worldAt(), of(anthropic()))
    expect([missing.unknown, missing.message]).toEqual([
      'llm: anthropic: it tells nothing of 2026-03-10',
      'it tells nothing of 2026-03-10',
    ])
  })

  const bucket = (results: readonly object[]) => ({ starting_at: `${TODAY}T00:00:00Z`, ending_at: 'x', results })
  const one = (result: object) => ({
    data: [bucket([{ amount: '1', currency: 'USD', workspace_id: null, ...result }])],
    has_more: false,
  })
  const NONSENSE: readonly (readonly [string, unknown, string])[] = [
    ['no list', { has_more: false }, 'no `data`'],
    ['no word on more', { data: [] }, 'no `has_more`'],
    ['more, and nowhere to get it', { data: [], has_more: true, next_page: null }, 'no `next_page`'],
    ['pages in a circle', { data: [], has_more: true, next_page: 'again' }, 'do not come to an end'],
    ['a day twice', { data: [bucket([]), bucket([])], has_more: false }, 'twice'],
    ['an amount as a number', one({ amount: 123 }), 'no decimal as text'],
    ['an amount of words', one({ amount: 'much' }), 'no decimal as text'],
    ['another currency', one({ currency: 'EUR' }), 'in EUR'],
    ['no workspace', one({ workspace_id: undefined }), 'what it is of'],
    ['no JSON', undefined, 'no JSON'],
  ]
  it.each(NONSENSE)('is unknown, and not zero, where it answers %s', async (_what, answer, why) => {
    stub.fail = { status: 200, body: answer === undefined ? '<html>' : JSON.stringify(answer) }
    const told = await look(worldAt(), of(anthropic()))
    expect(told.message).toContain(why)
    expect(told.unknown).toContain(why)
  })

  it('says that its login is refused, and which status else it got, without the key', async () => {
    const refused = await look(worldAt(), of(anthropic(undefined, 'wrong')))
    expect(refused.message).toMatch(
      /^127\.0\.0\.1:\d+\/v1\/organizations\/cost_report refuses the credential 'wrong' \(401\)$/,
    )
    stub.fail = { status: 529, body: '{"error":"overloaded"}' }
    const busy = await look(worldAt(), of(anthropic()))
    expect(busy.message).toContain('answered 529: {"error":"overloaded"}')
    expect(busy.message).not.toContain(ANTHROPIC_KEY)
  })

  it('is asked with a credential only where that may be used', async () => {
    const elsewhere = { ...anthropic(), url: 'http://localhost:1' }
    expect((await look(worldAt(), of(elsewhere))).message).toContain(
      "the credential 'anthropic' may be used for 127.0.0.1",
    )
    expect(stub.asked).toEqual([])
  })

  it('is asked every five minutes, once for all budgets that share its login', async () => {
    stub.anthropic(TODAY, [{ cents: '100', workspace: 'wrk_1' }])
    stub.anthropic('2026-03-02', [{ cents: '5000', workspace: 'wrk_1' }])
    const world = worldAt()
    const daily = of(anthropic('wrk_1'))
    const monthly = of(anthropic(), { key: 'shop/monthly', name: 'monthly', window: 'month' })
    const both = [daily, monthly]
    expect((await world.evaluate(both)).states.map(({ spent }) => spent)).toEqual([dollars(1), dollars(51)])
    expect(stub.asked).toHaveLength(1)
    await world.clock.advance(4 * MINUTE)
    await world.evaluate(both)
    expect(stub.asked).toHaveLength(1)
    await world.clock.advance(MINUTE)
    await world.evaluate(both)
    expect(stub.asked).toHaveLength(2)
  })

  it('never lowers a figure within a window, and keeps it while it is away', async () => {
    const world = worldAt()
    stub.anthropic(TODAY, [{ cents: '500', workspace: null }])
    await look(world, of(anthropic()))
    stub.anthropic(TODAY, [{ cents: '300', workspace: null }])
    await world.clock.advance(5 * MINUTE)
    expect((await look(world, of(anthropic()))).spent).toBe(dollars(5))
    stub.fail = { status: 500, body: 'oops' }
    await world.clock.advance(5 * MINUTE)
    expect(await look(world, of(anthropic()))).toMatchObject({ spent: dollars(5), unknown: undefined })
    await world.clock.advance(15 * MINUTE)
    expect(await look(world, of(anthropic()))).toMatchObject({
      spent: dollars(5),
      unknown: expect.stringContaining('500'),
    })
  })

  it('counts neither runs nor euros', async () => {
    const runs = await look(worldAt(), of(anthropic(), { unit: 'runs' }))
    expect(runs.message).toBe('it does not count runs')
    expect((await look(worldAt(), of(anthropic(), { currency: 'EUR' }))).message).toBe('it does not count EUR')
  })
})

describe("OpenAI's costs", () => {
  it('are in dollars, as numbers: added up exactly', async () => {
    stub.openai(TODAY, [
      { dollars: '0.06', project: 'proj_1' },
      { dollars: '0.1', project: 'proj_1' },
      { dollars: '1e-7', project: 'proj_2' },
      { dollars: '12', project: null },
    ])
    expect((await look(worldAt(), of(openai('proj_1')))).spent).toBe(160_000)
    expect((await look(worldAt(), of(openai()))).spent).toBe(12_160_001)
  })

  it('are read page by page, by Unix times', async () => {
    stub.pageSize = 3
    for (let day = 1; day <= 10; day += 1) {
      stub.openai(`2026-03-${String(day).padStart(2, '0')}`, [{ dollars: '2', project: null }])
    }
    expect((await look(worldAt(), of(openai(), { window: 'month' }))).spent).toBe(dollars(20))
    expect(stub.asked[0]).toContain(`start_time=${Date.parse('2026-03-01T00:00:00Z') / 1_000}&`)
    expect(stub.asked).toHaveLength(4)
  })

  it('are unknown where they are in another currency, or no number', async () => {
    const answer = (amount: object) => ({
      data: [{ start_time: Date.parse(`${TODAY}T00:00:00Z`) / 1_000, results: [{ amount, project_id: null }] }],
      has_more: false,
    })
    stub.fail = { status: 200, body: JSON.stringify(answer({ value: 1, currency: 'eur' })) }
    expect((await look(worldAt(), of(openai()))).message).toBe('an amount is in eur, not in usd')
    stub.fail = { status: 200, body: JSON.stringify(answer({ value: null, currency: 'usd' })) }
    expect((await look(worldAt(), of(openai()))).message).toBe('an amount is null, which is no number')
  })
})

describe('windows that do not begin at midnight of UTC', () => {
  const amsterdam = (): Budget => of(anthropic(), { timezone: 'Europe/Amsterdam' })

  it('are estimated at their edge, by time, and say so', async () => {
    // The day of Amsterdam began at 23:00 UTC, an hour before the end of the UTC day.
    stub.anthropic('2026-03-09', [{ cents: '2400', workspace: null }])
    stub.anthropic(TODAY, [{ cents: '700', workspace: null }])
    expect(await look(worldAt(), amsterdam())).toEqual({
      spent: dollars(8),
      unknown: undefined,
      message: 'it counts in UTC days: where days of Europe/Amsterdam begin and end is an estimate',
    })
  })

  it('begin with what was seen as they began, where somebody looked', async () => {
    const world = worldAt('2026-03-09T22:55:00Z')
    stub.today = '2026-03-09'
    stub.anthropic('2026-03-09', [{ cents: '2000', workspace: null }])
    await look(world, amsterdam())
    await world.clock.advance(10 * MINUTE)
    stub.anthropic('2026-03-09', [{ cents: '2010', workspace: null }])
    expect((await look(world, amsterdam())).spent).toBe(dollars(0.1))
    await world.clock.advance(55 * MINUTE)
    stub.today = TODAY
    stub.anthropic('2026-03-09', [{ cents: '2050', workspace: null }])
    stub.anthropic(TODAY, [{ cents: '100', workspace: null }])
    expect((await look(world, amsterdam())).spent).toBe(dollars(1.5))
  })
})

describe('the summary of a Zerg backend', () => {
  const summary = (cost: number, more: object = {}) => ({
    runs_today: 12,
    cost_today_usd: cost,
    top_agents_today: [],
    ...more,
  })

  it('tells cost or runs of the day, to whoever signs with its secret', async () => {
    stub.zerg(summary(3.25))
    expect(await look(worldAt(), of(zerg()))).toEqual({ spent: dollars(3.25), unknown: undefined, message: undefined })
    expect((await look(worldAt(), of(zerg(), { unit: 'runs', limit: 50_000_000 }))).spent).toBe(12_000_000)
  })

  it('adds up the days of a week as it saw them, and says which it did not see', async () => {
    // Tuesday: of Monday nobody asked it.
    const weekly = of(zerg(), { window: 'week' })
    const world = worldAt()
    stub.zerg(summary(4))
    expect(await look(world, weekly)).toMatchObject({
      spent: dollars(4),
      message: expect.stringContaining('1 earlier days'),
    })
    await world.clock.advance(12 * HOUR)
    // A minute after midnight it may still tell of the day before.
    expect((await look(world, weekly)).spent).toBe(dollars(4))
    await world.clock.advance(MINUTE)
    stub.zerg(summary(1))
    expect((await look(world, weekly)).spent).toBe(dollars(5))
  })

  it('tells of the dearest agents; of others that they spent less', async () => {
    const each = of(zerg(), { per: 'agent', limit: dollars(10) })
    const top = (cost: number) => ({ name: `agent-${cost}`, owner_email: 'ops@example.test', runs: 1, cost_usd: cost })
    const states = async (costs: readonly number[]) => {
      stub.zerg(summary(100, { top_agents_today: costs.map(top) }))
      const agents = [agent('agent-9'), agent('writer')]
      return (await worldAt().evaluate([each], { agents })).states.map((state) => [
        state.of,
        state.spent,
        state.unknown?.why,
      ])
    }
    expect((await states([9])).slice(0, 2)).toEqual([
      ['agent-9', dollars(9), undefined],
      ['writer', 0, undefined],
    ])
    // Five that spent more than the limit: a sixth may have, too.
    expect((await states([15, 14, 13, 12, 11]))[1]).toEqual([
      'writer',
      0,
      expect.stringContaining('tells nothing of this one'),
    ])
  })

  it('is unknown where it does not answer what it should', async () => {
    stub.zerg({ runs_today: 1 })
    expect((await look(worldAt(), of(zerg()))).message).toBe('its cost_today_usd is missing')
    stub.zerg(summary(-1))
    expect((await look(worldAt(), of(zerg()))).message).toBe('its cost_today_usd is -1')
    const wrong = credential({ type: 'jwt', secret: new Sensitive('other'), subject: '1' })
    const world = budgetWorld({ start: `${TODAY}T12:00:00Z`, settings: settings({ zerg: wrong }) })
    expect((await look(world, of(zerg()))).message).toContain("refuses the credential 'zerg' (401)")
  })
})

describe('an agent supervisor', () => {
  const source: SpendSource = { type: 'supervisor', key: 'supervisor', covers: 'llm', target: 'hal' }

  it('tells what was paid today, where it has it', async () => {
    const world = worldAt(undefined, async () => ({ micros: dollars(2) }))
    expect(await look(world, of(source))).toEqual({ spent: dollars(2), unknown: undefined, message: undefined })
  })

  it('is unknown where it does not', async () => {
    const world = worldAt(undefined, async () => ({ unknown: 'cost: 503 SERVICE_UNAVAILABLE' }))
    expect((await look(world, of(source))).unknown).toBe('llm: supervisor hal: cost: 503 SERVICE_UNAVAILABLE')
    expect((await look(worldAt(), of(source))).unknown).toContain('not asked here')
  })
})
