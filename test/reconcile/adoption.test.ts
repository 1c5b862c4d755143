import { expect, it } from 'vitest'
import { createFleet, net, shortId, type TestFleet, thing } from '../support/fleet.ts'

function madeByHand(fleet: TestFleet, short: string, spec: unknown, install?: string): void {
  const [kind = ''] = short.split('/')
  const stamp = install === undefined ? {} : { stamp: { install, app: 'theirs', digest: 'd' } }
  fleet.world.objects.set(shortId(short), { kind, spec, version: 1, starts: 1, ...stamp })
}

it('rule 10: what exists and is not ours is a conflict, shown and refused', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Thing/hello', { value: 1 })
  fleet.commit({ web: [thing('hello'), thing('other')] })
  await fleet.apply()
  const outcome = await fleet.run('web')
  expect(outcome).toMatchObject({ outcome: 'waiting', reason: 'Conflict', message: expect.stringContaining('adopt') })
  expect(fleet.writes()).toEqual(['create prod/Thing/other'])
})

it('rule 10: what belongs to another install is a conflict, also where it is to be adopted', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Thing/hello', { value: 1 }, 'theirs')
  fleet.commit({ web: [thing('hello', {}, { keeper: { adopt: 'converge' } })] })
  expect(await fleet.run('web')).toMatchObject({
    outcome: 'waiting',
    message: expect.stringContaining("the install 'theirs'"),
  })
  expect(fleet.writes()).toEqual([])
})

it('rule 10: `adopt: true` stamps and restarts nothing', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Thing/hello', { value: 1 })
  fleet.commit({ web: [thing('hello', {}, { keeper: { adopt: 'stamp' } })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.writes()).toEqual(['adopt prod/Thing/hello'])
  expect(fleet.world.objects.get(shortId('Thing/hello'))).toMatchObject({ starts: 1, stamp: { app: 'web' } })
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
})

it('rule 10: `adopt: true` refuses what would change more than the stamp, and says what', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Thing/hello', { value: 7 })
  fleet.commit({ web: [thing('hello', {}, { keeper: { adopt: 'stamp' } })] })
  expect((await fleet.run('web')).message).toContain('adopting would change /value')
  expect(fleet.writes()).toEqual([])
})

it('rule 10: `adopt: converge` changes it to what is declared', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Thing/hello', { value: 7 })
  fleet.commit({ web: [thing('hello', {}, { keeper: { adopt: 'converge' } })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/hello')).toEqual({ value: 1 })
})

it('rule 10: a failed first revision never prunes what it adopted', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Thing/hello', { value: 7 })
  const keeper = { adopt: 'converge', onFirstFailure: 'remove' } as const
  fleet.commit({ web: [thing('hello', { value: 100 }, { keeper }), thing('new', {}, { keeper })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/hello')).toBeDefined()
  expect(fleet.spec('Thing/new')).toBeUndefined()
})

it('rule 10: only what is at rest is adopted', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Thing/hello', { value: 1 })
  const { healthOf } = fleet.world
  fleet.world.healthOf = () => ({ status: 'progressing', message: 'updating' })
  fleet.commit({ web: [thing('hello', {}, { keeper: { adopt: 'stamp' } })] })
  expect(await fleet.run('web')).toMatchObject({ outcome: 'waiting', message: expect.stringContaining('updating') })
  fleet.world.healthOf = healthOf
  expect((await fleet.run('web')).outcome).toBe('proven')
})

it('rule 10: a person may adopt from the command line, as it is', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Thing/hello', { value: 1 })
  fleet.commit({ web: [thing('hello')] })
  expect((await fleet.run('web', { adopt: ['prod/Thing/hello'] })).outcome).toBe('proven')
  expect((await fleet.run('web')).outcome).toBe('unchanged')
})

it('rule 10: what cannot be stamped is recorded, and ours from then on', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Net/front', { value: 1 })
  fleet.commit({ web: [net('front')] })
  await fleet.apply({ adopt: ['prod/Net/front'] })
  expect(fleet.writes()).toEqual([])
  expect(fleet.world.record?.unstamped[shortId('Net/front')]).toMatchObject({ app: 'web' })
  fleet.commit({ other: [thing('x')] })
  await fleet.apply()
  expect(fleet.spec('Net/front')).toBeUndefined()
})

it('rule 8: what cannot be stamped is ours by our own record, before the record of the target says so', async () => {
  const fleet = createFleet()
  madeByHand(fleet, 'Net/front', { value: 1 })
  fleet.commit({ web: [net('front'), thing('hello')] })
  fleet.wrapTarget = (target) => ({ ...target, writeRecord: async () => Promise.reject(new Error('no answer')) })
  await fleet.apply({ adopt: ['prod/Net/front'] })
  expect((await fleet.run('web')).outcome).toBe('unchanged')
  fleet.commit({ web: [thing('hello')] })
  await fleet.apply()
  expect(fleet.spec('Net/front')).toBeUndefined()
})

async function foreign(): Promise<TestFleet> {
  const fleet = createFleet()
  madeByHand(fleet, 'Thing/hello', { value: 1 })
  fleet.commit(
    { web: [thing('hello'), thing('twin', {}), thing('twin', {}, { target: 'lab' })] },
    { targets: ['prod', 'lab'] },
  )
  return fleet
}

it('rule 10: a conflict says both ways to take it over', async () => {
  const fleet = await foreign()
  await fleet.apply()
  const { message } = await fleet.run('web')
  expect(message).toContain('`keeper: {adopt: true}`')
  expect(message).toContain('`apply --adopt prod/Thing/hello`')
})

it('rule 10: what a person adopts is named as people type it', async () => {
  const fleet = await foreign()
  expect((await fleet.run('web', { adopt: ['Thing/hello'] })).outcome).toBe('proven')
  expect(fleet.writes()).toContain('adopt prod/Thing/hello')
})

it.each([
  ['Thing/helo', 'NotFound', "nothing declares 'Thing/helo', which was to be adopted; did you mean 'Thing/hello'?"],
  ['Thing/twin', 'Usage', "'Thing/twin' is one of: prod/Thing/twin, lab/Thing/twin"],
])('rule 10: %s is refused before anything is written', async (id, reason, message) => {
  const fleet = await foreign()
  await expect(fleet.apply({ adopt: [id] })).rejects.toMatchObject({ reason, message })
  expect(fleet.writes()).toEqual([])
})
