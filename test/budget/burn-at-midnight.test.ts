import { expect, it } from 'vitest'
import { agent, budget, budgetWorld, dollars, REPORTED } from './budget-world.ts'

const MINUTE = 60_000
const WRITER = agent('writer')
const BURN = budget({ sources: [REPORTED], limit: dollars(10), burn: { limit: dollars(5), inMs: 10 * MINUTE } })

it('what burned just before midnight is said with what it overshot then, also after it', async () => {
  const of = budgetWorld()
  await of.evaluate([BURN], { agents: [WRITER] })
  await of.clock.advance((24 * 60 - 3) * MINUTE)
  await of.evaluate([BURN], { agents: [WRITER] })
  of.budgets.report({ key: 'one', budget: 'daily', amount: 25 })
  const before = await of.evaluate([BURN], { agents: [WRITER] })
  const said = before.halts[0]?.halt.message
  expect(said).toContain('$25.00 of $10.00 (250 %), $15.00 over this day')
  await of.clock.advance(5 * MINUTE)
  const after = await of.evaluate([BURN], { agents: [WRITER] })
  expect(after.states[0]).toMatchObject({ spent: 0, halted: { why: 'burn', message: said } })
})
