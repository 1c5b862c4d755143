import { expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFleet, gen, net, shortId, type TestFleet, thing, type Written } from '../support/fleet.ts'

const things = (...names: readonly string[]): readonly Written[] => names.map((name) => thing(name))

async function applied(...names: readonly string[]): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: things(...names) })
  await fleet.apply()
  fleet.writes()
  return fleet
}

it('rule 13: a document that was deleted is authority enough, and prune is last', async () => {
  const fleet = await applied('a', 'b', 'c', 'd')
  fleet.commit({ web: [...things('b', 'c', 'd'), thing('new')] })
  await fleet.apply()
  expect(fleet.writes()).toEqual(['create prod/Thing/new', 'prune prod/Thing/a'])
  expect(fleet.store.record().map((entry) => entry.id)).not.toContain(shortId('Thing/a'))
})

it('rule 13: users go before what they use', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [net('front'), thing('hello'), thing('stays')], other: things('x', 'y', 'z', 'w') })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: [thing('stays')], other: things('x', 'y', 'z', 'w') })
  await fleet.apply()
  expect(fleet.writes()).toEqual(['prune prod/Thing/hello', 'prune prod/Net/front'])
})

it('rule 8: never live minus desired: what is not in our record is left alone', async () => {
  const fleet = await applied('a')
  fleet.world.objects.set(shortId('Thing/theirs'), { kind: 'Thing', spec: { value: 1 }, version: 1, starts: 1 })
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
})

it('rule 8: what no longer carries our stamp is not removed', async () => {
  const fleet = await applied('a', 'b')
  const known = fleet.world.objects.get(shortId('Thing/a'))
  if (known) {
    const { stamp: _stamp, ...rest } = known
    fleet.world.objects.set(shortId('Thing/a'), { ...rest, version: 2 })
  }
  fleet.commit({ web: things('b') })
  const outcome = await fleet.run('web')
  expect(outcome.plan?.held).toMatchObject([{ id: 'prod/Thing/a', why: 'conflict' }])
  expect(outcome.steps).toEqual([])
  expect(fleet.spec('Thing/a')).toBeDefined()
})

it('rule 13: an app that could not be read whole has no prune at all, and none that could be confirmed', async () => {
  const fleet = await applied('a', 'b', 'c', 'd')
  fleet.commit({ web: { resources: things('b'), broken: true } })
  const outcome = await fleet.run('web', { confirm: ['prune:web:ffffffff'] })
  expect(outcome).toMatchObject({ outcome: 'waiting', reason: 'InvalidDesired', guards: [] })
  expect(outcome.plan).toMatchObject({ stages: [], held: [], forget: [] })
  expect(fleet.writes()).toEqual([])
})

it('rule 13: a stale source prunes nothing', async () => {
  const fleet = await applied('a', 'b', 'c', 'd')
  const commit = fleet.commit({ web: things('b', 'c', 'd') })
  await expect(fleet.apply({ app: 'nobody' })).rejects.toThrow("no app 'nobody'")
  fleet.sourceDown = true
  const outcome = await fleet.apply()
  expect(outcome).toMatchObject({ stale: true, revision: commit })
  expect(fleet.app(outcome, 'web').guards[0]?.message).toContain('the source could not be reached')
  expect(fleet.writes()).toEqual([])
  fleet.sourceDown = false
  await fleet.apply()
  expect(fleet.writes()).toEqual(['prune prod/Thing/a'])
})

it('rule 13: what failed to render anywhere holds every prune', async () => {
  const fleet = createFleet()
  fleet.commit({ web: things('a', 'b', 'c', 'd'), other: things('x') })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: things('b', 'c', 'd'), other: { resources: [], broken: true } })
  const outcome = await fleet.apply()
  expect(fleet.app(outcome, 'web').guards[0]?.message).toContain('what other declares could not be read')
  expect(fleet.app(outcome, 'other')).toMatchObject({ outcome: 'waiting', reason: 'InvalidDesired' })
  expect(fleet.writes()).toEqual([])
})

it('rule 13: a target whose document could not be read keeps what is on it', async () => {
  const fleet = createFleet()
  fleet.commit({ web: things('a', 'b', 'c', 'd') })
  await fleet.apply()
  fleet.writes()
  fleet.commit({}, { targets: [], brokenTargets: ['prod'] })
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
  expect(fleet.store.record()).toHaveLength(4)
})

it('rule 13: more than 30 % of the record, and at least 3, waits for a person, by name', async () => {
  const fleet = await applied('a', 'b', 'c', 'd')
  fleet.commit({ web: things('d') })
  const waiting = await fleet.run('web')
  const guard = waiting.guards[0]
  expect(waiting).toMatchObject({ outcome: 'waiting' })
  expect(guard?.message).toContain('3 of 4 resources of the fleet would go at once')
  await fleet.apply({ confirm: ['prune:other:00000000'] })
  expect(fleet.writes()).toEqual([])
  await fleet.apply({ confirm: [guard?.name ?? ''] })
  expect(fleet.writes()).toEqual(['prune prod/Thing/a', 'prune prod/Thing/b', 'prune prod/Thing/c'])
})

