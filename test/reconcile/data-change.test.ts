import { expect, it } from 'vitest'
import { createFleet, thing } from '../support/fleet.ts'

it('rule 12: another volume under a mount blocks, and says where the data stays', async () => {
  const fleet = createFleet()
  fleet.commit({ db: [thing('pg', { volume: 'platform_data' })] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ db: [thing('pg', { volume: 'data_data' })] })
  expect(await fleet.run('db')).toMatchObject({
    outcome: 'waiting',
    reason: 'DataChange',
    message: expect.stringContaining('its data stays in volume platform_data'),
  })
  expect(fleet.writes()).toEqual([])
})

it('rule 12: until `moved:` says that it is meant', async () => {
  const fleet = createFleet()
  fleet.commit({ db: [thing('pg', { volume: 'a' })] })
  await fleet.apply()
  fleet.commit({ db: [thing('pg', { volume: 'b' }, { keeper: { movedFrom: 'a' } })] })
  expect((await fleet.run('db')).outcome).toBe('proven')
  expect(fleet.spec('Thing/pg')).toMatchObject({ volume: 'b' })
})

it('rule 12: drift that gave it another volume is not healed, whatever the policy', async () => {
  const fleet = createFleet()
  fleet.commit({ db: [thing('pg', { volume: 'a' }, { keeper: { drift: 'heal' } })] })
  await fleet.apply()
  fleet.byHand('Thing/pg', { volume: 'b' })
  fleet.writes()
  expect((await fleet.run('db')).reason).toBe('DataChange')
  expect(fleet.writes()).toEqual([])
})

it('rule 12: the rest of the app moves on, and what was blocked does not become last good', async () => {
  const fleet = createFleet()
  fleet.commit({ db: [thing('pg', { volume: 'a' }), thing('web')] })
  await fleet.apply()
  fleet.commit({ db: [thing('pg', { volume: 'b', value: 2 }), thing('web', { value: 2 })] })
  expect((await fleet.run('db')).outcome).toBe('proven')
  const good = fleet.store.lastGood('db').find((one) => one.id === 'prod/Thing/pg')
  expect(good?.spec).toMatchObject({ volume: 'a', value: 1 })
})

it('rule 12: `rollback: app` goes back to the volume that it had', async () => {
  const fleet = createFleet()
  const keeper = { rollback: 'app' } as const
  fleet.commit({ db: [thing('pg', { volume: 'a' }, { keeper })] })
  await fleet.apply()
  fleet.commit({ db: [thing('pg', { volume: 'b', value: 100 }, { keeper: { ...keeper, movedFrom: 'pg' } })] })
  expect((await fleet.run('db')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/pg')).toMatchObject({ volume: 'a', value: 1 })
})
