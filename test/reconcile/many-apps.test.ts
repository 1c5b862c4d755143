import { expect, it } from 'vitest'
import { createFleet, type TestFleet, thing, type Written } from '../support/fleet.ts'

const BAD = 100
const apps = (names: readonly string[], value: number): Readonly<Record<string, readonly Written[]>> =>
  Object.fromEntries(names.map((name) => [name, [thing(`${name}-thing`, { value })]]))

const outcomes = async (fleet: TestFleet): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await fleet.apply()).apps.map((app) => [app.app, app.outcome]))

it('rule 18: after maxFailedApps failed in one revision, the rest of it waits for a person', async () => {
  const fleet = createFleet()
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  fleet.commit(apps(names, 1), { maxFailedApps: 3 })
  await fleet.apply()
  const second = fleet.commit(apps(names, BAD), { maxFailedApps: 3 })
  const first = await fleet.apply()
  const waiting = first.apps.filter((app) => app.outcome === 'waiting')
  expect(waiting.length).toBeGreaterThan(0)
  expect(waiting[0]?.guards).toMatchObject([{ name: `failures:${second.slice(0, 12)}` }])
  expect(Object.values(await outcomes(fleet)).filter((word) => word === 'waiting')).toHaveLength(waiting.length)
  const confirmed = await fleet.apply({ confirm: [`failures:${second.slice(0, 12)}`] })
  expect(confirmed.apps.every((app) => app.outcome === 'rolled-back' || app.outcome === 'held-back')).toBe(true)
})

it.each([1, 2, 3])('rule 18: no more fail than %i, though four run side by side', async (maxFailedApps) => {
  const fleet = createFleet()
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  fleet.commit(apps(names, 1), { maxFailedApps })
  await fleet.apply()
  fleet.commit(apps(names, BAD), { maxFailedApps })
  const words = await outcomes(fleet)
  expect(names.filter((name) => words[name] !== 'waiting')).toEqual(names.slice(0, maxFailedApps))
})

it('rule 18: what fails leaves room for as many as may still fail, in the order of their names', async () => {
  const fleet = createFleet()
  const of = (value: number) => ({ ...apps(['a', 'd'], value === 1 ? 1 : BAD), ...apps(['b', 'c', 'e'], value) })
  fleet.commit(of(1), { maxFailedApps: 2 })
  await fleet.apply()
  fleet.commit(of(2), { maxFailedApps: 2 })
  expect(await outcomes(fleet)).toEqual({ a: 'rolled-back', b: 'proven', c: 'proven', d: 'rolled-back', e: 'waiting' })
})

it('rule 18: the next revision counts anew', async () => {
  const fleet = createFleet()
  fleet.commit(apps(['a', 'b', 'c'], 1), { maxFailedApps: 1 })
  await fleet.apply()
  fleet.commit(apps(['a', 'b', 'c'], BAD), { maxFailedApps: 1 })
  await fleet.apply()
  fleet.commit(apps(['a', 'b', 'c'], 2), { maxFailedApps: 1 })
  expect(await outcomes(fleet)).toEqual({ a: 'proven', b: 'proven', c: 'proven' })
})

it('rule 18: heals and rollbacks do not wait for that person', async () => {
  const fleet = createFleet()
  fleet.commit(apps(['a', 'b'], 1), { maxFailedApps: 1 })
  await fleet.apply()
  const second = fleet.commit({ ...apps(['a'], BAD), b: [thing('b-thing')] }, { maxFailedApps: 1 })
  fleet.world.afterWrite = (what) => {
    if (what === 'update prod/Thing/a-thing') fleet.world.reachable = false
  }
  expect((await fleet.run('a')).outcome).toBe('unknown')
  fleet.world.afterWrite = () => {}
  fleet.store.putFleet({ ...fleet.store.fleet(), failed: { revision: second, apps: ['x'] } })
  fleet.world.reachable = true
  fleet.byHand('Thing/b-thing', { label: 'hand' })
  expect(await outcomes(fleet)).toEqual({ a: 'rolled-back', b: 'healed' })
})

