import { expect, it } from 'vitest'
import type { Handling } from '../../src/model/resource.ts'
import { freezeFleet, restartResource, resumeApp, suspendApp, unfreezeFleet } from '../../src/reconcile/operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFleet, shortId, type TestFleet, task, thing } from '../support/fleet.ts'

const HOUR = 3_600_000

const suspend = (fleet: TestFleet): void =>
  suspendApp(fleet.collaborators(), 'web', { by: 'ada', reason: 'maintenance', forMs: HOUR })

async function running(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')], other: [thing('c')] })
  await fleet.apply()
  fleet.writes()
  return fleet
}

it("rule 6: an operator's suspension puts an app to rest, and carries its cause", async () => {
  const fleet = await running()
  suspend(fleet)
  const outcome = await fleet.run('web')
  expect(outcome.steps.map(({ cause }) => cause)).toEqual(['operator', 'operator'])
  expect(fleet.spec('Thing/a')).toMatchObject({ resting: true })
  expect(fleet.spec('Thing/c')).not.toMatchObject({ resting: true })
  expect(await fleet.run('web')).toMatchObject({ outcome: 'suspended' })
})

it('rule 6: it expires by itself', async () => {
  const fleet = await running()
  suspend(fleet)
  await fleet.apply()
  fleet.clock.jump(HOUR)
  const outcome = await fleet.run('web')
  expect(outcome.steps.map(({ cause }) => cause)).toEqual(['operator', 'operator'])
  expect(fleet.spec('Thing/a')).toEqual({ value: 1 })
})

it('rule 6: or is lifted by a person', async () => {
  const fleet = await running()
  suspend(fleet)
  await fleet.apply()
  resumeApp(fleet.collaborators(), 'web', { by: 'ada' })
  await fleet.apply()
  expect(fleet.spec('Thing/a')).toEqual({ value: 1 })
  expect(fleet.store.history({ app: 'web', limit: 10 }).filter((entry) => entry.by === 'ada')).toHaveLength(2)
})

it('rule 6: a revision that is merged while an app rests is applied unproven', async () => {
  const fleet = await running()
  const good = fleet.store.app('web').lastGood
  suspend(fleet)
  await fleet.apply()
  const second = fleet.commit({ web: [thing('a', { value: 100 }), thing('b')], other: [thing('c')] })
  expect(await fleet.run('web')).toMatchObject({ outcome: 'suspended', message: 'applied unproven' })
  expect(fleet.spec('Thing/a')).toEqual({ value: 100, resting: true })
  expect(fleet.store.app('web')).toMatchObject({ lastGood: good, lastApplied: { revision: second } })
})

/** Merged while the app rests; then it is resumed. */
async function resumedWith(value: number, keeper: Partial<Handling> = {}): Promise<TestFleet> {
  const fleet = await running()
  suspend(fleet)
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value }, { keeper }), thing('b')], other: [thing('c')] })
  await fleet.apply()
  fleet.writes()
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
  resumeApp(fleet.collaborators(), 'web', { by: 'ada' })
  return fleet
}

it('rule 6: what was applied unproven is proven when the app runs again, and becomes last good', async () => {
  const fleet = await resumedWith(2, { bakeMs: 60_000 })
  const tip = fleet.store.app('web').lastApplied?.revision
  expect(await fleet.run('web')).toMatchObject({ outcome: 'applied', message: expect.stringContaining('baking') })
  expect(fleet.store.app('web').lastGood?.revision).not.toBe(tip)
  fleet.clock.jump(60_000)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.store.app('web').lastGood?.revision).toBe(tip)
  expect(fleet.store.lastGood('web')[0]?.spec).toEqual({ value: 2 })
})

it('rule 6: or fails by the table: it is rolled back, and held back', async () => {
  const fleet = await resumedWith(100)
  expect(await fleet.run('web')).toMatchObject({ outcome: 'rolled-back', reason: 'TaskFailed' })
  expect(fleet.spec('Thing/a')).toEqual({ value: 1 })
  expect(fleet.spec('Thing/b')).toEqual({ value: 1 })
  expect(fleet.store.app('web').held?.members.map(({ id }) => id)).toEqual(['prod/Thing/a'])
})

it('rule 8: also where the database is lost while the app rests', async () => {
  const fleet = await running()
  suspend(fleet)
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 100 }), thing('b')], other: [thing('c')] })
  await fleet.apply()
  fleet.store = createMemoryStore()
  expect((await fleet.run('web')).outcome).toBe('suspended')
  resumeApp(fleet.collaborators(), 'web', { by: 'ada' })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toEqual({ value: 1 })
})

