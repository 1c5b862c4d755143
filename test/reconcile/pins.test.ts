import { expect, it } from 'vitest'
import { pinApp, unpinApp } from '../../src/reconcile/operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFleet, type TestFleet, thing } from '../support/fleet.ts'

const pin = (fleet: TestFleet, to?: string): Promise<string> =>
  pinApp(fleet.collaborators(), 'web', {
    by: 'ada',
    reason: 'it is slow',
    signal: new AbortController().signal,
    ...(to === undefined ? {} : { to }),
  })

async function twoRevisions(): Promise<{ readonly fleet: TestFleet; readonly first: string; readonly second: string }> {
  const fleet = createFleet()
  const first = fleet.commit({ web: [thing('a', { value: 1 })], other: [thing('b')] })
  await fleet.apply()
  const second = fleet.commit({ web: [thing('a', { value: 2 })], other: [thing('b')] })
  await fleet.apply()
  return { fleet, first, second }
}

it("rule 17, operator's rollback: applies and pins the last good revision before this one", async () => {
  const { fleet, first } = await twoRevisions()
  expect(await pin(fleet)).toBe(first)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  expect(fleet.store.app('web')).toMatchObject({ pin: { revision: first, by: 'ada', reason: 'it is slow' } })
})

it("rule 17, operator's rollback: in force until unpinned, whatever is merged", async () => {
  const { fleet } = await twoRevisions()
  await pin(fleet)
  await fleet.apply()
  fleet.commit({ web: [thing('a', { value: 3 })], other: [thing('b', { value: 3 })] })
  await fleet.apply()
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 3 })
  unpinApp(fleet.collaborators(), 'web', { by: 'ada' })
  await fleet.apply()
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 3 })
})

it("rule 17, operator's rollback: what is good is known by the pin's revision, and is told in the history", async () => {
  const { fleet, first, second } = await twoRevisions()
  await pin(fleet, first)
  await fleet.apply()
  expect(fleet.store.app('web').lastGood?.revision).toBe(first)
  const [proven, pinned] = fleet.store.history({ app: 'web', limit: 2 })
  expect(proven).toMatchObject({ what: 'proven', revision: first })
  expect(pinned).toMatchObject({ what: 'operator', revision: first, by: 'ada' })
  expect(fleet.store.fleet().lastApplied).toBe(second)
})

it('rule 8: a pin outlives the database, with what was good under it', async () => {
  const { fleet, first } = await twoRevisions()
  await pin(fleet, first)
  await fleet.apply()
  fleet.store = createMemoryStore()
  fleet.writes()
  const outcome = await fleet.apply()
  expect(outcome.look.recognised).toMatchObject({ pins: 1 })
  expect(fleet.writes()).toEqual([])
  expect(fleet.store.lastGood('web')[0]?.spec).toMatchObject({ value: 1 })
})

it('rule 17, operator rolls back: what was held back is forgotten', async () => {
  const { fleet, first } = await twoRevisions()
  fleet.commit({ web: [thing('a', { value: 100 })], other: [thing('b')] })
  await fleet.apply()
  expect(fleet.store.app('web').held).toBeDefined()
  await pin(fleet, first)
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
})

it('rule 11: a pinned app does not take back what has meanwhile moved to another one', async () => {
  const { fleet, first } = await twoRevisions()
  fleet.commit({ web: [thing('c')], other: [thing('b'), thing('a', { value: 2 })] })
  await fleet.apply()
  await pin(fleet, first)
  await fleet.apply()
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 2 })
  expect(fleet.store.record().find((entry) => entry.id === 'prod/Thing/a')?.app).toBe('other')
})

it('rule 19: a pin whose commit is gone stops its own app, and its prunes', async () => {
  const { fleet, first } = await twoRevisions()
  await pin(fleet, first)
  await fleet.apply()
  const { pin: known, ...state } = fleet.store.app('web')
  if (known) fleet.store.putApp({ ...state, pin: { ...known, revision: 'f'.repeat(40) } })
  fleet.commit({ web: [thing('a', { value: 3 })], other: [thing('b', { value: 5 })] })
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'web')).toMatchObject({ outcome: 'waiting', reason: 'InvalidDesired' })
  expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  expect(fleet.spec('Thing/b')).toMatchObject({ value: 5 })
})
