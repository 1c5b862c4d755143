import { expect, it } from 'vitest'
import { pinApp, restartResource, resumeApp, suspendApp, unpinApp } from '../../src/reconcile/operator.ts'
import { createFleet, type TestFleet, thing, type WrittenFleet } from '../support/fleet.ts'

const HOUR = 3_600_000
const BAD = 100
/** The clock begins at midnight, on a Thursday. */
const windows = [{ deny: 'Thu 02:00 - Thu 06:00', timezone: 'UTC' }]
const WORDS = 'maintenance window until 2026-01-01T06:00:00.000Z: Thu 02:00 - Thu 06:00 (UTC)'

const web = (value: number, keeper = {}): WrittenFleet => ({ web: [thing('a', { value }, { keeper }), thing('b')] })

async function running(keeper = {}): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit(web(1, keeper), { windows })
  await fleet.apply()
  fleet.writes()
  return fleet
}

/** Three o'clock: nothing new for three hours. */
async function inWindow(): Promise<TestFleet> {
  const fleet = await running()
  fleet.clock.jump(3 * HOUR)
  return fleet
}

it('a revision that comes in a maintenance window waits for its end, and says until when', async () => {
  const fleet = await inWindow()
  const revision = fleet.commit({ web: [thing('a', { value: 2 }), thing('new')] }, { windows })
  const outcome = await fleet.run('web')
  expect(outcome).toMatchObject({ outcome: 'waiting', reason: 'GuardHeld', message: `prod/Thing/a: ${WORDS}` })
  expect(outcome.guards).toEqual([{ name: `window:${revision.slice(0, 12)}`, message: WORDS }])
  expect(outcome.plan?.held.map(({ id, why }) => `${why} ${id}`)).toEqual([
    'window prod/Thing/a',
    'window prod/Thing/new',
    'window prod/Thing/b',
  ])
  expect(fleet.writes()).toEqual([])
  fleet.clock.jump(3 * HOUR)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/b')).toBeUndefined()
})

it('a plan shows what waits', async () => {
  const fleet = await inWindow()
  fleet.commit(web(2), { windows })
  const { plan } = await fleet.run('web', { readOnly: true })
  expect(plan?.stages).toEqual([])
  expect(plan?.held).toMatchObject([{ id: 'prod/Thing/a', why: 'window', diffs: [{ path: '/value', from: 1, to: 2 }] }])
})

it('a person applies it all the same', async () => {
  const fleet = await inWindow()
  fleet.commit(web(2), { windows })
  const [guard] = (await fleet.run('web')).guards
  const confirm = [guard?.name ?? '']
  expect((await fleet.run('web', { confirm })).outcome).toBe('proven')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 2 })
})

it('the word that lets a revision go on heals no drift, neither of this app nor of another', async () => {
  const fleet = createFleet()
  const of = (value: number): WrittenFleet => ({ ...web(value), other: [thing('o')] })
  fleet.commit(of(1), { windows })
  await fleet.apply()
  fleet.clock.jump(3 * HOUR)
  const revision = fleet.commit(of(2), { windows })
  fleet.byHand('Thing/b', { label: 'hand' })
  fleet.byHand('Thing/o', { label: 'hand' })
  fleet.writes()
  await fleet.apply({ confirm: [`window:${revision.slice(0, 12)}`] })
  expect(fleet.writes()).toEqual(['update prod/Thing/a'])
  fleet.clock.jump(3 * HOUR)
  expect((await fleet.apply()).apps.map(({ outcome }) => outcome)).toEqual(['healed', 'healed'])
})

