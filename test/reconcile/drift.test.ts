import { expect, it } from 'vitest'
import { createFleet, shortId, thing } from '../support/fleet.ts'

it('rule 21, safe: heals what restarts nothing', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello', { label: 'ours' })] })
  await fleet.apply()
  fleet.byHand('Thing/hello', { label: 'theirs' })
  const outcome = await fleet.run('web')
  expect(outcome.steps).toMatchObject([{ action: 'update', cause: 'drift', step: 'applied' }])
  expect(fleet.spec('Thing/hello')).toMatchObject({ label: 'ours' })
  expect(fleet.world.objects.get(shortId('Thing/hello'))?.starts).toBe(1)
})

it('rule 21, safe: reports what would restart, with since when', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello')] })
  await fleet.apply()
  fleet.byHand('Thing/hello', { value: 5 })
  fleet.writes()
  const first = fleet.clock.now().toISOString()
  const outcome = await fleet.run('web')
  expect(fleet.writes()).toEqual([])
  expect(outcome.plan?.held).toMatchObject([{ id: 'prod/Thing/hello', why: 'reported' }])
  fleet.clock.jump(60_000)
  await fleet.apply()
  expect(fleet.store.fleet().drift['prod/Thing/hello']).toMatchObject({
    firstSeen: first,
    lastSeen: fleet.clock.now().toISOString(),
  })
})

it('rule 21, safe: makes again what was removed', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello')] })
  await fleet.apply()
  fleet.byHand('Thing/hello', undefined)
  expect((await fleet.run('web')).steps).toMatchObject([{ action: 'create', cause: 'drift' }])
})

it('rule 21, heal: restarts as well', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello', {}, { keeper: { drift: 'heal' } })] })
  await fleet.apply()
  fleet.byHand('Thing/hello', { value: 5 })
  expect((await fleet.run('web')).steps).toMatchObject([{ action: 'update', cause: 'drift', step: 'applied' }])
  expect(fleet.spec('Thing/hello')).toMatchObject({ value: 1 })
})

it('rule 21, report: heals nothing, and makes nothing again', async () => {
  const fleet = createFleet()
  const keeper = { drift: 'report' } as const
  fleet.commit({ web: [thing('hello', { label: 'ours' }, { keeper }), thing('gone', {}, { keeper })] })
  await fleet.apply()
  fleet.byHand('Thing/hello', { label: 'theirs' })
  fleet.byHand('Thing/gone', undefined)
  fleet.writes()
  const outcome = await fleet.run('web')
  expect(fleet.writes()).toEqual([])
  expect(outcome.plan?.held.map((held) => held.why)).toEqual(['reported', 'reported'])
})

it('rule 21, ignore: does not even report', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello', {}, { keeper: { drift: 'ignore' } })] })
  await fleet.apply()
  fleet.byHand('Thing/hello', { value: 5 })
  fleet.writes()
  const outcome = await fleet.run('web')
  expect(outcome.outcome).toBe('unchanged')
  expect(outcome.plan?.held).toMatchObject([{ why: 'ignored' }])
  expect(fleet.writes()).toEqual([])
})

it('rule 21: a field that is ignored never differs, and an update sends what live has', async () => {
  const fleet = createFleet()
  const keeper = { ignore: [{ field: '/value', reason: 'scaled by hand' }] }
  fleet.commit({ web: [thing('hello', { value: 1, label: 'x' }, { keeper })] })
  await fleet.apply()
  fleet.byHand('Thing/hello', { value: 9 })
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('unchanged')
  expect(fleet.writes()).toEqual([])
  fleet.commit({ web: [thing('hello', { value: 1, label: 'y' }, { keeper })] })
  await fleet.apply()
  expect(fleet.spec('Thing/hello')).toEqual({ value: 9, label: 'y' })
})

it('rule 21: drift that comes back again and again is healed three times an hour, then reported', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('hello', {}, { keeper: { drift: 'heal' } })] })
  await fleet.apply()
  const outcomes: (string | undefined)[] = []
  for (let n = 0; n < 4; n += 1) {
    fleet.byHand('Thing/hello', { value: 5 })
    const outcome = await fleet.run('web')
    outcomes.push(outcome.plan?.held[0]?.message ?? outcome.outcome)
  }
  expect(outcomes).toEqual(['healed', 'healed', 'healed', expect.stringContaining('something else changes it back')])
  expect(fleet.spec('Thing/hello')).toMatchObject({ value: 5 })
  fleet.clock.jump(3_600_000)
  await fleet.apply()
  expect(fleet.spec('Thing/hello')).toMatchObject({ value: 1 })
})

it('rule 21: drift is not an edit: it neither becomes last good nor counts as a revision', async () => {
  const fleet = createFleet()
  const first = fleet.commit({ web: [thing('hello', {}, { keeper: { drift: 'heal' } })], other: [thing('other')] })
  await fleet.apply()
  fleet.commit({ web: [thing('hello', {}, { keeper: { drift: 'heal' } })], other: [thing('other', { value: 2 })] })
  fleet.byHand('Thing/hello', { value: 5 })
  await fleet.apply()
  expect(fleet.store.app('web').lastGood?.revision).toBe(first)
  expect(fleet.store.app('web').lastApplied?.revision).toBe(first)
})

it('rule 21: since when something drifted is kept while another app is asked for, or its target is not seen', async () => {
  const fleet = createFleet()
  const keeper = { drift: 'report' } as const
  fleet.commit({ one: [thing('a', {}, { keeper })], two: [thing('b')] })
  await fleet.apply()
  fleet.byHand('Thing/a', { value: 7 })
  await fleet.apply()
  const since = fleet.store.fleet().drift['prod/Thing/a']?.firstSeen
  expect(since).toBeDefined()
  fleet.clock.jump(3_600_000)
  await fleet.apply({ app: 'two' })
  fleet.world.reachable = false
  await fleet.apply()
  fleet.world.reachable = true
  await fleet.apply()
  expect(fleet.store.fleet().drift['prod/Thing/a']?.firstSeen).toBe(since)
  fleet.byHand('Thing/a', { value: 1 })
  await fleet.apply()
  expect(fleet.store.fleet().drift).toEqual({})
})
