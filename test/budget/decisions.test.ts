import { describe, expect, it } from 'vitest'
import type { BudgetEvaluation } from '../../src/budget/evaluation.ts'
import type { Budget, Halt } from '../../src/model/budget.ts'
import { agent, type BudgetWorldOptions, budget, budgetWorld, COUNTER, dollars, REPORTED } from './budget-world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const WRITER = agent('writer')
const GPU = budget({ sources: [REPORTED], limit: dollars(100) })

/** A budget whose spend a test reports. */
function world(declared: Budget = GPU, options: BudgetWorldOptions = {}) {
  const of = budgetWorld(options)
  let reports = 0
  let now = declared
  return {
    ...of,
    declare: (fields: Partial<Budget>) => {
      now = { ...now, ...fields }
    },
    /** Reports, and evaluates. */
    async spend(amount: number, agents = [WRITER]): Promise<BudgetEvaluation> {
      await of.evaluate([now], { agents })
      reports += 1
      of.budgets.report({ key: `report-${reports}`, budget: 'daily', amount })
      return of.evaluate([now], { agents })
    },
    look: (agents = [WRITER], halts: readonly Halt[] = []) => of.evaluate([now], { agents, halts }),
    wait: (ms: number) => of.clock.advance(ms),
    resume: (agents = [WRITER]) => of.budgets.resume(agents),
    restart: () => of.restart(),
  }
}

const told = ({ warnings }: BudgetEvaluation) => warnings.map(({ percent }) => percent)
const halted = ({ halts }: BudgetEvaluation) => halts.map((one) => [one.agent, one.halt.why])
const STOPPED = [['shop/writer', 'exceeded']]