it('rule 6: a revision that comes while another rests takes its place, and both are proven as one', async () => {
  const fleet = await running()
  suspend(fleet)
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b')], other: [thing('c')] })
  await fleet.apply()
  const third = fleet.commit({ web: [thing('a', { value: 2 }), thing('b', { value: 3 })], other: [thing('c')] })
  await fleet.apply()
  resumeApp(fleet.collaborators(), 'web', { by: 'ada' })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.store.app('web').lastGood?.revision).toBe(third)
})

it('rule 8: a suspension outlives the database', async () => {
  const fleet = await running()
  suspend(fleet)
  await fleet.apply()
  fleet.store = createMemoryStore()
  fleet.writes()
  expect((await fleet.apply()).look.recognised).toMatchObject({ suspensions: 1 })
  expect((await fleet.run('web')).outcome).toBe('suspended')
  expect(fleet.writes()).toEqual([])
})

it('rule 6: `suspend: true` in the document is a revision like any other', async () => {
  const fleet = await running()
  fleet.commit({ web: [thing('a', {}, { keeper: { suspend: true } }), thing('b')], other: [thing('c')] })
  expect((await fleet.run('web')).steps).toMatchObject([{ id: 'prod/Thing/a', cause: 'revision' }])
  expect(fleet.spec('Thing/a')).toMatchObject({ resting: true })
})

it("rule 4: a person's restart is a token in the triggers: one restart for each", async () => {
  const fleet = await running()
  for (const starts of [2, 3]) {
    restartResource(fleet.collaborators(), 'Thing/a', { by: 'ada' })
    const outcome = await fleet.run('web')
    expect(outcome.steps).toMatchObject([{ id: 'prod/Thing/a', action: 'update', cause: 'operator' }])
    expect(fleet.world.objects.get(shortId('Thing/a'))?.starts).toBe(starts)
    expect((await fleet.run('web')).outcome).toBe('unchanged')
  }
})

it("rule 4: a person's run of a job runs it once more, and not again when the database is lost", async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'one')] })
  await fleet.apply()
  restartResource(fleet.collaborators(), 'Task/migrate', { by: 'ada' })
  await fleet.apply()
  expect(fleet.world.objects.get(shortId('Task/migrate'))?.starts).toBe(2)
  fleet.store = createMemoryStore()
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('unchanged')
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
})

it('rule 8: what was restarted is known as it was when the database is lost: nothing has to be proven', async () => {
  const fleet = await running()
  restartResource(fleet.collaborators(), 'Thing/a', { by: 'ada' })
  await fleet.apply()
  fleet.store = createMemoryStore()
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('unchanged')
  expect(fleet.writes()).toEqual([])
})

it('rule 4: an edit after a restart is a revision', async () => {
  const fleet = await running()
  restartResource(fleet.collaborators(), 'Thing/a', { by: 'ada' })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b')], other: [thing('c')] })
  expect((await fleet.run('web')).steps).toMatchObject([{ cause: 'revision' }])
})

it('rule 17: a restart that fails is no failure of a revision: nothing is rolled back or held back', async () => {
  const fleet = await running()
  restartResource(fleet.collaborators(), 'Thing/a', { by: 'ada' })
  fleet.world.healthOf = (_id, object) =>
    object.starts > 1 ? { status: 'degraded', message: 'it crashes' } : { status: 'healthy' }
  expect(await fleet.run('web')).toMatchObject({ outcome: 'failed' })
  expect(fleet.store.app('web').held).toBeUndefined()
})

it('a frozen fleet writes nothing, heals and rollbacks included', async () => {
  const fleet = await running()
  freezeFleet(fleet.collaborators(), { by: 'ada', reason: 'incident 12' })
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b')] })
  fleet.byHand('Thing/b', { label: 'hand' })
  const outcome = await fleet.run('web')
  expect(outcome).toMatchObject({ outcome: 'waiting', message: expect.stringContaining('incident 12') })
  expect(fleet.world.writes).toEqual([])
  unfreezeFleet(fleet.collaborators())
  await fleet.apply()
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 2 })
})

it('a frozen fleet does not go on with a rollback', async () => {
  const fleet = await running()
  fleet.commit({ web: [thing('a', { value: 100 }), thing('b')], other: [thing('c')] })
  fleet.world.afterWrite = (what) => {
    if (what !== 'update prod/Thing/a') return
    fleet.world.afterWrite = () => {}
    fleet.world.healthOf = () => {
      fleet.world.reachable = false
      return { status: 'degraded', message: 'it crashes' }
    }
  }
  expect((await fleet.run('web')).outcome).toBe('rolling-back')
  fleet.world.reachable = true
  fleet.world.healthOf = () => ({ status: 'healthy' })
  freezeFleet(fleet.collaborators(), { by: 'ada' })
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('waiting')
  expect(fleet.writes()).toEqual([])
  unfreezeFleet(fleet.collaborators())
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
})
