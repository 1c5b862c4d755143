import { expect, it } from 'vitest'
import { createFleet, type TestFleet, thing, type WrittenFleet } from '../support/fleet.ts'

const MINUTE_MS = 60_000
const follows = { keeper: { follows: { app: 'staging', healthyForMs: 30 * MINUTE_MS } } }

const both = (staging: number, prod: number): WrittenFleet => ({
  prod: [thing('p', { value: prod }, follows)],
  staging: [thing('s', { value: staging })],
})

/** Both are there, and proven, since a long time. */
async function settled(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ prod: [thing('p')], staging: [thing('s')] })
  await fleet.apply()
  await fleet.clock.sleep(60 * MINUTE_MS)
  return fleet
}

const valueIn = (fleet: TestFleet, short: string) => (fleet.spec(short) as { value: number }).value

it('a revision reaches the app that follows only when the first one was proven for the time', async () => {
  const fleet = await settled()
  fleet.commit(both(2, 2))
  const first = await fleet.apply()
  expect(fleet.app(first, 'staging')).toMatchObject({ outcome: 'proven' })
  expect(fleet.app(first, 'prod')).toMatchObject({ outcome: 'waiting', reason: 'DependencyNotReady' })
  expect(await fleet.run('prod')).toMatchObject({ message: expect.stringContaining('is to be healthy until') })
  await fleet.clock.sleep(29 * MINUTE_MS)
  expect((await fleet.run('prod')).outcome).toBe('waiting')
  await fleet.clock.sleep(2 * MINUTE_MS)
  expect((await fleet.run('prod')).outcome).toBe('proven')
  expect(valueIn(fleet, 'Thing/p')).toBe(2)
})

it('what failed in the first app never reaches the one that follows', async () => {
  const fleet = await settled()
  fleet.commit(both(100, 2))
  await fleet.apply()
  await fleet.clock.sleep(120 * MINUTE_MS)
  expect(await fleet.run('prod')).toMatchObject({
    outcome: 'waiting',
    message: expect.stringContaining('staging, which it follows, is held back'),
  })
  expect(valueIn(fleet, 'Thing/p')).toBe(1)
})

it('a revision that leaves the first app alone need not wait, and neither does a heal', async () => {
  const fleet = await settled()
  fleet.commit(both(1, 2))
  expect((await fleet.run('prod')).outcome).toBe('proven')
  fleet.commit(both(2, 2))
  fleet.byHand('Thing/p', undefined)
  expect((await fleet.run('prod')).outcome).toBe('healed')
})

it('an unhealthy first app holds the other back, also where it was proven long ago', async () => {
  const fleet = await settled()
  fleet.commit(both(1, 2))
  const { healthOf } = fleet.world
  fleet.world.healthOf = (id, object) =>
    id.endsWith('/s') ? { status: 'degraded', message: 'it crashes' } : healthOf(id, object)
  expect(await fleet.run('prod')).toMatchObject({ message: expect.stringContaining('prod/Thing/s of staging') })
})
