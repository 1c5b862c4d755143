import { expect, it } from 'vitest'
import { createFleet, shortId, type TestFleet, thing } from '../support/fleet.ts'

/** Somebody else changes it just before we do, so many times. */
function interfere(fleet: TestFleet, short: string, times: number): () => number {
  let left = times
  fleet.world.beforeWrite = (what) => {
    if (!what.endsWith(`prod/${short}`) || left === 0) return
    left -= 1
    fleet.byHand(short, { label: `hand ${left}` })
  }
  return () => times - left
}

it('swarm.md 8: changed by somebody meanwhile: observed and planned again, never the old body', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a', { label: 'x' })] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: [thing('a', { label: 'x', value: 2 })] })
  interfere(fleet, 'Thing/a', 1)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/a')).toEqual({ label: 'x', value: 2 })
  expect(fleet.writes()).toEqual(['update prod/Thing/a'])
})

it('swarm.md 8: three times at most in one run; then the next run goes on, for that is no fault of the revision', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 })] })
  const met = interfere(fleet, 'Thing/a', 100)
  expect(await fleet.run('web')).toMatchObject({ outcome: 'unknown', reason: 'VersionConflict' })
  expect(met()).toBe(4)
  expect(fleet.store.app('web').held).toBeUndefined()
  fleet.world.beforeWrite = () => {}
  expect((await fleet.run('web')).outcome).toBe('proven')
})

it('what was applied beside a conflict is proven as well', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b', { value: 100 })] })
  interfere(fleet, 'Thing/a', 1)
  expect(await fleet.run('web')).toMatchObject({ outcome: 'rolled-back' })
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 1 })
})

it('somebody made it meanwhile: it is a conflict that is shown, and the rest is not taken back', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('new')] })
  fleet.world.beforeWrite = (what) => {
    if (what !== 'create prod/Thing/new') return
    fleet.world.objects.set(shortId('Thing/new'), { kind: 'Thing', spec: { value: 9 }, version: 1, starts: 1 })
  }
  const outcome = await fleet.run('web')
  expect(outcome.outcome).toBe('proven')
  expect(outcome.plan?.held).toMatchObject([{ id: 'prod/Thing/new', why: 'conflict' }])
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 2 })
  expect(fleet.store.lastGood('web').map((one) => one.id)).toEqual([shortId('Thing/a')])
})

it('a conflict on the way back is looked at again as well', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a', { label: 'x' })] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { label: 'x', value: 100 })] })
  let updates = 0
  fleet.world.beforeWrite = (what) => {
    if (what !== 'update prod/Thing/a') return
    updates += 1
    if (updates === 2) fleet.byHand('Thing/a', { label: 'hand' })
  }
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toEqual({ label: 'x', value: 1 })
})

it('rule 20: a new revision cancels waiting, not writing, and joins what was begun', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b')] })
  const { healthOf } = fleet.world
  const controller = new AbortController()
  let looks = 0
  fleet.world.healthOf = () => {
    looks += 1
    if (looks > 12) controller.abort(new Error('a newer revision is there'))
    return { status: 'progressing', message: 'starting' }
  }
  expect(await fleet.run('web', { signal: controller.signal })).toMatchObject({ outcome: 'unknown', reason: 'Aborted' })
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 2 })
  expect(fleet.store.app('web').attempt).toMatchObject({ phase: 'applying', before: 'healthy' })
  fleet.world.healthOf = healthOf
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b', { value: 100 })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('rule 16: a newer revision that takes a failing change back is not held for it', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b', { value: 100 }, { after: ['Thing/a'] })] })
  fleet.world.afterWrite = (what) => {
    if (what === 'update prod/Thing/a') fleet.world.holder = 'another process'
  }
  await fleet.apply()
  fleet.world.afterWrite = () => {}
  fleet.world.holder = undefined
  fleet.commit({ web: [thing('a', { value: 100 }), thing('b')] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('held-back')
  expect(fleet.writes()).toEqual([])
})

it('rule 24: every result lists every step, also those that were not run', async () => {
  const fleet = createFleet()
  fleet.commit({
    web: [thing('a', { value: 100 }), thing('b', {}, { after: ['Thing/a'] }), thing('c', {}, { after: ['Thing/b'] })],
  })
  const outcome = await fleet.run('web')
  expect(outcome.steps.map(({ id, action, step }) => `${action} ${id} ${step}`)).toEqual([
    'create prod/Thing/a applied',
    'create prod/Thing/b not-run',
    'create prod/Thing/c not-run',
  ])
})
