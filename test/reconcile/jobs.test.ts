import { expect, it } from 'vitest'
import { createFleet, shortId, type TestFleet, task, thing } from '../support/fleet.ts'

const runs = (fleet: TestFleet): number => fleet.world.objects.get(shortId('Task/migrate'))?.starts ?? 0

it('rule 3: a job runs once for a run key, whatever else changes', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'one'), thing('a')] })
  await fleet.apply()
  fleet.commit({ web: [task('migrate', 'one'), thing('a', { value: 2 })] })
  await fleet.apply()
  await fleet.apply()
  expect(runs(fleet)).toBe(1)
  fleet.commit({ web: [task('migrate', 'two'), thing('a', { value: 2 })] })
  await fleet.apply()
  expect(runs(fleet)).toBe(2)
})

it('rule 3: a finished job that somebody removed is not run again', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'one'), thing('a')] })
  await fleet.apply()
  fleet.byHand('Task/migrate', undefined)
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('unchanged')
  expect(fleet.writes()).toEqual([])
})

it('rule 15: a job that has run to its end does not bake, what keeps running does', async () => {
  const fleet = createFleet()
  const keeper = { bakeMs: 300_000 }
  fleet.commit({
    jobs: [task('migrate', 'one', { keeper })],
    web: [task('seed', 'one', { keeper }), thing('a', {}, { keeper })],
  })
  const { apps } = await fleet.apply()
  expect(apps.map(({ app, outcome }) => `${app} ${outcome}`)).toEqual(['jobs proven', 'web applied'])
})

it('what comes after a job waits until it has finished', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'bad'), thing('a', {}, { after: ['Task/migrate'] })] })
  expect(await fleet.run('web')).toMatchObject({ outcome: 'held-back', reason: 'JobFailed' })
  expect(fleet.spec('Thing/a')).toBeUndefined()
})

it('rule 16: jobs never run backwards', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'one'), thing('a')] })
  await fleet.apply()
  fleet.commit({ web: [task('migrate', 'two'), thing('a', { value: 100 }, { after: ['Task/migrate'] })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Task/migrate')).toMatchObject({ runKey: 'two' })
  expect(runs(fleet)).toBe(2)
  fleet.commit({ web: [task('migrate', 'two'), thing('a', { value: 3 }, { after: ['Task/migrate'] })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(runs(fleet)).toBe(2)
})

it('rule 16: a new job that ran stays when its revision is rolled back, so that the mended one does not run it again', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  fleet.commit({ web: [task('migrate', 'one'), thing('a', { value: 100 }, { after: ['Task/migrate'] })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  fleet.commit({ web: [task('migrate', 'one'), thing('a', { value: 3 }, { after: ['Task/migrate'] })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(runs(fleet)).toBe(1)
})

it('rule 16: where only a job failed, nothing is said to run again', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'one')] })
  await fleet.apply()
  fleet.commit({ web: [task('migrate', 'bad')] })
  const { todo } = await fleet.run('web')
  expect(todo).toContain('nothing was taken back, for a job does not run backwards; ')
})

it('rule 16: the way back does not wait for a job that is not run', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('old', 'one'), thing('a', {}, { after: ['Task/old'] })] })
  await fleet.apply()
  fleet.commit({ web: [task('migrate', 'two'), thing('a', { value: 2 }, { keeper: { bakeMs: 60_000 } })] })
  await fleet.apply()
  expect(fleet.spec('Task/old')).toBeUndefined()
  fleet.world.healthOf = (_id, object) =>
    object.kind === 'Thing' && (object.spec as { value: number }).value === 2
      ? { status: 'degraded', message: 'it crashes' }
      : { status: 'healthy', finished: true }
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('rule 17: a retry runs a failed job again', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'bad'), thing('a', {}, { after: ['Task/migrate'] })] })
  await fleet.apply()
  fleet.world.healthOf = (_id, object) =>
    object.kind === 'Task' && object.starts === 1
      ? { status: 'degraded', message: 'exit code 1' }
      : { status: 'healthy', finished: object.kind === 'Task' }
  expect((await fleet.run('web', { retry: true })).outcome).toBe('proven')
  expect(runs(fleet)).toBe(2)
  expect(fleet.store.app('web').lastGood).toBeDefined()
})

it('rule 17: an edit of what failed with it runs a failed job again, for nothing may pass it', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'bad'), thing('a', {}, { after: ['Task/migrate'] })] })
  await fleet.apply()
  fleet.commit({ web: [task('migrate', 'bad'), thing('a', { value: 2 }, { after: ['Task/migrate'] })] })
  expect(await fleet.run('web')).toMatchObject({ outcome: 'held-back', reason: 'JobFailed' })
  expect(runs(fleet)).toBe(2)
  expect(fleet.spec('Thing/a')).toBeUndefined()
})

it('rule 17: a failed job that is held back is not run again by itself, and nothing new passes it', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [task('migrate', 'bad')] })
  await fleet.apply()
  await fleet.apply()
  fleet.commit({ web: [task('migrate', 'bad'), thing('new', {}, { after: ['Task/migrate'] })] })
  await fleet.apply()
  expect(runs(fleet)).toBe(1)
  expect(fleet.spec('Thing/new')).toBeUndefined()
})
