import { expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import { adopt, create, move, prune, recordedOf, replace, update } from '../support/changes.ts'
import { another, type Given, KINDS, lastOf, OTHER_INSTALL, ours, stepsOf } from './target-world.ts'

/** What is not ours. */
export function ownershipSuite(get: () => Given): void {
  it.each(KINDS)('where it exists: a create is refused, and it stays as it is (%s)', async (kind) => {
    const { world, mine } = get()
    const found = world[kind]('found')
    await mine.look(found)
    await world.byHand(found)
    expect(lastOf(await mine.apply([create(found)]), found)).toEqual({ step: 'failed', reason: 'Conflict' })
    expect(await mine.present(found)).toMatchObject({ owner: { who: 'nobody' } })
  })

  it.each(KINDS)('and carries no mark: a prune is refused (%s)', async (kind) => {
    const { world, mine } = get()
    const found = world[kind]('found')
    await world.byHand(found)
    await mine.ready(found)
    expect(lastOf(await mine.apply([prune(found)]), found)).toEqual({ step: 'failed', reason: 'Conflict' })
    expect(lastOf(await mine.apply([replace(found)]), found)).toEqual({ step: 'failed', reason: 'Conflict' })
    expect((await mine.one(found)).state).toBe('present')
  })

  it('and is of another install: whatever the plan says', async () => {
    const { world, mine } = get()
    const theirs = world.running('theirs')
    const other = another(get(), OTHER_INSTALL)
    await other.lookAndApply(create(theirs))
    const { version } = await other.ready(theirs)
    const converging = { ...theirs, handling: { ...theirs.handling, adopt: 'converge' as const } }
    await mine.look(theirs)
    for (const change of [
      update(world.running('theirs', 2)),
      adopt(theirs),
      move(theirs, 'shop'),
      replace(converging),
      prune(theirs),
    ]) {
      const last = lastOf(await mine.apply([change], { record: [recordedOf(theirs)] }), theirs)
      expect(last, change.action).toEqual({ step: 'failed', reason: 'Conflict' })
    }
    expect(await other.present(theirs)).toMatchObject({ owner: ours(theirs), version })
  })

  it('takes it over where the document says so whatever that changes', async () => {
    const { world, mine } = get()
    const found = world.inert('found')
    await world.byHand(found)
    const converging = { ...found, handling: { ...found.handling, adopt: 'converge' as const } }
    expect(lastOf(await mine.lookAndApply(replace(converging)), found)).toEqual({ step: 'applied' })
    expect((await mine.present(found)).owner).toEqual(ours(found))
  })
}

export function markSuite(get: () => Given): void {
  it('a failure is marked with its reason, is not thrown, and does not stop its neighbours', async () => {
    const { world, mine } = get()
    const [before, taken, after] = [world.inert('a-before'), world.inert('b-taken'), world.inert('c-after')]
    await mine.look(before, taken, after)
    await world.byHand(taken)
    const marks = await mine.apply([create(before), create(taken), create(after)])
    expect([before, taken, after].map((one) => stepsOf(marks, one))).toEqual([
      ['started', 'applied'],
      ['started', 'failed'],
      ['started', 'applied'],
    ])
    expect(lastOf(marks, taken)?.reason).toBe('Conflict')
  })

  it('what somebody changed since it was looked at is a version conflict, and is not overwritten', async () => {
    const { world, mine } = get()
    const [first, second, third] = [world.running('web', 1), world.running('web', 2), world.running('web', 3)]
    await mine.lookAndApply(create(first))
    await mine.ready(first)
    const other = another(get())
    await other.update(second)
    expect(lastOf(await mine.apply([update(third)]), third)).toEqual({ step: 'failed', reason: 'VersionConflict' })
    expect((await other.ready(second)).owner).toEqual(ours(second))
  })

  it('what is gone since it was looked at is not made again by an update', async () => {
    const { world, mine } = get()
    const [first, second] = [world.running('web', 1), world.running('web', 2)]
    await mine.lookAndApply(create(first))
    await mine.ready(first)
    const other = another(get())
    await other.look(first)
    await other.apply([prune(first)])
    expect(stepsOf(await mine.apply([update(second)]), second)).toEqual(['started', 'failed'])
    expect((await mine.one(second)).state).toBe('absent')
  })

  it('an answer that is lost leaves the step unknown; the next look tells', async () => {
    const { world, mine } = get()
    const web = world.running('web')
    await mine.look(web)
    world.loseNextAnswer()
    expect(lastOf(await mine.apply([create(web)]), web)).toMatchObject({ step: 'unknown', reason: 'TargetUnreachable' })
    expect((await mine.ready(web)).owner).toEqual(ours(web))
  })

  it('the right to write is asked for first, and the start is marked before the write', async () => {
    const { world, mine } = get()
    const heard: string[] = []
    const web = world.running('web')
    await mine.look(web)
    const before = world.writes()
    await mine.apply([create(web)], {
      guard: async () => void heard.push('guard'),
      mark: (_, step) => void heard.push(`${step} after ${world.writes() - before} writes`),
    })
    expect(heard).toEqual(['guard', 'started after 0 writes', 'applied after 1 writes'])
  })

  it.each(KINDS)('nothing is begun without the right to write (%s)', async (kind) => {
    const { world, mine } = get()
    const thing = world[kind]('thing')
    const before = world.writes()
    const guard = async () => {
      throw new ReconcileError('LeaseLost', { message: 'another one writes' })
    }
    await mine.look(thing)
    expect(await mine.apply([create(thing)], { guard })).toEqual([
      { id: thing.id, step: 'not-run', reason: 'LeaseLost' },
    ])
    expect(world.writes()).toBe(before)
  })

  it('nothing is begun after it was stopped', async () => {
    const { world, mine } = get()
    const web = world.running('web')
    const before = world.writes()
    await mine.look(web)
    const signal = AbortSignal.abort(new Error('a newer revision'))
    expect(await mine.apply([create(web)], { signal })).toEqual([{ id: web.id, step: 'not-run', reason: 'Aborted' }])
    expect(world.writes()).toBe(before)
  })
}
