import { expect, it } from 'vitest'
import { UNREAD_TARGETS } from '../../src/model/desired.ts'
import { forgetTarget } from '../../src/reconcile/forget.ts'
import { createFleet, type TestFleet, thing } from '../support/fleet.ts'

const on = (target: string, name: string) => thing(name, {}, { target })

/** Two hosts, one of which left the repository. */
async function orphaned(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: [on('h1', 'a'), on('h2', 'a')] }, { targets: ['h1', 'h2'] })
  await fleet.apply()
  fleet.commit({ web: [on('h1', 'a')] }, { targets: ['h1'] })
  await fleet.apply()
  fleet.writes()
  return fleet
}
const recorded = (fleet: TestFleet) => fleet.store.record().map(({ id }) => id)
const forget = (fleet: TestFleet, target: string) => forgetTarget(fleet, target, { by: 'ada', declared: ['h1'] })

it('what is on a target that left the repository stays ours, and is not touched', async () => {
  const fleet = await orphaned()
  expect(recorded(fleet)).toEqual(['h1/Thing/a', 'h2/Thing/a'])
  expect(fleet.spec('Thing/a', 'h2')).toBeDefined()
})

it('a person lets go of it: it stays there as it is, and is nobody’s', async () => {
  const fleet = await orphaned()
  expect(forget(fleet, 'h2')).toEqual(['h2/Thing/a'])
  expect(recorded(fleet)).toEqual(['h1/Thing/a'])
  await fleet.apply()
  expect(fleet.spec('Thing/a', 'h2')).toBeDefined()
  expect(fleet.writes()).toEqual([])
  expect(fleet.store.history({ limit: 1 })[0]).toMatchObject({ by: 'ada', message: 'forgot h2, with 1 of ours on it' })
})

it('what is declared is not forgotten, and what nobody knows is told with the nearest name', async () => {
  const fleet = await orphaned()
  expect(() => forget(fleet, 'h1')).toThrow(/'h1' is declared/)
  expect(() => forget(fleet, 'h3')).toThrow(/did you mean 'h2'/)
})

it('while a file of targets cannot be read, nobody knows what is declared', async () => {
  const fleet = await orphaned()
  expect(() => forgetTarget(fleet, 'h2', { by: 'ada', declared: ['h1', UNREAD_TARGETS] })).toThrow(/may declare 'h2'/)
  expect(recorded(fleet)).toContain('h2/Thing/a')
})

it('declared again, its own record says what is ours there, and the next apply prunes it', async () => {
  const fleet = await orphaned()
  fleet.commit({ web: [on('h1', 'a')] }, { targets: ['h1', 'h2'] })
  await fleet.apply()
  expect(fleet.spec('Thing/a', 'h2')).toBeUndefined()
})
