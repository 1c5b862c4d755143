import { expect, it } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFleet, type TestFleet, task, thing, type Written } from '../support/fleet.ts'

/** The revision's first write is carried out, and nobody hears of it: process and database are gone. */
async function interrupt(fleet: TestFleet, web: readonly Written[]): Promise<void> {
  fleet.commit({ web })
  fleet.world.afterWrite = (what) => {
    if (!what.startsWith('record')) throw new Error('killed')
  }
  await fleet.apply()
  fleet.world.afterWrite = () => {}
  fleet.world.holder = undefined
  fleet.store = createMemoryStore()
}

it('without the database, a revision that was applied and not proven is proven', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello')] })
  await fleet.apply()
  await interrupt(fleet, [thing('hello', { value: 2 })])
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.writes()).toEqual([])
  expect(fleet.store.app('web').attempt).toBeUndefined()
})

it('without the database, a bad revision that was half applied goes back to last good, with what it created', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello')] })
  await fleet.apply()
  await interrupt(fleet, [thing('hello', { value: 100 }), thing('new')])
  expect(await fleet.run('web')).toMatchObject({ outcome: 'rolled-back', message: 'prod/Thing/hello: it crashes' })
  expect(fleet.spec('Thing/hello')).toMatchObject({ value: 1 })
  expect(fleet.spec('Thing/new')).toBeUndefined()
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('held-back')
  expect(fleet.writes()).toEqual([])
})

it('without the database, what is irreversible and ran is not taken back', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'one', { irreversible: true }), thing('hello')] })
  await fleet.apply()
  await interrupt(fleet, [
    task('migrate', 'two', { irreversible: true }),
    thing('hello', { value: 100 }, { after: ['Task/migrate'] }),
  ])
  expect(await fleet.run('web')).toMatchObject({ outcome: 'held-back', todo: expect.stringContaining('irreversible') })
  expect(fleet.spec('Thing/hello')).toMatchObject({ value: 100 })
})

it('without the database, what is held back stays so, and nothing is written', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello')], other: [thing('other')] })
  await fleet.apply()
  fleet.commit({ web: [thing('hello', { value: 100 })], other: [thing('other')] })
  await fleet.apply()
  fleet.store = createMemoryStore()
  fleet.writes()
  const outcome = await fleet.apply()
  expect(outcome.apps.map((app) => app.outcome)).toEqual(['unchanged', 'held-back'])
  expect(fleet.writes()).toEqual([])
  expect(outcome.look.recognised).toMatchObject({ resources: 2, holds: 1 })
})