it('an app that is unpinned in it says that it waits, and what happens when', async () => {
  const fleet = await running()
  const revision = fleet.commit(web(2), { windows })
  await fleet.apply()
  await pinApp(fleet.collaborators(), 'web', { by: 'ada', signal: new AbortController().signal })
  await fleet.apply()
  fleet.clock.jump(3 * HOUR)
  unpinApp(fleet.collaborators(), 'web', { by: 'ada' })
  const { outcome, todo, guards } = await fleet.run('web', { app: 'web' })
  expect(outcome).toBe('waiting')
  const until = '2026-01-01T06:00:00.000Z'
  expect(todo).toBe(
    `the first apply after ${until} brings it to ${revision.slice(0, 12)}; until then it stays as it is`,
  )
  expect(guards).toMatchObject([{ name: `window:${revision.slice(0, 12)}` }])
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('drift is seen, and healed after the window', async () => {
  const fleet = await inWindow()
  fleet.byHand('Thing/a', { label: 'hand' })
  const outcome = await fleet.run('web')
  expect(outcome.plan?.held).toMatchObject([{ id: 'prod/Thing/a', why: 'reported', message: WORDS }])
  expect(fleet.store.fleet().drift).toHaveProperty('prod/Thing/a')
  expect(fleet.writes()).toEqual([])
  fleet.clock.jump(3 * HOUR)
  expect((await fleet.run('web')).outcome).toBe('healed')
})

it('what a person decides goes on', async () => {
  const fleet = await running()
  fleet.commit(web(2), { windows })
  await fleet.apply()
  fleet.clock.jump(3 * HOUR)
  const engine = fleet.collaborators()
  restartResource(engine, 'Thing/b', { by: 'ada' })
  expect((await fleet.run('web')).outcome).toBe('done')
  suspendApp(engine, 'web', { by: 'ada', forMs: HOUR })
  await fleet.apply()
  expect(fleet.spec('Thing/a')).toMatchObject({ resting: true })
  resumeApp(engine, 'web', { by: 'ada' })
  await fleet.apply()
  expect(fleet.spec('Thing/a')).not.toMatchObject({ resting: true })
  await pinApp(engine, 'web', { by: 'ada', signal: new AbortController().signal })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('so does a retry of one app, and what is held back is not released by the window', async () => {
  const fleet = await running()
  fleet.commit(web(BAD), { windows })
  await fleet.apply()
  fleet.clock.jump(3 * HOUR)
  fleet.commit(web(2), { windows })
  await fleet.apply()
  expect(fleet.store.app('web').held).toBeDefined()
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  expect((await fleet.run('web', { retry: true, app: 'web' })).outcome).toBe('proven')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 2 })
})

it('rule 16: a window does not stop the way back: what fails while it bakes is rolled back', async () => {
  const fleet = await running({ bakeMs: 4 * HOUR })
  fleet.clock.jump(HOUR)
  fleet.clock.jump(4 * HOUR)
  await fleet.apply()
  fleet.clock.jump(-4 * HOUR)
  fleet.commit(web(2, { bakeMs: 4 * HOUR }), { windows })
  expect((await fleet.run('web')).outcome).toBe('applied')
  fleet.clock.jump(2 * HOUR)
  fleet.world.healthOf = (_id, { spec }) =>
    (spec as { value: number }).value === 2 ? { status: 'degraded', message: 'it crashes' } : { status: 'healthy' }
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('rule 16: nor does it stop a rollback half way', async () => {
  const fleet = await running()
  fleet.commit(web(BAD), { windows })
  fleet.world.afterWrite = () => {
    fleet.world.afterWrite = () => {}
    fleet.world.healthOf = () => {
      fleet.world.reachable = false
      return { status: 'degraded', message: 'it crashes' }
    }
  }
  expect((await fleet.run('web')).outcome).toBe('rolling-back')
  fleet.world.reachable = true
  fleet.world.healthOf = () => ({ status: 'healthy' })
  fleet.clock.jump(3 * HOUR)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('what has begun before the window goes on: half of a revision is worse than either', async () => {
  const fleet = await running()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b', { value: 2 }, { after: ['Thing/a'] })] }, { windows })
  fleet.world.afterWrite = (what) => {
    if (what === 'update prod/Thing/a') fleet.world.reachable = false
  }
  expect((await fleet.run('web')).outcome).toBe('unknown')
  fleet.world.afterWrite = () => {}
  fleet.world.reachable = true
  fleet.clock.jump(3 * HOUR)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 2 })
})