it('rule 18: the canary is proven, through its bake, before the others begin', async () => {
  const fleet = createFleet()
  const options = { canary: ['status'] }
  const of = (value: number) => ({
    status: [thing('s', { value }, { keeper: { bakeMs: 60_000 } })],
    web: [thing('w', { value })],
  })
  fleet.commit(of(1), options)
  expect(await outcomes(fleet)).toEqual({ status: 'applied', web: 'waiting' })
  fleet.clock.jump(60_000)
  await fleet.apply()
  expect(await outcomes(fleet)).toEqual({ status: 'unchanged', web: 'unchanged' })
  fleet.commit(of(BAD), options)
  expect(await outcomes(fleet)).toEqual({ status: 'rolled-back', web: 'waiting' })
  expect(fleet.spec('Thing/w')).toMatchObject({ value: 1 })
})

it('rule 18: what the canary needs does not wait for it', async () => {
  const fleet = createFleet()
  fleet.commit(
    { status: { resources: [thing('s')], dependsOnApps: ['base'] }, base: [thing('b')], web: [thing('w')] },
    { canary: ['status'] },
  )
  expect(await outcomes(fleet)).toEqual({ base: 'proven', status: 'proven', web: 'proven' })
})

it('rule 18: drift is healed without waiting for the canary', async () => {
  const fleet = createFleet()
  const options = { canary: ['status'] }
  fleet.commit({ status: [thing('s')], web: [thing('w', { label: 'x' })] }, options)
  await fleet.apply()
  fleet.commit({ status: [thing('s', { value: BAD })], web: [thing('w', { label: 'x' })] }, options)
  fleet.byHand('Thing/w', { label: 'hand' })
  expect(await outcomes(fleet)).toEqual({ status: 'rolled-back', web: 'healed' })
})

it('rule 19: references across apps order them, whatever their names', async () => {
  const fleet = createFleet()
  fleet.commit({ a: { resources: [thing('user')], dependsOnApps: ['z'] }, z: [thing('used')] })
  await fleet.apply()
  expect(fleet.writes()).toEqual(['create prod/Thing/used', 'create prod/Thing/user'])
})

it('rule 19: and the later one waits with DependencyNotReady', async () => {
  const fleet = createFleet()
  const user = { resources: [thing('user')], dependsOnApps: ['z'] }
  fleet.commit({ a: user, z: [thing('used', { value: BAD })] })
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'a')).toMatchObject({
    outcome: 'waiting',
    reason: 'DependencyNotReady',
    message: 'z is held-back',
  })
  fleet.commit({ a: user, z: [thing('used')] })
  expect(await outcomes(fleet)).toEqual({ a: 'proven', z: 'proven' })
})

it('rule 19: apps that wait for each other say so, and do not hang the rest', async () => {
  const fleet = createFleet()
  fleet.commit({
    a: { resources: [thing('x')], dependsOnApps: ['b'] },
    b: { resources: [thing('y')], dependsOnApps: ['a'] },
    c: [thing('z')],
  })
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'a')).toMatchObject({ reason: 'DependencyNotReady' })
  expect(fleet.app(outcome, 'b')).toMatchObject({ reason: 'DependencyNotReady' })
  expect(fleet.app(outcome, 'c').outcome).toBe('proven')
})

it('rule 19: an app that cannot be read concerns itself alone', async () => {
  const fleet = createFleet()
  fleet.commit({ a: [thing('x')], b: [thing('y')] })
  await fleet.apply()
  fleet.commit({ a: { resources: [], broken: true }, b: [thing('y', { value: 2 })] })
  expect(await outcomes(fleet)).toEqual({ a: 'waiting', b: 'proven' })
  expect(fleet.spec('Thing/x')).toBeDefined()
})

it('rule 7: an app is touched by a revision when its own content changes', async () => {
  const fleet = createFleet()
  const first = fleet.commit({ a: [thing('x')], b: [thing('y')] })
  await fleet.apply()
  fleet.writes()
  const second = fleet.commit({ a: [thing('x')], b: [thing('y', { value: 2 })] })
  expect(await outcomes(fleet)).toEqual({ a: 'unchanged', b: 'proven' })
  expect(fleet.writes()).toEqual(['update prod/Thing/y'])
  expect(fleet.store.app('a').lastGood?.revision).toBe(first)
  expect(fleet.store.app('b').lastGood?.revision).toBe(second)
})
