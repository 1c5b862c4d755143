import { expect, it } from 'vitest'
import type { FleetOutcome } from '../../src/model/outcome.ts'
import { createFleet, healthByValue, net, type TestFleet, thing, type Written } from '../support/fleet.ts'

const HOSTS = ['h1', 'h2', 'h3']
const THREE = { targets: HOSTS }
const MINUTE = 60_000

const everywhere = (value: number, more: readonly Written[] = []): { readonly web: readonly Written[] } => ({
  web: [...HOSTS.map((target) => thing('unit', { value }, { target, keeper: { bakeMs: MINUTE } })), ...more],
})

const worldOf = (fleet: TestFleet, name: string) => {
  const world = fleet.worlds.get(name)
  if (!world) throw new Error(`no host ${name}`)
  return world
}
const values = (fleet: TestFleet): readonly unknown[] =>
  HOSTS.map((host) => (fleet.spec('Thing/unit', host) as { readonly value: number } | undefined)?.value)
const goodValues = (fleet: TestFleet): readonly unknown[] =>
  [...fleet.store.lastGood('web')]
    .filter(({ kind }) => kind === 'Thing')
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ spec }) => (spec as { readonly value: number }).value)

async function ship(fleet: TestFleet, value: number, more: readonly Written[] = []): Promise<string> {
  const revision = fleet.commit(everywhere(value, more), THREE)
  await fleet.apply()
  return revision
}

/** Through its bake. */
async function bake(fleet: TestFleet): Promise<FleetOutcome> {
  await fleet.apply()
  fleet.clock.jump(MINUTE)
  return fleet.apply()
}

/** h3 takes what is sent to it, and is not to be seen from then on. */
function dieAfterWrite(fleet: TestFleet, what: string): void {
  const world = worldOf(fleet, 'h3')
  world.afterWrite = (written) => {
    if (written !== what) return
    world.reachable = false
    world.afterWrite = () => {}
  }
}

const comeBack = (fleet: TestFleet): void => {
  worldOf(fleet, 'h3').reachable = true
}

async function proven(): Promise<TestFleet> {
  const fleet = createFleet()
  await ship(fleet, 1)
  await bake(fleet)
  expect(goodValues(fleet)).toEqual([1, 1, 1])
  return fleet
}

/** Revision 2 is on h3, where nobody saw whether it is well. */
async function diedInProof(): Promise<TestFleet> {
  const fleet = await proven()
  dieAfterWrite(fleet, 'update h3/Thing/unit')
  await ship(fleet, 2)
  expect(values(fleet)).toEqual([2, 2, 2])
  return fleet
}

it('what is well on the hosts that are there is last good, whoever died while it was applied', async () => {
  const fleet = await diedInProof()
  await bake(fleet)
  expect(goodValues(fleet)).toEqual([2, 2, 1])
  await ship(fleet, 3)
  await bake(fleet)
  const fourth = await ship(fleet, 4)
  await bake(fleet)
  expect(goodValues(fleet)).toEqual([4, 4, 1])
  expect(fleet.store.app('web')).toMatchObject({ lastGood: { revision: fourth } })
  await ship(fleet, 500)
  expect(values(fleet)).toEqual([4, 4, 2])
  expect(fleet.store.app('web').attempt).toBeUndefined()
  await ship(fleet, 6)
  expect(values(fleet)).toEqual([6, 6, 2])
})

it('what failed elsewhere meanwhile is not tried on a host that comes back, nor is what stands there called good', async () => {
  const fleet = await diedInProof()
  const second = fleet.store.app('web').attempt?.revision
  await bake(fleet)
  await ship(fleet, 500)
  comeBack(fleet)
  fleet.writes()
  expect((await fleet.run('web')).outcome).toBe('held-back')
  expect(fleet.writes()).toEqual([])
  expect(fleet.store.app('web').lastGood?.revision).toBe(second)
  await ship(fleet, 3)
  await bake(fleet)
  expect(values(fleet)).toEqual([3, 3, 3])
  expect(goodValues(fleet)).toEqual([3, 3, 3])
  expect(fleet.store.app('web')).not.toHaveProperty('late')
})

it('a host that dies while a revision bakes keeps nobody else from being good', async () => {
  const fleet = await proven()
  await ship(fleet, 2)
  worldOf(fleet, 'h3').reachable = false
  await bake(fleet)
  expect(goodValues(fleet)).toEqual([2, 2, 1])
  comeBack(fleet)
  await bake(fleet)
  expect(goodValues(fleet)).toEqual([2, 2, 2])
  expect(fleet.store.app('web')).not.toHaveProperty('late')
  expect(fleet.store.app('web').attempt).toBeUndefined()
})

it('what stands on a host that comes back is proven there, and bakes, before it is good', async () => {
  const fleet = await diedInProof()
  await bake(fleet)
  fleet.writes()
  comeBack(fleet)
  expect((await fleet.run('web')).outcome).toBe('applied')
  expect(goodValues(fleet)).toEqual([2, 2, 1])
  fleet.clock.jump(MINUTE)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(goodValues(fleet)).toEqual([2, 2, 2])
  expect(fleet.writes()).toEqual([])
})

