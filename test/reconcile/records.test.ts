import { expect, it } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFleet, net, shortId, type TestFleet, task, thing } from '../support/fleet.ts'

const CONFIRMED = { rebuild: true }

async function running(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b'), net('front'), task('seed', 'one')] })
  await fleet.apply()
  fleet.writes()
  return fleet
}

it('rule 8: database gone: known again from the record of the target and the stamps, zero writes', async () => {
  const fleet = await running()
  const before = fleet.store.record().map(({ id, app, digest }) => `${id} ${app} ${digest}`)
  const good = fleet.store.app('web').lastGood
  fleet.store = createMemoryStore()
  fleet.world.writes.length = 0
  const outcome = await fleet.apply()
  expect(outcome.look.recognised).toMatchObject({ resources: 4, notes: [] })
  expect(fleet.world.writes).toEqual([])
  expect(
    fleet.store
      .record()
      .map(({ id, app, digest }) => `${id} ${app} ${digest}`)
      .sort(),
  ).toEqual([...before].sort())
  expect(fleet.store.app('web').lastGood).toEqual(good)
})

it('rule 8: and what was good is rendered again from git, so that a rollback still goes there', async () => {
  const fleet = await running()
  fleet.store = createMemoryStore()
  fleet.commit({ web: [thing('a', { value: 100 }), thing('b'), net('front'), task('seed', 'one')] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('rule 8: what was held back while the rest moved on is good since an older revision than the rest', async () => {
  const fleet = await running()
  const rest = [net('front'), task('seed', 'one')]
  fleet.commit({ web: [thing('a', { value: 100 }), thing('b'), ...rest] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 100 }), thing('b', { value: 5 }), ...rest] })
  await fleet.apply()
  fleet.store = createMemoryStore()
  fleet.writes()
  const outcome = await fleet.apply()
  expect(outcome.look.recognised).toMatchObject({ holds: 1 })
  expect(fleet.writes()).toEqual([])
  const good = new Map(fleet.store.lastGood('web').map((one) => [one.id, one.spec]))
  expect(good.get(shortId('Thing/a'))).toMatchObject({ value: 1 })
  expect(good.get(shortId('Thing/b'))).toMatchObject({ value: 5 })
})

it('rule 8: both gone: observe only, until a person confirms', async () => {
  const fleet = await running()
  fleet.store = createMemoryStore()
  fleet.world.record = undefined
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b'), net('front'), task('seed', 'one')] })
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'web')).toMatchObject({ outcome: 'waiting', reason: 'RecordDisagrees' })
  expect(fleet.world.writes).toEqual([])
  const rebuilt = await fleet.apply(CONFIRMED)
  expect(rebuilt.look.recognised).toBeDefined()
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 2 })
})

it('rule 8: records that disagree (this database is an old copy): observe only, until a person confirms', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  const old = createMemoryStore()
  old.putRecorded(fleet.store.record())
  old.putApp(fleet.store.app('web'))
  fleet.clock.jump(60_000)
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b')] })
  await fleet.apply()
  fleet.store = old
  fleet.writes()
  fleet.byHand('Thing/b', undefined)
  const outcome = await fleet.run('web')
  expect(outcome).toMatchObject({ outcome: 'waiting', reason: 'RecordDisagrees' })
  expect(fleet.writes()).toEqual([])
  await fleet.apply(CONFIRMED)
  expect(fleet.spec('Thing/b')).toBeDefined()
})

it('rule 8: a kill between forgetting a removed app and telling the target is no disagreement', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')], other: [thing('b'), thing('c'), thing('d')] })
  await fleet.apply()
  fleet.commit({ other: [thing('b'), thing('c'), thing('d')] })
  fleet.wrapTarget = (target) => ({ ...target, writeRecord: async () => Promise.reject(new Error('no answer')) })
  await fleet.apply()
  await fleet.apply()
  expect(fleet.store.apps().map((state) => state.app)).toEqual(['other'])
  fleet.wrapTarget = (target) => target
  expect((await fleet.run('other')).outcome).toBe('unchanged')
  expect(Object.keys(fleet.world.record?.apps ?? {})).toEqual(['other'])
})

it('rule 8: a record that could not be written is written at the next run', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  fleet.wrapTarget = (target) => ({ ...target, writeRecord: async () => Promise.reject(new Error('no answer')) })
  await fleet.apply()
  expect(fleet.world.record).toBeUndefined()
  fleet.wrapTarget = (target) => target
  await fleet.apply()
  expect(fleet.world.record?.apps.web).toMatchObject({ lastGood: expect.anything() })
})

it('rule 8: the record of one target tells of what is on it', async () => {
  const fleet = createFleet()
  const far = thing('far', {}, { target: 'edge' })
  fleet.commit({ web: [thing('a')], far: [far] }, { targets: ['prod', 'edge'] })
  await fleet.apply()
  expect(Object.keys(fleet.worlds.get('edge')?.record?.apps ?? {})).toEqual(['far'])
  expect(Object.keys(fleet.world.record?.apps ?? {})).toEqual(['web'])
})

it('rule 22: neither record, journal nor history holds a secret', async () => {
  const fleet = createFleet()
  const opaque = { secret: 'file:db-password', mac: 'a'.repeat(64) }
  fleet.commit({ web: [{ kind: 'Thing', name: 'a', spec: { value: 1, label: opaque } }] })
  let told = ''
  const { store } = fleet
  fleet.store = {
    ...store,
    addIntent: (intent) => {
      told += JSON.stringify(intent)
      return store.addIntent(intent)
    },
    markIntent: (...args) => {
      told += JSON.stringify(args)
      store.markIntent(...args)
    },
  }
  await fleet.apply()
  const kept = JSON.stringify([
    fleet.store.record(),
    fleet.store.apps(),
    fleet.store.lastGood('web'),
    fleet.store.history({ limit: 100 }),
    fleet.world.record,
    fleet.events,
  ])
  expect(told).toContain('prod/Thing/a')
  expect(`${told}${kept}`).not.toContain('content of')
  expect(kept).toContain('file:db-password')
})