describe('a budget that is used up', () => {
  it('is told at each threshold once, and stops its agents at the limit', async () => {
    const of = world()
    expect(told(await of.spend(49))).toEqual([])
    expect(told(await of.spend(1))).toEqual([50])
    expect(told(await of.spend(1))).toEqual([])
    const eighty = await of.spend(30)
    expect(told(eighty)).toEqual([80])
    expect(eighty.warnings[0]).toMatchObject({
      ...{ budget: 'shop/daily', app: 'shop', spent: dollars(81), limit: dollars(100) },
      message: 'budget shop/daily: $81.00 of $100.00 (81 %) spent this day, which ends 2026-03-11 00:00 UTC',
    })
    expect(halted(eighty)).toEqual([])
    const over = await of.spend(21.4)
    expect([told(over), halted(over)]).toEqual([[], STOPPED])
    expect(over.halts[0]?.halt).toEqual({
      ...{
        budget: 'shop/daily',
        why: 'exceeded',
        since: '2026-03-10T00:00:00.000Z',
        until: '2026-03-11T00:00:00.000Z',
      },
      message:
        'budget shop/daily: $102.40 of $100.00 (102 %), $2.40 over spent this day; at rest until 2026-03-11 00:00 UTC',
    })
    expect(over.states[0]).toMatchObject({ warned: [50, 80], halted: { why: 'exceeded' } })
  })

  it('says the highest of the thresholds that are crossed at once', async () => {
    const of = world()
    expect(told(await of.spend(90))).toEqual([80])
    expect((await of.look()).states[0]?.warned).toEqual([50, 80])
  })

  it('lets its agents run again in the next window, and tells anew', async () => {
    const of = world()
    await of.spend(120)
    await of.wait(24 * HOUR - 1)
    expect(halted(await of.look())).toEqual(STOPPED)
    await of.wait(1)
    expect(halted(await of.look())).toEqual([])
    expect(told(await of.spend(60))).toEqual([50])
  })

  it('waits for a person where it says so, whatever the window', async () => {
    const of = world({ ...GPU, resume: 'manual' })
    await of.spend(120)
    await of.wait(24 * HOUR)
    const next = await of.look()
    expect(halted(next)).toEqual(STOPPED)
    expect(next.halts[0]?.halt.until).toBeUndefined()
    expect(of.resume()).toBe(1)
    expect(halted(await of.look())).toEqual([])
  })

  it('ends as soon as a change raises the limit above what is spent', async () => {
    for (const resume of ['next-window', 'manual'] as const) {
      const of = world({ ...GPU, resume })
      await of.spend(120)
      of.declare({ limit: dollars(110) })
      expect(halted(await of.look())).toEqual(STOPPED)
      of.declare({ limit: dollars(150) })
      const raised = await of.look()
      expect([halted(raised), told(raised)]).toEqual([[], []])
      expect(told(await of.spend(5))).toEqual([])
      expect(halted(await of.spend(25))).toEqual(STOPPED)
    }
  })

  it('goes on for as much as the limit once more where a person resumed it', async () => {
    const of = world()
    await of.spend(120)
    expect(of.resume()).toBe(1)
    expect(halted(await of.look())).toEqual([])
    expect(halted(await of.spend(99))).toEqual([])
    expect(halted(await of.spend(1))).toEqual(STOPPED)
  })

  it('is not stopped by a raise after a person resumed it, but by a lower limit', async () => {
    const of = world()
    await of.spend(120)
    of.resume()
    await of.look()
    of.declare({ limit: dollars(110) })
    expect(halted(await of.look())).toEqual([])
    of.declare({ limit: dollars(105) })
    expect(halted(await of.look())).toEqual([])
    of.declare({ limit: dollars(90) })
    expect(halted(await of.look())).toEqual(STOPPED)
  })

  it('only tells where it says `notify`', async () => {
    const of = world({ ...GPU, onExceeded: 'notify' })
    const over = await of.spend(120)
    expect([told(over), halted(over)]).toEqual([[100], []])
    expect(told(await of.spend(10))).toEqual([])
  })

  it('stops the agents that name it, over all apps, and only those', async () => {
    const of = world()
    const agents = [WRITER, agent('far', { app: 'blog', key: 'blog/far' }), agent('free', { budget: 'shop/else' })]
    expect(halted(await of.spend(120, agents))).toEqual([...STOPPED, ['blog/far', 'exceeded']])
  })

  it('resumes those that a person resumed, and stops them again with the others', async () => {
    const of = world()
    const far = agent('far', { app: 'blog', key: 'blog/far' })
    const both = [WRITER, far]
    await of.spend(120, both)
    of.resume([far])
    expect(halted(await of.look(both))).toEqual(STOPPED)
    expect(halted(await of.spend(50, both))).toEqual(STOPPED)
    expect(halted(await of.spend(50, both))).toEqual([...STOPPED, ['blog/far', 'exceeded']])
  })

  it('stays so over a restart', async () => {
    const of = world()
    await of.spend(120)
    of.restart()
    const after = await of.look()
    expect([halted(after), told(after)]).toEqual([STOPPED, []])
  })
})

