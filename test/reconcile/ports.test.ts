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
  const first = await fleet.apply()
  expect(fleet.app(first, 'two')).toMatchObject({ outcome: 'failed', reason: 'Unschedulable' })
  expect((await fleet.run('two')).outcome).toBe('proven')
  fleet.world.healthOf = (id) => (id.endsWith('/old') ? { status: 'degraded' } : { status: 'healthy' })
  expect(await fleet.run('one')).toMatchObject({
    outcome: 'stalled',
    message: expect.stringContaining('port 80 is taken by prod/Thing/new'),
  })
  expect(fleet.spec('Thing/new')).toMatchObject({ port: '80' })
})