it('rule 13: generations count neither among what goes nor in the whole', async () => {
  const fleet = createFleet()
  const all = [...things('a', 'b', 'c', 'd', 'e', 'f', 'g'), ...['k', 'l', 'm', 'n'].map((name) => gen(name, 'x'))]
  fleet.commit({ web: all })
  await fleet.apply()
  fleet.commit({ web: all.slice(3) })
  const waiting = await fleet.run('web')
  expect(waiting.guards[0]?.message).toContain('3 of 7 resources of the fleet would go at once')
})

it('rule 13: a confirmation is for just what it named', async () => {
  const fleet = await applied('a', 'b', 'c', 'd', 'e')
  fleet.commit({ web: things('d', 'e') })
  const guard = (await fleet.run('web')).guards[0]?.name ?? ''
  fleet.commit({ web: things('e') })
  expect((await fleet.run('web', { confirm: [guard] })).guards[0]?.name).not.toBe(guard)
  expect(fleet.writes()).toEqual([])
})

it('rule 13: two of five need no one', async () => {
  const fleet = await applied('a', 'b', 'c', 'd', 'e')
  fleet.commit({ web: things('c', 'd', 'e') })
  await fleet.apply()
  expect(fleet.writes()).toHaveLength(2)
})

it('rule 13: a revision that does not descend from the last applied one changes nothing until a person confirms', async () => {
  const fleet = await applied('a', 'b', 'c', 'd')
  fleet.rewriteHistory()
  const commit = fleet.commit({ web: things('b', 'c', 'd') })
  expect(await fleet.run('web')).toMatchObject({ outcome: 'waiting', reason: 'RevisionNotDescendant' })
  expect(fleet.writes()).toEqual([])
  await fleet.apply({ confirm: [`revision:${commit.slice(0, 12)}`] })
  expect(fleet.writes()).toEqual(['prune prod/Thing/a'])
})

it('rule 13: a port that a prune of the same plan frees makes one replace', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('old', { port: '80' }), ...things('x', 'y', 'z')] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: [thing('new', { port: '80' }), ...things('x', 'y', 'z')] })
  await fleet.apply()
  expect(fleet.writes()).toEqual(['replace prod/Thing/new'])
  expect(fleet.spec('Thing/old')).toBeUndefined()
})

it('rule 13: so does one that something known takes over', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('old', { port: '80' }), thing('new'), ...things('x', 'y')] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: [thing('new', { port: '80' }), ...things('x', 'y')] })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.writes()).toEqual(['replace prod/Thing/new'])
})

it('rule 13: a guard holds that replace too, for it prunes', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('old', { port: '80' }), ...things('x', 'y', 'z')], other: things('o') })
  await fleet.apply()
  fleet.writes()
  fleet.commit({
    web: [thing('new', { port: '80' }), ...things('x', 'y', 'z')],
    other: { resources: [], broken: true },
  })
  expect((await fleet.run('web')).plan?.held.map(({ id, why }) => `${why} ${id}`)).toEqual([
    'guard prod/Thing/new',
    'guard prod/Thing/old',
  ])
  expect(fleet.writes()).toEqual([])
})

it('rule 13: a port that another app gives up is waited for', async () => {
  const fleet = createFleet()
  fleet.commit({ a: things('x'), b: [thing('old', { port: '80' }), ...things('y', 'z', 'w')] })
  await fleet.apply()
  fleet.commit({ a: [...things('x'), thing('new', { port: '80' })], b: things('y', 'z', 'w') })
  fleet.writes()
  expect((await fleet.run('a')).outcome).toBe('proven')
  expect(fleet.writes()).toEqual(['prune prod/Thing/old', 'create prod/Thing/new'])
})

it('rule 13: `prune: keep` stays, and is no longer ours', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('precious', {}, { keeper: { prune: 'keep' } }), ...things('x', 'y', 'z')] })
  await fleet.apply()
  fleet.writes()
  fleet.commit({ web: things('x', 'y', 'z') })
  await fleet.apply()
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
  expect(fleet.spec('Thing/precious')).toBeDefined()
  expect(fleet.store.record().map((entry) => entry.id)).not.toContain(shortId('Thing/precious'))
})

