import { expect, it } from 'vitest'
import { createFleet, shortId, thing } from '../support/fleet.ts'

const BAD = 100

it('rule 16: editing one member releases its group', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD }), thing('b', { value: 2 })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 1 })
  fleet.commit({ web: [thing('a', { value: 3 }), thing('b', { value: 2 })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 3 })
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 2 })
  expect(fleet.store.app('web').held).toBeUndefined()
})

it('rule 16: a revert releases it as well, with nothing to write', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD })] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
  expect(fleet.store.app('web').held).toBeUndefined()
})

it('rule 16: a second failed attempt does not let the first one out again', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD }), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD }), thing('b', { value: BAD })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  fleet.writes()
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
  fleet.commit({ web: [thing('a', { value: BAD }), thing('b', { value: 5 })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.writes()).toEqual(['update prod/Thing/b'])
  expect(fleet.store.app('web').held?.members.map((member) => member.id)).toEqual([shortId('Thing/a')])
})

it('rule 16: held back after it was removed and made again by an unrelated edit: what was created stays away', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a'), thing('new', { value: BAD })] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('new', { value: BAD })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/new')).toBeUndefined()
})

it('rule 16: a removal that is held back is not carried out by the next merge', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('old')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD })] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD }), thing('x')] })
  await fleet.apply()
  expect(fleet.spec('Thing/old')).toBeDefined()
  fleet.commit({ web: [thing('a', { value: 4 }), thing('x')] })
  await fleet.apply()
  expect(fleet.spec('Thing/old')).toBeUndefined()
})

it('rule 16: what is held back is kept at last good, also against drift', async () => {
  const fleet = createFleet()
  const keeper = { drift: 'heal' } as const
  fleet.commit({ web: [thing('a', {}, { keeper })] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD }, { keeper })] })
  await fleet.apply()
  fleet.byHand('Thing/a', { value: 7 })
  await fleet.apply()
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('rule 17: a retry tries what is held back once more, and it becomes last good', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  const second = fleet.commit({ web: [thing('a', { value: BAD })] })
  await fleet.apply()
  fleet.world.healthOf = () => ({ status: 'healthy' })
  expect((await fleet.run('web', { retry: true })).outcome).toBe('proven')
  expect(fleet.store.app('web')).toMatchObject({ lastGood: { revision: second } })
  expect(fleet.store.app('web').held).toBeUndefined()
})

it('rule 17: a retry of one app leaves what is held back in others', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')], other: [thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD })], other: [thing('b', { value: BAD })] })
  await fleet.apply()
  fleet.world.healthOf = () => ({ status: 'healthy' })
  await fleet.apply({ retry: true, app: 'web' })
  expect(fleet.spec('Thing/a')).toMatchObject({ value: BAD })
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 1 })
})

it('rule 17: what stayed for inspection and recovered is proven by a retry, with nothing to write', async () => {
  const fleet = createFleet()
  const first = fleet.commit({ web: [thing('a', { value: BAD })] })
  expect((await fleet.run('web')).outcome).toBe('held-back')
  fleet.world.healthOf = () => ({ status: 'healthy' })
  fleet.writes()
  expect((await fleet.run('web', { retry: true })).outcome).toBe('proven')
  expect(fleet.writes()).toEqual([])
  expect(fleet.store.app('web').lastGood?.revision).toBe(first)
})

it('rule 17: a retry that fails again is held back again', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a', { value: BAD })] })
  await fleet.apply()
  expect((await fleet.run('web', { retry: true })).outcome).toBe('held-back')
  expect((await fleet.run('web')).outcome).toBe('held-back')
  expect(fleet.store.app('web').held).toBeDefined()
})

it('rule 17: an edit elsewhere in the app does not make a failed first deploy good', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a', { value: BAD }), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD }), thing('b', { value: 2 })] })
  expect((await fleet.run('web')).outcome).toBe('held-back')
  expect(fleet.store.app('web').lastGood).toBeUndefined()
})

it('rule 19: a revert that nobody can see standing there is unknown: it stays held, and nothing is said to be applied', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: BAD }, { keeper: { rollback: 'hold' } })] })
  expect((await fleet.run('web')).outcome).toBe('held-back')
  fleet.world.reachable = false
  fleet.commit({ web: [thing('a')] })
  expect((await fleet.run('web')).outcome).toBe('unknown')
  expect(fleet.store.app('web').held).toBeDefined()
  fleet.world.reachable = true
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  expect(fleet.store.app('web').held).toBeUndefined()
})
