import { expect, it } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFleet, shortId, type TestFleet, thing } from '../support/fleet.ts'

const publish = (fleet: TestFleet, tag: string, digest: string): void => {
  fleet.world.images.set(tag, { digest, platforms: [] })
}
const digestOf = (fleet: TestFleet): unknown => (fleet.spec('Thing/a') as { pin?: { digest: string } }).pin?.digest

async function running(): Promise<TestFleet> {
  const fleet = createFleet()
  publish(fleet, 'app:1', 'sha256:one')
  fleet.commit({ web: [thing('a', { tag: 'app:1' })] })
  await fleet.apply()
  fleet.writes()
  return fleet
}

it('rule 5: a tag is what it meant when it was written: nothing rolls out without a commit', async () => {
  const fleet = await running()
  publish(fleet, 'app:1', 'sha256:moved')
  expect((await fleet.run('web')).outcome).toBe('unchanged')
  fleet.commit({ web: [thing('a', { tag: 'app:1', value: 2 })] })
  await fleet.apply()
  expect(digestOf(fleet)).toBe('sha256:one')
})

it('rule 5: another reference is looked up again', async () => {
  const fleet = await running()
  publish(fleet, 'app:2', 'sha256:two')
  fleet.commit({ web: [thing('a', { tag: 'app:2' })] })
  await fleet.apply()
  expect(digestOf(fleet)).toBe('sha256:two')
})

it('rule 16: a rollback goes back to the digest that the tag meant', async () => {
  const fleet = await running()
  publish(fleet, 'app:1', 'sha256:moved')
  publish(fleet, 'app:2', 'sha256:two')
  fleet.commit({ web: [thing('a', { tag: 'app:2', value: 100 })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(digestOf(fleet)).toBe('sha256:one')
})

it('rule 8: also when the database was lost meanwhile', async () => {
  const fleet = await running()
  publish(fleet, 'app:1', 'sha256:moved')
  fleet.store = createMemoryStore()
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
  publish(fleet, 'app:2', 'sha256:two')
  fleet.commit({ web: [thing('a', { tag: 'app:2', value: 100 })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(digestOf(fleet)).toBe('sha256:one')
})

it("rule 5: adoption takes live's digest", async () => {
  const fleet = createFleet()
  publish(fleet, 'app:1', 'sha256:new')
  const spec = { value: 1, tag: 'app:1', pin: { digest: 'sha256:old', platforms: [] } }
  fleet.world.objects.set(shortId('Thing/a'), { kind: 'Thing', spec, version: 1, starts: 1 })
  fleet.commit({ web: [thing('a', { tag: 'app:1' }, { keeper: { adopt: 'stamp' } })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(digestOf(fleet)).toBe('sha256:old')
})

it('rule 5: a look-up that fails is that app alone, before its first write', async () => {
  const fleet = await running()
  fleet.commit({ web: [thing('a', { tag: 'app:9' })], other: [thing('b')] })
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'web')).toMatchObject({ outcome: 'failed', reason: 'ImageUnresolved' })
  expect(fleet.app(outcome, 'other').outcome).toBe('proven')
  expect(fleet.writes()).toEqual(['create prod/Thing/b'])
})