it('rule 8: what was kept is not pruned by a rebuild that finds our stamp on it', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('precious', {}, { keeper: { prune: 'keep' } }), ...things('x', 'y', 'z')] })
  await fleet.apply()
  fleet.commit({ web: things('x', 'y', 'z', 'new') })
  await fleet.apply()
  fleet.store = createMemoryStore()
  fleet.writes()
  const outcome = await fleet.apply()
  await fleet.apply()
  expect(fleet.writes()).toEqual([])
  expect(outcome.look.recognised?.notes).toEqual([expect.stringContaining('Thing/precious')])
})

it('rule 13: what could not be deleted stays retiring, fails nothing, and is tried again', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [net('front'), ...things('x', 'y', 'z')] })
  await fleet.apply()
  let inUse = true
  fleet.world.beforeWrite = (what) => {
    if (inUse && what === 'prune prod/Net/front') {
      throw new ReconcileError('TargetRefused', { message: 'network front has active endpoints' })
    }
  }
  fleet.commit({ web: [...things('y', 'z'), thing('x', { value: 2 })] })
  const outcome = await fleet.run('web')
  expect(outcome).toMatchObject({ outcome: 'proven', message: expect.stringContaining('active endpoints') })
  expect(fleet.spec('Thing/x')).toMatchObject({ value: 2 })
  expect(fleet.store.record().find((entry) => entry.state === 'retiring')?.id).toBe(shortId('Net/front'))
  const proven = fleet.store.history({ limit: 100 }).length
  expect(await fleet.run('web')).toMatchObject({ message: expect.stringContaining('active endpoints') })
  expect(fleet.store.history({ limit: 100 })).toHaveLength(proven)
  inUse = false
  await fleet.apply()
  expect(fleet.spec('Net/front')).toBeUndefined()
  expect(fleet.store.record().some((entry) => entry.state === 'retiring')).toBe(false)
})

it('rule 13: what cannot be deleted is tried ever less often, and leaves everything else its time', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [net('front'), ...things('x', 'y', 'z')] })
  await fleet.apply()
  let tries = 0
  fleet.world.beforeWrite = (what) => {
    if (what !== 'prune prod/Net/front') return
    tries += 1
    throw new ReconcileError('TargetRefused', { message: 'network front has active endpoints' })
  }
  fleet.commit({ web: things('x', 'y', 'z') })
  await fleet.apply()
  const ticks = async (count: number): Promise<number> => {
    tries = 0
    for (let tick = 0; tick < count; tick += 1) {
      fleet.clock.jump(10_000)
      await fleet.apply({ patient: true })
    }
    return tries
  }
  expect(await ticks(20)).toBeLessThan(7)
  expect(await ticks(100)).toBeLessThan(5)
  expect(await fleet.run('web', { patient: true })).toMatchObject({
    outcome: 'unchanged',
    message: expect.stringContaining('is tried again at'),
  })
  tries = 0
  await fleet.run('web')
  expect(tries).toBe(1)
  fleet.world.beforeWrite = () => {}
  fleet.commit({ web: [thing('x', { value: 2 }), ...things('y', 'z')] })
  expect((await fleet.run('web', { patient: true })).outcome).toBe('proven')
  expect(fleet.spec('Net/front')).toBeUndefined()
})

it('an app that is removed from the repository is pruned, and its state is dropped', async () => {
  const fleet = createFleet()
  fleet.commit({ web: things('a', 'b'), other: things('x', 'y', 'z', 'w', 'v') })
  await fleet.apply()
  fleet.commit({ other: things('x', 'y', 'z', 'w', 'v') })
  await fleet.apply()
  expect(fleet.spec('Thing/a')).toBeUndefined()
  await fleet.apply()
  expect(fleet.store.apps().map((state) => state.app)).toEqual(['other'])
  expect(Object.keys(fleet.world.record?.apps ?? {})).toEqual(['other'])
  expect(fleet.store.lastGood('web')).toEqual([])
})

it('a second plan, made because somebody else wrote meanwhile, prunes nothing that the first did not', async () => {
  const fleet = await applied('a', 'b', 'c', 'd')
  fleet.commit({ web: [thing('d', { value: 2 })] })
  let once = true
  fleet.world.beforeWrite = (what) => {
    if (once && what === 'update prod/Thing/d') {
      once = false
      fleet.byHand('Thing/d', { label: 'by hand' })
    }
  }
  const outcome = await fleet.run('web')
  expect(outcome.guards).toHaveLength(1)
  expect(fleet.writes()).toEqual(['update prod/Thing/d'])
})

it('an app of which all is gone is none any more, and its history stays', async () => {
  const fleet = createFleet()
  fleet.commit({ web: things('a'), other: things('b', 'c', 'd') })
  await fleet.apply()
  fleet.commit({ other: things('b', 'c', 'd') })
  expect((await fleet.run('web')).outcome).toBe('proven')
  expect(fleet.store.apps().map(({ app }) => app)).toEqual(['other'])
  expect(fleet.store.history({ app: 'web', limit: 1 })[0]?.what).toBe('proven')
})
