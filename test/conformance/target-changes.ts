import { expect, it } from 'vitest'
import type { Wanted } from '../../src/model/resource.ts'
import type { TargetRecord } from '../../src/model/target.ts'
import { adopt, create, move, prune, recordedOf, replace } from '../support/changes.ts'
import { call, type Given, KINDS, lastOf, ours, stepsOf, type TargetWorld } from './target-world.ts'

/** What live is, compared with what was asked for, by the kind itself. */
async function differences({ world, mine }: Given, wanted: Wanted) {
  const { live } = await mine.present(wanted)
  return world.kinds.get(wanted.kind)?.compare(wanted.spec, live)
}

export function applySuite(get: () => Given): void {
  it.each(KINDS)('a create: it is there, ours, as asked for, and comes to be healthy (%s)', async (kind) => {
    const { world, mine } = get()
    const made = world[kind]('made')
    const live = await mine.look(made)
    expect(mine.target.preflight([create(made)], live)).toEqual([])
    expect(await mine.apply([create(made)])).toEqual([
      { id: made.id, step: 'started' },
      { id: made.id, step: 'applied' },
    ])
    expect(await mine.ready(made)).toMatchObject({ owner: ours(made) })
    expect(await differences(get(), made)).toEqual([])
  })

  it('an update: it is what was asked for, under a new version, and something else runs', async () => {
    const { world, mine } = get()
    const [first, second] = [world.running('web', 1), world.running('web', 2)]
    await mine.lookAndApply(create(first))
    const before = await mine.ready(first)
    expect(stepsOf(await mine.update(second), second)).toEqual(['started', 'applied'])
    const after = await mine.ready(second)
    expect(after.owner).toEqual(ours(second))
    expect(await differences(get(), second)).toEqual([])
    expect(after.version).not.toBe(before.version)
    expect(after.health.instance).not.toBe(before.health.instance)
  })

  it('an update of a job: it runs for the new value', async () => {
    const { world, mine } = get()
    const [first, second] = [world.job('migrate', 1), world.job('migrate', 2)]
    await mine.lookAndApply(create(first))
    await mine.ready(first)
    expect(stepsOf(await mine.update(second), second)).toEqual(['started', 'applied'])
    await mine.ready(second)
    expect(await differences(get(), second)).toEqual([])
  })

  it.each(KINDS)('a replace: the old one goes, what it frees goes, and the new one is there (%s)', async (kind) => {
    const { world, mine } = get()
    const [old, holder] = [world[kind]('old'), world[kind]('holder')]
    const fresh = kind === 'inert' ? old : world[kind]('old', 2)
    await mine.lookAndApply(create(old), create(holder))
    await Promise.all([mine.ready(old), mine.ready(holder)])
    await mine.look(old, holder)
    expect(stepsOf(await mine.apply([replace(fresh, holder.id)]), fresh)).toEqual(['started', 'applied'])
    expect(await mine.ready(fresh)).toMatchObject({ owner: ours(fresh) })
    expect(await differences(get(), fresh)).toEqual([])
    expect((await mine.one(holder)).state).toBe('absent')
  })

  it.each(['inert', 'running'] as const)(
    'an adoption: ours from then on, and nothing starts anew (%s)',
    async (kind) => {
      const { world, mine } = get()
      const found = world[kind]('found')
      await world.byHand(found)
      const before = await mine.ready(found)
      expect(stepsOf(await mine.apply([adopt(found)]), found)).toEqual(['started', 'applied'])
      const after = await mine.ready(found)
      expect(after.owner).toEqual(ours(found))
      expect(after.health.instance).toBe(before.health.instance)
    },
  )

  it.each(['inert', 'running'] as const)(
    'a move: of another app from then on, and nothing starts anew (%s)',
    async (kind) => {
      const { world, mine } = get()
      const [before, after] = [inApp(world, kind, 'web'), inApp(world, kind, 'shop')]
      await mine.lookAndApply(create(before))
      const { health } = await mine.ready(before)
      expect(stepsOf(await mine.lookAndApply(move(after, 'web')), after)).toEqual(['started', 'applied'])
      const moved = await mine.ready(after)
      expect(moved.owner).toMatchObject({ who: 'us', app: 'shop' })
      expect(moved.health.instance).toBe(health.instance)
    },
  )

  it('adoption and move of a job without any write: what runs once is told by the record', async ({ skip }) => {
    const { world, mine } = get()
    if (world.hasJobs === false) skip('nothing runs to its end there')
    const [found, moved] = [world.job('migrate', 1, 'web'), world.job('migrate', 1, 'shop')]
    await world.byHand(found)
    await mine.ready(found)
    for (const change of [adopt(found), move(moved, 'web')]) {
      const before = world.writes()
      expect(stepsOf(await mine.apply([change]), found)).toEqual(['started', 'applied'])
      expect(world.writes()).toBe(before)
      await mine.target.writeRecord(recordWith(world, change.to), call)
      expect((await mine.present(change.to)).owner).toMatchObject({ who: 'us', app: change.to.app })
    }
  })

  it.each(KINDS)('a prune: it is gone, and gone again is no failure (%s)', async (kind) => {
    const { world, mine } = get()
    const old = world[kind]('old')
    await mine.lookAndApply(create(old))
    await mine.ready(old)
    expect(stepsOf(await mine.apply([prune(old)]), old)).toEqual(['started', 'applied'])
    expect((await mine.one(old)).state).toBe('absent')
    expect(stepsOf(await mine.apply([prune(old)]), old)).toEqual(['started', 'applied'])
  })

  it('a prune of what cannot be stamped and is ours by our own record, before the record of the target says so', async () => {
    const { world, mine } = get()
    const found = world.job('migrate')
    await world.byHand(found)
    await mine.ready(found)
    const marks = await mine.apply([prune(found)], { record: [recordedOf(found)] })
    expect(lastOf(marks, found)).toEqual({ step: 'applied' })
    expect((await mine.one(found)).state).toBe('absent')
  })
}

const inApp = (world: TargetWorld, kind: 'inert' | 'running', app: string): Wanted =>
  kind === 'inert' ? world.inert('thing', app) : world.running('thing', 1, app)

const recordWith = ({ install }: TargetWorld, { id, app, digest }: Wanted): TargetRecord => ({
  install,
  apps: {},
  unstamped: { [id]: { app, digest } },
})
