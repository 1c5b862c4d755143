import { expect, it } from 'vitest'
import { pinApp, restartResource } from '../../src/reconcile/operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFleet, shortId, type TestFleet, thing } from '../support/fleet.ts'
import type { ThingSpec } from '../support/kinds.ts'

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

it('rule 16: also when it was restarted by a person meanwhile', async () => {
  const fleet = await running()
  publish(fleet, 'app:2', 'sha256:two')
  restartResource(fleet.collaborators(), 'Thing/a', { by: 'ada' })
  await fleet.apply()
  fleet.commit({ web: [thing('a', { tag: 'app:2' })] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.world.record?.apps.web?.pins).toMatchObject({ 'prod/Thing/a': { digest: 'sha256:two' } })
  publish(fleet, 'app:2', 'sha256:moved')
  publish(fleet, 'app:3', 'sha256:three')
  fleet.commit({ web: [thing('a', { tag: 'app:3', value: 100 })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(digestOf(fleet)).toBe('sha256:two')
})

/** What the tag of the last good state meant is forgotten. */
function forgetDigest(fleet: TestFleet): void {
  const forgotten = fleet.store.lastGood('web').map((good) => {
    const { pin: _pin, ...spec } = good.spec as ThingSpec
    return { ...good, spec }
  })
  fleet.store.setLastGood('web', forgotten)
}

it('rule 16: a tag whose digest is not known is not sent by a rollback: it stands still, and says so', async () => {
  const fleet = await running()
  publish(fleet, 'app:1', 'sha256:moved')
  publish(fleet, 'app:2', 'sha256:two')
  forgetDigest(fleet)
  fleet.commit({ web: [thing('a', { tag: 'app:2', value: 100 })] })
  const outcome = await fleet.run('web')
  expect(outcome).toMatchObject({ outcome: 'stalled', reason: 'ImageUnresolved' })
  expect(outcome.message).toContain('what app:1 meant when it was good is not known any more')
  expect(fleet.writes()).toEqual(['update prod/Thing/a'])
})

it('rule 16: where the reference is the same, what runs is what it meant', async () => {
  const fleet = await running()
  forgetDigest(fleet)
  fleet.commit({ web: [thing('a', { tag: 'app:1', value: 100 })] })
  expect((await fleet.run('web')).outcome).toBe('rolled-back')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1, tag: 'app:1', pin: { digest: 'sha256:one' } })
})

it("rule 17, operator's rollback: to what its tag meant when it was good", async () => {
  const fleet = await running()
  const first = fleet.store.app('web').lastGood?.revision ?? ''
  publish(fleet, 'app:1', 'sha256:moved')
  publish(fleet, 'app:2', 'sha256:two')
  fleet.commit({ web: [thing('a', { tag: 'app:2' }, { keeper: { bakeMs: 60_000 } })] })
  await fleet.apply()
  const signal = new AbortController().signal
  expect(await pinApp(fleet.collaborators(), 'web', { by: 'ada', signal })).toBe(first)
  await fleet.apply()
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
