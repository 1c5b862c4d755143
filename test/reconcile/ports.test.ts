import { expect, it } from 'vitest'
import { createFleet, thing } from '../support/fleet.ts'

const BAD = 100

it('rule 16: a port that was handed on comes back, also where the documents ask for the other order', async () => {
  const fleet = createFleet()
  const behind = { after: ['Thing/first'] }
  fleet.commit({ web: [thing('first', { port: '80' }), thing('second', {}, behind)] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: [thing('first'), thing('second', { port: '80', value: BAD }, behind)] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.writes()).toEqual([
    'update prod/Thing/first',
    'update prod/Thing/second',
    'update prod/Thing/second',
    'update prod/Thing/first',
  ])
  expect(fleet.spec('Thing/first')).toMatchObject({ port: '80' })
})

it('forwards the documents count: against their order a port is handed on in two revisions', async () => {
  const fleet = createFleet()
  const behind = { after: ['Thing/second'] }
  fleet.commit({ web: [thing('first', { port: '80' }, behind), thing('second')] })
  await fleet.apply()
  fleet.commit({ web: [thing('first', {}, behind), thing('second', { port: '80' })] })
  const outcome = await fleet.run('web')
  expect(outcome).toMatchObject({ outcome: 'rolled-back', reason: 'TargetRefused' })
  expect(outcome.message).toContain('port 80 is taken by prod/Thing/first')
  fleet.commit({ web: [thing('first', {}, behind), thing('second')] })
  await fleet.apply()
  fleet.commit({ web: [thing('first', {}, behind), thing('second', { port: '80' })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
})

it('rule 17: a port that another app has taken meanwhile stops the way back: a person decides who has it', async () => {
  const fleet = createFleet()
  const keeper = { bakeMs: 600_000 }
  fleet.commit({ one: [thing('old', { port: '80' })], two: [thing('x')] })
  await fleet.apply()
  fleet.commit({ one: [thing('old', { value: 2 }, { keeper })], two: [thing('x'), thing('new', { port: '80' })] })
  expect((await fleet.run('two')).outcome).toBe('proven')
  fleet.world.healthOf = (id) => (id.endsWith('/old') ? { status: 'degraded' } : { status: 'healthy' })
  expect(await fleet.run('one')).toMatchObject({
    outcome: 'stalled',
    message: expect.stringContaining('port 80 is taken by prod/Thing/new'),
  })
  expect(fleet.spec('Thing/new')).toMatchObject({ port: '80' })
})

it.each([
  ['an update', { a: [thing('x')] }],
  ['a prune', { a: [thing('other')] }],
] as const)('a port that another app gives up by %s is taken in the same run', async (_how, gives) => {
  const fleet = createFleet()
  fleet.commit({ a: [thing('x', { port: '80' }), thing('other')], b: [thing('y')] })
  await fleet.apply()
  fleet.commit({ ...gives, b: [thing('y', { port: '80' })] })
  const { apps } = await fleet.apply()
  expect(apps.map(({ app, outcome }) => `${app} ${outcome}`)).toEqual(['a proven', 'b proven'])
})

it('it is not where that app fails, and where two want to change places neither waits for the other', async () => {
  const fleet = createFleet()
  const of = (a: string | undefined, b: string | undefined, value = 1) => ({
    a: [thing('x', { value, ...(a && { port: a }) })],
    b: [thing('y', { ...(b && { port: b }) })],
  })
  fleet.commit(of('80', '81'))
  await fleet.apply()
  fleet.commit(of('81', '80'))
  const words = async () => (await fleet.apply()).apps.map(({ app, reason }) => `${app} ${reason}`)
  expect(await words()).toEqual(['a Unschedulable', 'b Unschedulable'])
  fleet.commit(of(undefined, '80', BAD))
  expect(await words()).toEqual(['a TaskFailed', 'b Unschedulable'])
})

it('nor does an app wait whose port comes from one that waits for it', async () => {
  const fleet = createFleet()
  fleet.commit({ a: [thing('x', { port: '80' })], b: [thing('y')] })
  await fleet.apply()
  const needs = { resources: [thing('x')], dependsOnApps: ['b'] }
  fleet.commit({ a: needs, b: [thing('y', { port: '80' })] })
  const words = (await fleet.apply()).apps.map(({ app, reason }) => `${app} ${reason}`)
  expect(words).toEqual(['a DependencyNotReady', 'b Unschedulable'])
  fleet.commit({ a: [thing('x')], b: [thing('y', { port: '80' })] }, { canary: ['b'] })
  expect((await fleet.apply()).apps.map(({ app, reason }) => `${app} ${reason}`)).toEqual([
    'a DependencyNotReady',
    'b Unschedulable',
  ])
})