describe('a fast burn', () => {
  const BURN: Budget = { ...GPU, burn: { limit: dollars(5), inMs: 10 * MINUTE } }
  const BURNED = [['shop/writer', 'burn']]

  it('stops the agents long before the limit, and no window ends it', async () => {
    const of = world(BURN)
    await of.look()
    await of.wait(MINUTE)
    expect(halted(await of.spend(4))).toEqual([])
    await of.wait(MINUTE)
    const burning = await of.spend(2)
    expect(halted(burning)).toEqual(BURNED)
    expect(burning.halts[0]?.halt.message).toBe(
      'budget shop/daily: $6.00 spent within 10 min, the limit is $5.00; $6.00 of $100.00 (6 %) this day; at rest until a person resumes them',
    )
    await of.wait(48 * HOUR)
    const later = await of.look()
    expect(halted(later)).toEqual(BURNED)
    expect(later.halts[0]?.halt).toMatchObject({ message: expect.stringContaining('$6.00 spent within 10 min') })
    expect(later.halts[0]?.halt.until).toBeUndefined()
  })

  it('comes before a limit that was reached by it: it does not end at midnight', async () => {
    const of = world({ ...BURN, limit: dollars(10) })
    await of.look()
    await of.wait(MINUTE)
    expect(halted(await of.spend(20))).toEqual(BURNED)
    await of.wait(24 * HOUR)
    expect(halted(await of.look())).toEqual(BURNED)
  })

  it('takes the place of a used-up limit where figures that come late tell of it', async () => {
    const of = world({ ...BURN, limit: dollars(4) })
    await of.look()
    await of.wait(MINUTE)
    expect(halted(await of.spend(4))).toEqual([['shop/writer', 'exceeded']])
    await of.wait(MINUTE)
    const late = await of.spend(3)
    expect(halted(late)).toEqual(BURNED)
    expect(late.halts[0]?.halt.until).toBeUndefined()
  })

  it('is none where as much was spent slowly', async () => {
    const of = world(BURN)
    for (let step = 0; step < 8; step += 1) {
      await of.wait(15 * MINUTE)
      expect(halted(await of.spend(4))).toEqual([])
    }
  })

  it('ends by a person, and what was spent before does not stop them again', async () => {
    const of = world(BURN)
    await of.look()
    await of.wait(MINUTE)
    await of.spend(6)
    expect(of.resume()).toBe(1)
    expect(halted(await of.look())).toEqual([])
    await of.wait(MINUTE)
    expect(halted(await of.spend(4))).toEqual([])
    expect(halted(await of.spend(2))).toEqual(BURNED)
  })

  it('of an agent that nobody resumed goes on to count', async () => {
    const each = budget({ per: 'agent', sources: [REPORTED], burn: { limit: dollars(5), inMs: 10 * MINUTE } })
    const agents = [agent('loops'), agent('works')]
    const two = budgetWorld()
    const spend = async (key: string, name: string, amount: number): Promise<readonly string[]> => {
      await two.clock.advance(MINUTE)
      two.budgets.report({ key, budget: 'daily', agent: name, amount })
      return (await two.evaluate([each], { agents })).halts.map((one) => one.agent)
    }
    await two.evaluate([each], { agents })
    expect(await spend('a', 'works', 4)).toEqual([])
    expect(await spend('b', 'loops', 6)).toEqual(['shop/loops'])
    expect(two.budgets.resume([agent('loops')])).toBe(1)
    expect(await spend('c', 'works', 1)).toEqual(['shop/works'])
  })

  it('ends by a change that raises or removes it, and by no other', async () => {
    const of = world(BURN)
    await of.look()
    await of.wait(MINUTE)
    await of.spend(6)
    of.declare({ limit: dollars(1_000), burn: { limit: dollars(4), inMs: 10 * MINUTE } })
    expect(halted(await of.look())).toEqual(BURNED)
    of.declare({ burn: { limit: dollars(8), inMs: 10 * MINUTE } })
    expect(halted(await of.look())).toEqual([])
    const again = world(BURN)
    await again.look()
    await again.wait(MINUTE)
    await again.spend(6)
    const { burn: _burn, ...without } = BURN
    expect(halted(await again.evaluate([without]))).toEqual([])
  })

  it('crosses midnight', async () => {
    const of = world(BURN, { start: '2026-03-10T23:55:00Z' })
    await of.look()
    await of.wait(4 * MINUTE)
    expect(halted(await of.spend(3))).toEqual([])
    await of.wait(2 * MINUTE)
    expect(halted(await of.spend(3))).toEqual(BURNED)
  })

  it('is known again where the database was lost, by what the app rests for', async () => {
    const of = world(BURN)
    const since = '2026-03-09T12:00:00.000Z'
    const halt: Halt = { budget: 'shop/daily', why: 'burn', ids: WRITER.ids, since, message: 'it burned' }
    const found = await of.look([WRITER], [halt])
    expect(found.halts).toEqual([
      { agent: 'shop/writer', halt: { budget: 'shop/daily', why: 'burn', since, message: 'it burned' } },
    ])
    of.resume()
    // The app is told only afterwards: what it still says is not taken over again.
    expect(halted(await of.look([WRITER], [halt]))).toEqual([])
    expect(halted(await world(BURN).look([WRITER], [{ ...halt, lifted: true }]))).toEqual([])
  })
})

