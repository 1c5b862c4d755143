import { expect, it } from 'vitest'
import { createFleet, net, shortId, type TestFleet, task, thing } from '../support/fleet.ts'

const MINUTE = 60_000
const baking = (name: string, value: number) => thing(name, { value }, { keeper: { bakeMs: MINUTE } })

async function proven(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: [baking('a', 1), thing('b')] })
  await fleet.apply()
  fleet.clock.jump(MINUTE)
  await fleet.apply()
  return fleet
}

const crash = (fleet: TestFleet): void => {
  fleet.world.healthOf = () => ({ status: 'degraded', message: 'out of memory' })
}

it('rule 15: what was applied bakes, and only then it is last good', async () => {
  const fleet = createFleet()
  const first = fleet.commit({ web: [baking('a', 1)] })
  expect(await fleet.run('web')).toMatchObject({ outcome: 'applied', message: expect.stringContaining('baking until') })
  expect(fleet.store.app('web')).toMatchObject({ lastApplied: { revision: first } })
  expect(fleet.store.app('web').lastGood).toBeUndefined()
  fleet.clock.jump(MINUTE - 5_000)
  expect((await fleet.run('web')).outcome).toBe('applied')
  fleet.clock.jump(5_000)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.store.app('web')).toMatchObject({ lastGood: { revision: first } })
})

it('rule 15: degraded before the end of its bake, it is a failure of this revision', async () => {
  const fleet = await proven()
  fleet.commit({ web: [baking('a', 2), thing('b')] })
  await fleet.apply()
  crash(fleet)
  fleet.world.afterWrite = () => {
    fleet.world.healthOf = () => ({ status: 'healthy' })
  }
  expect(await fleet.run('web')).toMatchObject({
    outcome: 'rolled-back',
    message: expect.stringContaining('while baking: out of memory'),
  })
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('rule 15: what the revision did not change does not fail it', async () => {
  const fleet = await proven()
  fleet.commit({ web: [baking('a', 2), thing('b')] })
  await fleet.apply()
  fleet.world.healthOf = (id) =>
    id === shortId('Thing/b') ? { status: 'degraded', message: 'its disk is full' } : { status: 'healthy' }
  expect((await fleet.run('web')).outcome).toBe('applied')
})

it('rule 15: what cannot be seen is not judged: the bake goes on', async () => {
  const fleet = await proven()
  fleet.commit({ web: [baking('a', 2), thing('b')] })
  await fleet.apply()
  fleet.world.reachable = false
  fleet.clock.jump(MINUTE)
  expect((await fleet.run('web')).outcome).toBe('unknown')
  fleet.world.reachable = true
  expect((await fleet.run('web')).outcome).toBe('proven')
})

it('rule 15: a new revision during the bake joins it: what was good before is what both go back to', async () => {
  const fleet = await proven()
  fleet.commit({ web: [baking('a', 2), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [baking('a', 2), thing('b', { value: 100 })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 1 })
})

it('rule 15: what does not run need not bake', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [net('front', {}, { keeper: { bakeMs: MINUTE } })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
})

it('rule 17: past an irreversible job there is no way back from a bake either', async () => {
  const fleet = await proven()
  fleet.commit({
    web: [task('migrate', 'one', { irreversible: true }), baking('a', 2), thing('b')],
  })
  await fleet.apply()
  crash(fleet)
  const outcome = await fleet.run('web')
  expect(outcome).toMatchObject({ outcome: 'held-back', todo: expect.stringContaining('irreversible') })
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 2 })
})

it('rule 15: a first deploy that does not come up has our own deadline', async () => {
  const fleet = createFleet()
  fleet.world.healthOf = () => ({ status: 'progressing', message: '0/1 running: no suitable node' })
  fleet.commit({ web: [thing('a', {}, { keeper: { timeoutMs: 30_000 } })] })
  const before = fleet.clock.monotonic()
  expect(await fleet.run('web')).toMatchObject({
    outcome: 'held-back',
    reason: 'ProgressDeadlineExceeded',
    message: expect.stringContaining('no suitable node'),
  })
  expect(fleet.clock.monotonic() - before).toBeGreaterThanOrEqual(30_000)
})

it('rule 15: degraded while it bakes, what of it waited for a guard is not done any more', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [baking('a', 1), thing('x'), thing('y'), thing('z')] })
  await fleet.apply()
  fleet.clock.jump(MINUTE)
  await fleet.apply()
  fleet.commit({ web: [baking('a', 2)] })
  const guard = (await fleet.run('web')).guards[0]?.name ?? ''
  fleet.world.healthOf = (_id, object) =>
    (object.spec as { value: number }).value === 2 ? { status: 'degraded', message: 'it leaks' } : { status: 'healthy' }
  fleet.writes()
  expect((await fleet.run('web', { confirm: [guard] })).outcome).toBe('rolled-back')
  expect(fleet.writes()).toEqual(['update prod/Thing/a'])
})

it('rule 15: what ended while it baked and came back by itself fails it, however well it looks at its end', async () => {
  const fleet = await proven()
  fleet.world.healthOf = () => ({ status: 'healthy', restarts: 2 })
  fleet.commit({ web: [baking('a', 2), thing('b')] })
  await fleet.apply()
  expect(fleet.store.app('web').attempt?.phase).toBe('baking')
  fleet.world.healthOf = () => ({ status: 'healthy', restarts: 5 })
  fleet.clock.jump(MINUTE)
  expect(await fleet.run('web')).toMatchObject({
    outcome: 'rolled-back',
    message: expect.stringContaining('while baking: it ended after it was proven, and was started again (3x)'),
  })
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('rule 15: what came back by itself before it was proven, or was started by a person since, is no failure', async () => {
  const fleet = await proven()
  fleet.world.healthOf = () => ({ status: 'healthy', restarts: 2 })
  fleet.commit({ web: [baking('a', 2), thing('b')] })
  await fleet.apply()
  expect((await fleet.run('web')).outcome).toBe('applied')
  fleet.world.healthOf = () => ({ status: 'healthy', restarts: 0 })
  fleet.clock.jump(MINUTE)
  expect((await fleet.run('web')).outcome).toBe('proven')
})
