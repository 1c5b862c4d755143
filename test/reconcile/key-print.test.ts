import { expect, it } from 'vitest'
import type { RunOptions } from '../../src/reconcile/engine.ts'
import { reconcileFleet } from '../../src/reconcile/fleet.ts'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFleet, gen, type TestFleet } from '../support/fleet.ts'

const OLD = '0123456789abcdef'
const NEW = 'fedcba9876543210'

const apply = (fleet: TestFleet, keyPrint: string, options: Partial<RunOptions> = {}) =>
  reconcileFleet(
    { ...fleet.collaborators(), keyPrint },
    { by: 'ada', signal: new AbortController().signal, ...options },
  )

async function applied(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: [gen('secret', 'x')] })
  await apply(fleet, OLD)
  fleet.writes()
  return fleet
}

it('rule 9: another key is refused before anything is planned, with the way to begin with it', async () => {
  const fleet = await applied()
  fleet.commit({ web: [gen('secret', 'y')] })
  await expect(apply(fleet, NEW)).rejects.toMatchObject({
    reason: 'InvalidSettings',
    message:
      'the `key` of the settings is not the one that the database was written with: every secret and config would look changed',
    todo: expect.stringContaining('swarmkeeper apply --confirm key:fedcba98'),
  })
  expect(fleet.writes()).toEqual([])
  const reader = { by: 'ada', signal: new AbortController().signal, readOnly: true }
  await expect(lookAtFleet({ ...fleet.collaborators(), keyPrint: NEW }, reader)).rejects.toThrow('not the one')
})

it('also where the database was lost: the target knows it', async () => {
  const fleet = await applied()
  fleet.store = createMemoryStore()
  await expect(apply(fleet, NEW)).rejects.toThrow('not the one that prod was written with')
  expect((await apply(fleet, OLD)).apps[0]?.outcome).toBe('unchanged')
})

it('a person begins with it, and then it is the one', async () => {
  const fleet = await applied()
  fleet.commit({ web: [gen('secret', 'y')] })
  await expect(apply(fleet, NEW, { confirm: ['key:00000000'] })).rejects.toThrow('not the one')
  expect((await apply(fleet, NEW, { confirm: ['key:fedcba98'] })).apps[0]?.outcome).toBe('proven')
  expect((await apply(fleet, NEW)).apps[0]?.outcome).toBe('unchanged')
  expect(fleet.world.record?.key).toBe(NEW)
  expect(fleet.events.filter(({ type }) => type === 'guard:not-pending')).toEqual([])
})

it('rule 3: a record of an older version, which has none, is not written for it alone', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [gen('secret', 'x')] })
  await fleet.apply()
  fleet.world.writes.splice(0)
  await apply(fleet, OLD)
  expect(fleet.world.writes).toEqual([])
  fleet.commit({ web: [gen('secret', 'x'), gen('other', 'x')] })
  await apply(fleet, OLD)
  expect(fleet.world.record?.key).toBe(OLD)
})