describe('spend that is not known', () => {
  const counted = (onUnknown: Budget['onUnknown']) => world(budget({ onUnknown }))

  it('starts no new runs', async () => {
    const of = counted('hold-new')
    const { holdsNew, states, halts } = await of.look()
    expect([holdsNew, halts]).toEqual([['shop/writer'], []])
    expect(states[0]?.holdsNew).toBe(true)
    of.prometheus.sample([[30, 1]])
    await of.wait(30_000)
    expect((await of.look()).holdsNew).toEqual([])
  })

  it('stops the agents where it says so, after longer than a source may fail, until it is known', async () => {
    const of = counted('suspend')
    expect(halted(await of.look())).toEqual([])
    await of.wait(2 * MINUTE)
    const stopped = await of.look()
    expect(halted(stopped)).toEqual([['shop/writer', 'unknown']])
    expect(stopped.halts[0]?.halt.message).toContain('no series is called cost_usd')
    of.prometheus.sample([[150, 1]])
    await of.wait(30_000)
    expect(halted(await of.look())).toEqual([])
  })

  it('gives whoever resumes it that time anew', async () => {
    const of = counted('suspend')
    await of.look()
    await of.wait(2 * MINUTE)
    await of.look()
    of.resume()
    expect(halted(await of.look())).toEqual([])
    await of.wait(MINUTE)
    expect(halted(await of.look())).toEqual([])
    await of.wait(MINUTE)
    expect(halted(await of.look())).toEqual([['shop/writer', 'unknown']])
  })

  it('changes nothing where it says `keep`', async () => {
    const of = counted('keep')
    await of.look()
    await of.wait(HOUR)
    const { halts, holdsNew, states } = await of.look()
    expect([halts, holdsNew]).toEqual([[], []])
    expect(states[0]?.unknown).toBeDefined()
  })
})

describe('sources of one budget', () => {
  it('that cover the same count by the highest, and different ones add up', async () => {
    const sources = [COUNTER, { ...COUNTER, key: 'reported-llm', type: 'reported' as const }, REPORTED]
    const of = budgetWorld()
    const declared = budget({ sources })
    of.prometheus.sample([[0, 5]])
    const first = await of.evaluate([declared])
    of.budgets.report({ key: '1', budget: 'daily', covers: 'llm', amount: 3 })
    of.budgets.report({ key: '2', budget: 'daily', covers: 'gpu', amount: 2 })
    const { states, messages } = await of.evaluate([declared])
    const apart = 'sources do not agree: prometheus main: cost_usd says $5.00, reported says $3.00; the higher counts'
    expect(states[0]).toMatchObject({
      spent: dollars(7),
      covers: [
        { covers: 'llm', spent: dollars(5), sources: [{ message: apart }, { message: apart }] },
        { covers: 'gpu' },
      ],
    })
    // It was told as it began: that the figures are others now is no news.
    expect([first.messages.length, messages]).toEqual([1, []])
    of.budgets.report({ key: '3', budget: 'daily', covers: 'llm', amount: 1.6 })
    expect((await of.evaluate([declared])).states[0]?.covers[0]?.sources[0]?.message).toBeUndefined()
    of.prometheus.sample([[30, 9]])
    await of.clock.advance(30_000)
    expect((await of.evaluate([declared])).messages.map(({ message }) => message)).toEqual([
      'sources do not agree: prometheus main: cost_usd says $9.00, reported says $4.60; the higher counts',
    ])
  })

  it('are known as long as one of those that cover the same is', async () => {
    const sources = [COUNTER, { ...COUNTER, key: 'reported-llm', type: 'reported' as const }]
    const of = budgetWorld()
    const { states, messages } = await of.evaluate([budget({ sources })])
    expect(states[0]?.unknown).toBeUndefined()
    expect(messages[0]?.message).toContain('no series')
  })

  it('tell how far the limit can be overshot: the quickest of the same, the slowest of different ones', async () => {
    const of = budgetWorld({ stopSeconds: 20 })
    of.prometheus.sample([
      [0, 1],
      [15, 2],
    ])
    await of.clock.advance(15_000)
    const bound = async (sources: Budget['sources']) => (await of.evaluate([budget({ sources })])).states[0]?.bound
    expect(await bound([COUNTER, REPORTED])).toEqual({
      seconds: 30 + 15 + 20,
      why: 'prometheus main: cost_usd: asked every 30 s, 15 s between its samples; 20 s to stop',
    })
    expect(await bound([COUNTER, { ...REPORTED, covers: 'llm' }])).toMatchObject({ seconds: 20 })
  })
})
