import { describe, expect, it } from 'vitest'
import type { Budget } from '../../src/model/budget.ts'
import { agent, budget, budgetWorld, COUNTER, dollars } from './budget-world.ts'

const HOUR = 3_600_000

async function figure(world: ReturnType<typeof budgetWorld>, declared: Budget = budget()) {
  const { states, messages } = await world.evaluate([declared])
  const [state] = states
  if (!state) throw new Error('no state')
  return { ...state, messages: messages.map(({ message }) => message) }
}

describe('a counter of Prometheus', () => {
  it('is read from the beginning of the window at the first look, and counts what it rose since', async () => {
    const world = budgetWorld()
    world.prometheus.sample([
      [-3_600, 40],
      [-60, 50],
      [30, 51],
      [60, 53],
    ])
    await world.clock.advance(60_000)
    expect((await figure(world)).spent).toBe(dollars(3))
  })

  it('had its value before the window where its target was away as it began', async () => {
    const world = budgetWorld()
    world.prometheus.sample([
      [-7_200, 50],
      [600, 51],
    ])
    await world.clock.advance(600_000)
    expect((await figure(world)).spent).toBe(dollars(1))
  })

  it('counts its first sample, where it began within the window', async () => {
    const world = budgetWorld()
    world.prometheus.sample(
      [
        [-3_600, 40],
        [60, 40],
      ],
      { agent: 'old' },
    )
    world.prometheus.sample([[60, 7]], { agent: 'new' })
    await world.clock.advance(60_000)
    expect((await figure(world)).spent).toBe(dollars(7))
  })

  it('counts on over a reset', async () => {
    const world = budgetWorld()
    world.prometheus.sample([
      [0, 5],
      [30, 9],
    ])
    await world.clock.advance(30_000)
    expect((await figure(world)).spent).toBe(dollars(9))
    world.prometheus.sample([[60, 2]])
    await world.clock.advance(30_000)
    expect((await figure(world)).spent).toBe(dollars(11))
  })

  it('counts a sample that Prometheus had only some time after its moment', async () => {
    const world = budgetWorld()
    world.prometheus.sample([[0, 5]])
    await world.clock.advance(60_000)
    await figure(world)
    // Of a second before that look: and a reset follows, so what is missed now is missed for good.
    world.prometheus.sample([
      [59, 9],
      [70, 1],
    ])
    await world.clock.advance(30_000)
    expect((await figure(world)).spent).toBe(dollars(10))
  })

  it('begins at nothing in a new window, and loses nothing in between', async () => {
    const world = budgetWorld({ start: '2026-03-10T23:59:30Z' })
    world.prometheus.sample([
      [-30, 5],
      [0, 6],
    ])
    expect((await figure(world)).spent).toBe(dollars(6))
    world.prometheus.sample([
      [25, 8],
      [35, 11],
    ])
    await world.clock.advance(60_000)
    expect((await figure(world)).spent).toBe(dollars(3))
  })

  it('catches up with what was spent while nobody looked, over a restart', async () => {
    const world = budgetWorld()
    world.prometheus.sample([[0, 1]])
    await figure(world)
    world.restart()
    world.prometheus.sample(
      Array.from({ length: 600 }, (_, minute) => [minute * 60, minute < 300 ? minute : minute - 290] as const),
    )
    await world.clock.advance(10 * HOUR)
    // 299 until the reset at 300, then 10 in full, then 299 more.
    expect((await figure(world)).spent).toBe(dollars(299 + 10 + 299))
    expect(world.prometheus.asked.filter((asked) => asked.endsWith('ms]')).length).toBeLessThan(5)
  })

  it('reads many days with few samples in a few questions', async () => {
    const monthly = budget({ window: 'month', limit: dollars(10_000) })
    const world = budgetWorld({ start: '2026-03-01T00:00:00Z' })
    world.prometheus.sample(Array.from({ length: 20 * 24 }, (_, hour) => [hour * 3_600, hour] as const))
    await world.clock.advance((20 * 24 - 1) * HOUR)
    expect(await figure(world, monthly)).toMatchObject({ spent: dollars(479), messages: [] })
    expect(world.prometheus.asked.length).toBeLessThan(10)
  })

  it('goes on where it was where an answer was too large, piece by piece, and says so meanwhile', async () => {
    const monthly = budget({ window: 'month', limit: dollars(10_000) })
    const world = budgetWorld({ start: '2026-03-01T00:00:00Z' })
    world.prometheus.sample(Array.from({ length: 20 * 24 }, (_, hour) => [hour * 3_600, hour] as const))
    world.prometheus.mostMs = 13 * HOUR
    await world.clock.advance((20 * 24 - 1) * HOUR)
    expect((await figure(world, monthly)).unknown?.why).toContain('too large')
    await world.clock.advance(30_000)
    const second = await world.evaluate([monthly])
    expect([second.nextInMs, second.states[0]?.unknown?.why]).toEqual([1_000, expect.stringContaining('it is behind')])
    for (let look = 0; look < 8; look += 1) {
      await world.clock.advance(30_000)
      await world.evaluate([monthly])
    }
    expect(await figure(world, monthly)).toMatchObject({ spent: dollars(479), messages: [] })
  })

  it('asks for less at once where an answer was too large', async () => {
    const world = budgetWorld()
    world.prometheus.sample([[0, 1]])
    await figure(world)
    await world.clock.advance(10 * HOUR)
    world.prometheus.break(new Error('more than 16777216 bytes'))
    await figure(world)
    const before = world.prometheus.asked.length
    world.prometheus.break(undefined)
    world.prometheus.sample([[36_000, 4]])
    await world.clock.advance(30_000)
    expect((await figure(world)).spent).toBe(dollars(4))
    expect(world.prometheus.asked[before]).toBe('cost_usd[10920000ms]')
  })

  it('is unknown where it has no series, and no zero', async () => {
    const world = budgetWorld()
    const { unknown, spent, messages } = await figure(world)
    expect(unknown?.why).toBe(
      'llm: prometheus main: cost_usd: no series is called cost_usd; say `startsAbsent` where it appears with the first run',
    )
    expect(spent).toBe(0)
    expect(messages).toHaveLength(1)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300])(
    'is unknown while it is %s, and no zero',
    async (value) => {
      const absent = budget({ sources: [{ ...COUNTER, startsAbsent: true }] })
      const world = budgetWorld()
      world.prometheus.sample([
        [0, 3],
        [30, value],
        [60, value],
        [180, value],
      ])
      await world.clock.advance(30_000)
      expect((await figure(world, absent)).spent).toBe(dollars(3))
      await world.clock.advance(150_000)
      expect((await figure(world, absent)).unknown?.why).toContain(`cost_usd is ${value} now: that is no amount`)
      world.prometheus.sample([[210, 4]])
      await world.clock.advance(30_000)
      const again = await figure(world, absent)
      expect([again.spent, again.unknown]).toEqual([dollars(4), undefined])
    },
  )

  it('is zero where it has no series yet and may begin so, and unknown once it was there and is gone', async () => {
    const absent = budget({ sources: [{ ...COUNTER, startsAbsent: true }] })
    const world = budgetWorld()
    expect(await figure(world, absent)).toMatchObject({ spent: 0, messages: [] })
    expect((await figure(world, absent)).unknown).toBeUndefined()
    world.prometheus.sample([[30, 2]])
    world.prometheus.stale(40)
    await world.clock.advance(60_000)
    expect((await figure(world, absent)).spent).toBe(dollars(2))
    await world.clock.advance(120_000)
    expect((await figure(world, absent)).unknown?.why).toContain('cost_usd has no series now')
  })

  it('keeps its figure while Prometheus is down, which is unknown after three looks', async () => {
    const world = budgetWorld()
    world.prometheus.sample([[0, 5]])
    await figure(world)
    world.prometheus.break(new Error('connection refused'))
    await world.clock.advance(60_000)
    const soon = await figure(world)
    expect([soon.spent, soon.unknown]).toEqual([dollars(5), undefined])
    expect(soon.messages).toEqual(['prometheus main: cost_usd: connection refused'])
    await world.clock.advance(60_000)
    const later = await figure(world)
    expect(later).toMatchObject({ spent: dollars(5), unknown: { since: '2026-03-10T00:00:00.000Z' }, holdsNew: true })
    world.prometheus.break(undefined)
    world.prometheus.sample([
      [60, 6],
      [120, 9],
    ])
    await world.clock.advance(60_000)
    const back = await figure(world)
    expect([back.spent, back.unknown, back.messages]).toEqual([dollars(9), undefined, []])
  })

  it('is not unknown for that nobody looked for a while, or does not know yet what is declared', async () => {
    const world = budgetWorld()
    world.prometheus.sample([[0, 5]])
    await figure(world)
    world.restart({ prometheusFor: () => undefined })
    await world.clock.advance(HOUR)
    const first = await figure(world)
    expect([first.spent, first.unknown, first.messages]).toEqual([dollars(5), undefined, []])
    await world.clock.advance(2 * 60_000)
    expect((await figure(world)).unknown?.since).toBe('2026-03-10T00:00:00.000Z')
  })

  it('has as many series as it has at one time: those that ended make room, and nothing is unknown for them', async () => {
    const world = budgetWorld()
    const many = (from: number, at: number) => {
      for (let run = from; run < from + 6_000; run += 1) world.prometheus.sample([[at, 0.001]], { run: String(run) })
    }
    many(0, 30)
    await world.clock.advance(60_000)
    await figure(world)
    await world.clock.advance(48 * HOUR)
    many(6_000, 48 * 3_600)
    const later = await figure(world)
    expect([later.spent, later.unknown, later.messages]).toEqual([dollars(6), undefined, []])
    many(12_000, 48 * 3_600 + 60)
    await world.clock.advance(60_000)
    expect((await figure(world)).messages.join()).toContain('more than 10000 series')
  })

  it('is asked as often as it says, and not at each evaluation', async () => {
    const world = budgetWorld()
    world.prometheus.sample([[0, 5]])
    const { nextInMs } = await world.evaluate([budget()])
    expect(nextInMs).toBe(30_000)
    const { length } = world.prometheus.asked
    await world.clock.advance(29_000)
    await figure(world)
    expect(world.prometheus.asked.length).toBe(length)
    await world.clock.advance(1_000)
    await figure(world)
    expect(world.prometheus.asked.length).toBeGreaterThan(length)
  })

  it('is asked by the labels that it must have', async () => {
    const world = budgetWorld()
    await figure(world, budget({ sources: [{ ...COUNTER, match: { job: 'llm', team: 'a"b\\c' } }] }))
    expect(world.prometheus.asked[0]).toBe('last_over_time(cost_usd{job="llm",team="a\\"b\\\\c"}[1d])')
  })

  it('is read anew from the beginning where the window of the budget is another', async () => {
    const world = budgetWorld({ start: '2026-03-11T12:00:00Z' })
    // Wednesday; the week began on Monday.
    world.prometheus.sample([
      [-250_000, 3],
      [-129_600, 10],
      [-60, 12],
      [0, 13],
    ])
    expect((await figure(world)).spent).toBe(dollars(3))
    expect((await figure(world, budget({ window: 'week' }))).spent).toBe(dollars(10))
  })
})

