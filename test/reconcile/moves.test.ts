import { expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import { createFleet, net, shortId, thing } from '../support/fleet.ts'

it('rule 11: the same id in another app is a move: record and stamp only, nothing restarts', async () => {
  const fleet = createFleet()
  fleet.commit({ platform: [thing('db'), thing('web')] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ platform: [thing('web')], data: [thing('db')] })
  await fleet.apply()
  expect(fleet.writes()).toEqual(['move prod/Thing/db'])
  expect(fleet.world.objects.get(shortId('Thing/db'))).toMatchObject({ starts: 1, stamp: { app: 'data' } })
  expect(fleet.store.record().find((entry) => entry.id === shortId('Thing/db'))?.app).toBe('data')
})

it('rule 11: what cannot be stamped again is moved in the record alone, once', async () => {
  const fleet = createFleet()
  fleet.commit({ one: [net('front')] })
  await fleet.apply()
  fleet.commit({ two: [net('front')] })
  expect((await fleet.run('two')).steps).toMatchObject([{ action: 'move', step: 'applied' }])
  fleet.world.writes.length = 0
  expect((await fleet.run('two')).outcome).toBe('unchanged')
  expect(fleet.world.writes).toEqual([])
  expect(fleet.world.record?.unstamped[shortId('Net/front')]?.app).toBe('two')
})

it('rule 11: no app prunes an id that any app desires, whichever of them is first', async () => {
  for (const [from, to] of [
    ['a', 'z'],
    ['z', 'a'],
  ] as const) {
    const fleet = createFleet()
    fleet.commit({ [from]: [thing('x'), thing('y')], [to]: [thing('other')] })
    await fleet.apply()
    fleet.writes()
    fleet.commit({ [from]: [thing('y')], [to]: [thing('other'), thing('x')] })
    await fleet.apply()
    expect(fleet.writes()).toEqual(['move prod/Thing/x'])
  }
})

it('rule 11: an app that is made of moved things has a last good state, and goes back to it', async () => {
  const fleet = createFleet()
  fleet.commit({ platform: [thing('db'), thing('web')] })
  await fleet.apply()
  fleet.commit({ platform: [thing('web')], data: [thing('db', { value: 100 })] })
  expect(await fleet.run('data')).toMatchObject({ outcome: 'rolled-back' })
  expect(fleet.spec('Thing/db')).toMatchObject({ value: 1 })
  fleet.writes()
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
})

it('rule 11: after a pure move the new app can be rolled back', async () => {
  const fleet = createFleet()
  fleet.commit({ platform: [thing('db'), thing('web')] })
  await fleet.apply()
  fleet.commit({ platform: [thing('web')], data: [thing('db')] })
  await fleet.apply()
  fleet.commit({ platform: [thing('web')], data: [thing('db', { value: 100 })] })
  expect((await fleet.run('data')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/db')).toMatchObject({ value: 1 })
})

it('rule 11: what was moved away is not taken back by the rollback of the app that it left', async () => {
  const fleet = createFleet()
  fleet.commit({ one: [thing('x'), thing('y')] })
  await fleet.apply()
  fleet.commit({ one: [thing('y', { value: 100 })], two: [thing('x', { value: 2 })] })
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'one').outcome).toBe('rolled-back')
  await fleet.apply()
  expect(fleet.spec('Thing/x')).toMatchObject({ value: 2 })
  expect(fleet.world.objects.get(shortId('Thing/x'))?.stamp?.app).toBe('two')
})

it('rule 11: what moves back brings the newest last good state along', async () => {
  const fleet = createFleet()
  const still = thing('still')
  fleet.commit({ one: [thing('x', { value: 1 }), still] })
  await fleet.apply()
  fleet.commit({ one: [still], two: [thing('x', { value: 2 })] })
  await fleet.apply()
  fleet.commit({ one: [still, thing('x', { value: 100 })] })
  expect((await fleet.run('one')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/x')).toMatchObject({ value: 2 })
})

it('rule 11: a change of the live name is a replace, only where it is declared', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('old')] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: [thing('new', {}, { keeper: { movedFrom: 'old' } })] })
  await fleet.apply()
  expect(fleet.writes()).toEqual(['replace prod/Thing/new'])
  expect([...fleet.world.objects.keys()]).toEqual([shortId('Thing/new')])
  fleet.writes()
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
})

it('rule 11: a rename that fails goes back to the old name', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('old')] })
  await fleet.apply()
  fleet.commit({ web: [thing('new', { value: 100 }, { keeper: { movedFrom: 'old' } })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect([...fleet.world.objects.keys()]).toEqual([shortId('Thing/old')])
})

it('rule 16: a move that is refused is held back like a change, and an edit of it lets it go', async () => {
  const fleet = createFleet()
  fleet.commit({ one: [thing('x'), thing('y')] })
  await fleet.apply()
  fleet.world.beforeWrite = (what) => {
    if (what === 'move prod/Thing/x') throw new ReconcileError('TargetRefused', { message: 'labels are locked' })
  }
  fleet.commit({ one: [thing('y')], two: [thing('x')] })
  expect(await fleet.run('two')).toMatchObject({ reason: 'TargetRefused' })
  expect(fleet.store.app('two').held?.members.map((member) => member.id)).toEqual([shortId('Thing/x')])
  fleet.world.beforeWrite = () => {}
  fleet.commit({ one: [thing('y')], two: [thing('x', { value: 2 })] })
  expect((await fleet.run('two')).outcome).toBe('proven')
  expect(fleet.store.app('two').held).toBeUndefined()
})