it('rule 17: what is ill on a host that comes back goes back there alone', async () => {
  const fleet = await diedInProof()
  await bake(fleet)
  await bake(fleet)
  comeBack(fleet)
  worldOf(fleet, 'h3').healthOf = (id, object) =>
    (object.spec as { readonly value: number }).value === 2
      ? { status: 'degraded', message: 'it ended' }
      : healthByValue(id, object)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(values(fleet)).toEqual([2, 2, 1])
  expect(fleet.store.app('web').held?.members.map(({ id }) => id)).toEqual(['h3/Thing/unit'])
})

it('a host that comes back is brought to the newest revision, and alone goes back to what was good of it', async () => {
  const fleet = await diedInProof()
  await bake(fleet)
  await ship(fleet, 3)
  await bake(fleet)
  comeBack(fleet)
  worldOf(fleet, 'h3').healthOf = (id, object) =>
    (object.spec as { readonly value: number }).value === 3
      ? { status: 'degraded', message: 'it ended' }
      : healthByValue(id, object)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(values(fleet)).toEqual([3, 3, 1])
})

it('a revision that nobody saw running anywhere is not good', async () => {
  const fleet = await proven()
  await ship(fleet, 2)
  for (const host of HOSTS) worldOf(fleet, host).reachable = false
  await bake(fleet)
  await bake(fleet)
  expect(goodValues(fleet)).toEqual([1, 1, 1])
  for (const host of HOSTS) worldOf(fleet, host).reachable = true
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(goodValues(fleet)).toEqual([2, 2, 2])
})

it('what begins while a host is away is judged by what the others were like, not by what it left behind', async () => {
  const fleet = await diedInProof()
  await bake(fleet)
  worldOf(fleet, 'h1').healthOf = () => ({ status: 'degraded', message: 'its disk is full' })
  await ship(fleet, 3)
  expect(fleet.store.app('web').held).toMatchObject({ keepAt: 'stay' })
})

/** Revision 2 is bad, and h3, which had it, cannot be taken back. */
async function diedBeforeTheWayBack(): Promise<TestFleet> {
  const fleet = await proven()
  const { healthOf } = worldOf(fleet, 'h1')
  worldOf(fleet, 'h1').healthOf = (id, object) => {
    if ((object.spec as { readonly value: number }).value >= 100) worldOf(fleet, 'h3').reachable = false
    return healthOf(id, object)
  }
  fleet.commit(everywhere(500, [net('new', {}, { target: 'h3' })]), THREE)
  expect((await fleet.run('web')).outcome).toBe('rolling-back')
  expect(values(fleet)).toEqual([1, 1, 500])
  return fleet
}

it('rule 17: a rollback whose last step is unreachable goes on when that answers, also with what was made there', async () => {
  const fleet = await diedBeforeTheWayBack()
  expect(fleet.store.app('web').held?.members).toHaveLength(4)
  expect(await fleet.run('web')).toMatchObject({ outcome: 'rolling-back', message: expect.stringContaining('h3') })
  comeBack(fleet)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(values(fleet)).toEqual([1, 1, 1])
  expect(fleet.spec('Net/new', 'h3')).toBeUndefined()
  expect(fleet.store.app('web').held?.members).toHaveLength(4)
  expect(fleet.store.app('web').heldBefore).toBeUndefined()
})

it('a rollback that waits for a host keeps no newer revision from the others', async () => {
  const fleet = await diedBeforeTheWayBack()
  await ship(fleet, 3)
  expect(values(fleet)).toEqual([3, 3, 500])
  await bake(fleet)
  expect(goodValues(fleet)).toEqual([3, 3, 1])
  comeBack(fleet)
  await fleet.apply()
  expect(values(fleet)).toEqual([3, 3, 3])
  await bake(fleet)
  expect(goodValues(fleet)).toEqual([3, 3, 3])
  expect(fleet.store.app('web')).not.toHaveProperty('late')
})

it('what else the app changes meanwhile is applied, and the host that comes back still goes back', async () => {
  const fleet = await diedBeforeTheWayBack()
  fleet.commit(everywhere(500, [net('new', {}, { target: 'h3' }), net('more', {}, { target: 'h1' })]), THREE)
  await fleet.apply()
  expect(fleet.spec('Net/more', 'h1')).toBeDefined()
  expect(values(fleet)).toEqual([1, 1, 500])
  comeBack(fleet)
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(values(fleet)).toEqual([1, 1, 1])
  expect(fleet.spec('Net/new', 'h3')).toBeUndefined()
})

it('a host that leaves the repository while it is away is not waited for', async () => {
  const fleet = await diedBeforeTheWayBack()
  const left = everywhere(3).web.filter(({ target }) => target !== 'h3')
  fleet.commit({ web: left }, { targets: ['h1', 'h2'] })
  expect((await fleet.run('web')).outcome).toBe('applied')
  fleet.clock.jump(MINUTE)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect((await fleet.run('web')).outcome).toBe('unchanged')
  expect(fleet.store.app('web').attempt).toBeUndefined()
})

it('a host that leaves the repository while its revision bakes keeps nobody from being good', async () => {
  const fleet = await proven()
  await ship(fleet, 2)
  worldOf(fleet, 'h3').reachable = false
  fleet.commit({ web: everywhere(2).web.filter(({ target }) => target !== 'h3') }, { targets: ['h1', 'h2'] })
  await fleet.apply()
  fleet.clock.jump(MINUTE)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(goodValues(fleet).slice(0, 2)).toEqual([2, 2])
})
