import { describe, expect, it } from 'vitest'
import { agent, budget, budgetWorld, COUNTER, dollars, REPORTED } from './budget-world.ts'

const BURN = { limit: dollars(3), inMs: 600_000 }

describe.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('an agent or user called %s', (name) => {
  it('is counted by its reports, and stopped, as any other', async () => {
    const each = budget({ sources: [REPORTED], per: 'agent', limit: dollars(3) })
    const world = budgetWorld()
    const agents = [agent(name)]
    expect((await world.evaluate([each], { agents })).states.map(({ spent }) => spent)).toEqual([0])
    for (const key of ['a', 'b']) world.budgets.report({ key, budget: 'daily', amount: '1.5', agent: name })
    const { states, halts } = await world.evaluate([each], { agents })
    expect(states.map(({ of, spent }) => [of, spent])).toEqual([[name, dollars(3)]])
    expect(halts.map((one) => one.agent)).toEqual([`shop/${name}`])
  })

  it('is counted by a label, and what it burns', async () => {
    const each = budget({ sources: [{ ...COUNTER, by: 'agent' }], per: 'agent', burn: BURN })
    const world = budgetWorld()
    const agents = [agent(name), agent('writer')]
    await world.evaluate([each], { agents })
    world.prometheus.sample([[30, 1]], { agent: name })
    await world.clock.advance(30_000)
    expect((await world.evaluate([each], { agents })).halts).toEqual([])
    world.prometheus.sample([[60, 5]], { agent: name })
    await world.clock.advance(30_000)
    const { states, halts } = await world.evaluate([each], { agents })
    expect(states.find(({ of }) => of === name)?.spent).toBe(dollars(5))
    expect(halts.map((one) => [one.agent, one.halt.why])).toEqual([[`shop/${name}`, 'burn']])
  })

  it('is counted as a user', async () => {
    const users = budget({ sources: [REPORTED], per: 'user' })
    const world = budgetWorld()
    await world.evaluate([users])
    world.budgets.report({ key: 'a', budget: 'daily', amount: 2, user: name })
    expect((await world.evaluate([users])).states.map(({ of, spent }) => [of, spent])).toEqual([[name, dollars(2)]])
  })
})
