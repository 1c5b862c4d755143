import { expect, it } from 'vitest'
import { createFleet, thing } from '../support/fleet.ts'

it('rule 23: while another one writes, nothing is written, and it is no failure', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a', {}, { keeper: { drift: 'heal' } })] })
  await fleet.apply()
  fleet.writes()
  fleet.world.holder = 'another process'
  fleet.byHand('Thing/a', { value: 7 })
  for (let n = 0; n < 4; n += 1) {
    expect(await fleet.run('web')).toMatchObject({
      outcome: 'waiting',
      reason: 'LeaseHeld',
      message: expect.stringContaining('another process'),
    })
  }
  expect(fleet.writes()).toEqual([])
  expect(fleet.store.app('web')).toMatchObject({ failures: 0 })
  fleet.world.holder = undefined
  expect((await fleet.run('web')).outcome).toBe('healed')
})

it('rule 23: a first deploy that never began for the lease is not held back', async () => {
  const fleet = createFleet()
  fleet.world.holder = 'another process'
  fleet.commit({ web: [thing('a')] })
  expect((await fleet.run('web')).outcome).toBe('waiting')
  expect(fleet.store.app('web').held).toBeUndefined()
  fleet.world.holder = undefined
  expect((await fleet.run('web')).outcome).toBe('proven')
})

it('rule 23: lost in the middle, the rest is not run, nothing is judged, and the next run goes on', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 2 }), thing('b', { value: 2 }, { after: ['Thing/a'] })] })
  fleet.world.afterWrite = () => {
    fleet.world.holder = 'another process'
  }
  fleet.writes()
  const outcome = await fleet.run('web')
  expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'LeaseLost' })
  expect(outcome.steps.map((step) => step.step)).toEqual(['applied', 'not-run'])
  expect(fleet.writes()).toEqual(['update prod/Thing/a'])
  fleet.world.afterWrite = () => {}
  fleet.world.holder = undefined
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.writes()).toEqual(['update prod/Thing/b'])
})

it('rule 23: it is given back at the end, also after an error', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a', { value: 100 })] })
  await fleet.apply()
  expect(fleet.world.holder).toBeUndefined()
})

it('rule 23: it is taken at the first write, and not by a run that writes nothing', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  let taken = 0
  fleet.wrapTarget = (target) => ({
    ...target,
    lease: async (holder, options) => {
      taken += 1
      return target.lease(holder, options)
    },
  })
  await fleet.apply()
  expect(taken).toBe(0)
})