describe('a counter that carries the agent', () => {
  const each = budget({ per: 'agent', limit: dollars(10), sources: [{ ...COUNTER, by: 'agent' }] })

  it('counts for each agent by itself; one without a series is unknown', async () => {
    const world = budgetWorld()
    world.prometheus.sample([[0, 3]], { agent: 'writer', node: '1' })
    world.prometheus.sample([[0, 4]], { agent: 'writer', node: '2' })
    world.prometheus.sample([[0, 1]], { agent: 'shop/reader' })
    const agents = [agent('writer'), agent('reader'), agent('silent'), agent('other', { budget: 'shop/else' })]
    const { states, holdsNew } = await world.evaluate([each], { agents })
    expect(states.map(({ of, spent, unknown }) => [of, spent, unknown?.why])).toEqual([
      ['writer', dollars(7), undefined],
      ['reader', dollars(1), undefined],
      ['silent', 0, 'llm: prometheus main: cost_usd: it tells nothing of this one'],
    ])
    expect(holdsNew).toEqual(['shop/silent'])
  })

  it('that is no amount for one agent is known for the others', async () => {
    const world = budgetWorld()
    world.prometheus.sample([[0, 3]], { agent: 'writer' })
    world.prometheus.sample([[0, Number.NaN]], { agent: 'reader' })
    const { states } = await world.evaluate([each], { agents: [agent('writer'), agent('reader')] })
    expect(states.map(({ of, unknown }) => [of, unknown !== undefined])).toEqual([
      ['writer', false],
      ['reader', true],
    ])
  })

  it('stops the agent that spent too much, and no other', async () => {
    const world = budgetWorld()
    world.prometheus.sample([[0, 12]], { agent: 'writer' })
    world.prometheus.sample([[0, 1]], { agent: 'reader' })
    const { halts } = await world.evaluate([each], { agents: [agent('writer'), agent('reader')] })
    expect(halts.map((one) => [one.agent, one.halt.why])).toEqual([['shop/writer', 'exceeded']])
  })

  it('tells of users, and stops nobody for them', async () => {
    const users = budget({ per: 'user', limit: dollars(10), sources: [{ ...COUNTER, by: 'user' }] })
    const world = budgetWorld()
    world.prometheus.sample([[0, 12]], { user: 'ann' })
    world.prometheus.sample([[0, 6]], { user: 'bob' })
    const { halts, warnings, states } = await world.evaluate([users])
    expect(halts).toEqual([])
    expect(states.map(({ of, spent }) => [of, spent])).toEqual([
      ['ann', dollars(12)],
      ['bob', dollars(6)],
    ])
    expect(warnings.map(({ of, percent }) => [of, percent])).toEqual([
      ['ann', 100],
      ['bob', 50],
    ])
  })
})
