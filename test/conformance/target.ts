import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ReconcileError } from '../../src/model/error.ts'
import type { Wanted } from '../../src/model/resource.ts'
import type { TargetRecord } from '../../src/model/target.ts'
import { adopt, create, move, prune, recordedOf, replace, update } from '../support/changes.ts'
import { type Client, createClient, lastOf, neverAborted, stepsOf, type TargetWorld } from './target-world.ts'

const OTHER_INSTALL = 'another-install'
const KINDS = ['inert', 'running', 'job'] as const
const call = { signal: neverAborted }

/** What every target must do (src/model/target.ts). `make` gives a world in which no name of ours is taken. */
export function targetConformance(name: string, make: () => TargetWorld | Promise<TargetWorld>): void {
  describe(`${name}, as a target`, () => {
    let world: TargetWorld
    let mine: Client
    beforeEach(async () => {
      world = await make()
      mine = createClient(world.open(), world)
    })
    afterEach(() => world.dispose())
    const get = (): Given => ({ world, mine })

    describe('tells what it is', () => identitySuite(get))
    describe('observes', () => observeSuite(get))
    describe('applies', () => applySuite(get))
    describe('leaves what is not ours', () => ownershipSuite(get))
    describe('says what became of each change', () => markSuite(get))
    describe('keeps a record', () => recordSuite(get))
    describe('has one writer', () => leaseSuite(get))
    describe('does not answer', () => deadSuite(get))
  })
}

interface Given {
  readonly world: TargetWorld
  readonly mine: Client
}

const another = ({ world }: Given, install?: string): Client => createClient(world.open(install), world)

/** What live is, compared with what was asked for, by the kind itself. */
async function differences({ world, mine }: Given, wanted: Wanted) {
  const { live } = await mine.present(wanted)
  return world.kinds.get(wanted.kind)?.compare(wanted.spec, live)
}

const ours = ({ app, digest }: Wanted) => ({ who: 'us', app, digest })

function identitySuite(get: () => Given): void {
  it('with the same identity to everybody, at any time', async () => {
    const identity = await get().mine.target.identity(call)
    expect(identity).toMatch(/\S/)
    expect(await get().mine.target.identity(call)).toBe(identity)
    expect(await another(get()).target.identity(call)).toBe(identity)
  })

  it('with digest and platforms of a tag, or that nobody knows the tag', async () => {
    const { world, mine } = get()
    const pin = await mine.target.resolveImage(world.image.known, call)
    expect(pin.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    await expect(mine.target.resolveImage(world.image.unknown, call)).rejects.toMatchObject({
      name: expect.stringMatching(/Error$/),
      reason: 'ImageUnresolved',
    })
  })

  it('and is closed as often as one likes', async () => {
    const { target } = get().mine
    await target.identity(call)
    await target.dispose()
    await expect(target.dispose()).resolves.toBeUndefined()
  })
}

function observeSuite(get: () => Given): void {
  it('what is not there as absent, and no record where none was written', async () => {
    const { world, mine } = get()
    const all = KINDS.map((kind) => world[kind]('nothing'))
    const live = await mine.look(...all)
    expect(all.map(({ id }) => live.of.get(id))).toEqual(all.map(() => ({ state: 'absent' })))
    expect(live.record).toBeUndefined()
  })

  it.each(KINDS)('what is there and carries no mark as of nobody (%s)', async (kind) => {
    const { world, mine } = get()
    const found = world[kind]('found')
    await world.byHand(found)
    expect(await mine.one(found)).toMatchObject({ state: 'present', owner: { who: 'nobody' } })
  })

  it.each(KINDS)('what another install made as of that one (%s)', async (kind) => {
    const { world, mine } = get()
    const theirs = world[kind]('theirs')
    await another(get(), OTHER_INSTALL).lookAndApply(create(theirs))
    expect(await mine.one(theirs)).toMatchObject({
      state: 'present',
      owner: { who: 'other', install: OTHER_INSTALL },
    })
  })

  it('whatever carries our mark, unasked; and nothing of others', async () => {
    const { world, mine } = get()
    const [own, theirs, nobodys] = [world.inert('own'), world.inert('theirs'), world.inert('nobodys')]
    await another(get()).lookAndApply(create(own))
    await another(get(), OTHER_INSTALL).lookAndApply(create(theirs))
    await world.byHand(nobodys)
    const { of } = await mine.look()
    expect([own, theirs, nobodys].map(({ id }) => of.get(id)?.state)).toEqual(['present', undefined, undefined])
  })

  it('what was marked as somebody else would see it: by the mark, not by memory', async () => {
    const { world, mine } = get()
    const own = world.running('own')
    await mine.lookAndApply(create(own))
    expect(await another(get()).present(own)).toMatchObject({ owner: ours(own) })
  })
}

function applySuite(get: () => Given): void {
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

  it('adoption and move of a job without any write: what runs once is told by the record', async () => {
    const { world, mine } = get()
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

function ownershipSuite(get: () => Given): void {
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

function markSuite(get: () => Given): void {
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

function recordSuite(get: () => Given): void {
  const recordOf = ({ install, job }: TargetWorld, app: string): TargetRecord => {
    const { id, digest } = job('migrate')
    const lastGood = { revision: 'a'.repeat(40), at: '2026-01-01T00:00:00.000Z' }
    return { install, apps: { [app]: { lastGood } }, unstamped: { [id]: { app, digest } } }
  }

  it('that comes back as it was written, to every client of the install', async () => {
    const { world, mine } = get()
    const record = recordOf(world, 'web')
    await mine.look()
    await mine.target.writeRecord(record, call)
    expect((await mine.look()).record).toEqual(record)
    expect((await another(get()).look()).record).toEqual(record)
  })

  it('that another write replaces whole', async () => {
    const { world, mine } = get()
    await mine.target.writeRecord(recordOf(world, 'web'), call)
    await mine.target.writeRecord(recordOf(world, 'shop'), call)
    expect((await mine.look()).record).toEqual(recordOf(world, 'shop'))
  })

  it('and writes nothing where nothing differs', async () => {
    const { world, mine } = get()
    await mine.target.writeRecord(recordOf(world, 'web'), call)
    await mine.look()
    const before = world.writes()
    await mine.target.writeRecord(recordOf(world, 'web'), call)
    expect(world.writes()).toBe(before)
  })

  it('of two writers that of the first', async () => {
    const { world, mine } = get()
    await mine.target.writeRecord(recordOf(world, 'web'), call)
    await mine.look()
    const other = another(get())
    await other.look()
    await world.comesFirst(() => other.target.writeRecord(recordOf(world, 'theirs'), call))
    await expect(mine.target.writeRecord(recordOf(world, 'mine'), call)).rejects.toMatchObject({
      reason: 'VersionConflict',
    })
    expect((await mine.look()).record).toEqual(recordOf(world, 'theirs'))
  })
}

function leaseSuite(get: () => Given): void {
  /** A lease that was confirmed a moment ago is believed: for longer than any target believes it. */
  const later = () => get().world.clock.sleep(3_000)

  it('while one lives, another is told who holds the right', async () => {
    const { world, mine } = get()
    const lease = await mine.target.lease('db-1', call)
    let settled = false
    const refused = expect(another(get()).target.lease('db-2', call))
      .rejects.toMatchObject({ reason: 'LeaseHeld', retryable: true, message: expect.stringContaining('db-1') })
      .finally(() => {
        settled = true
      })
    // Whoever lives is seen to write.
    for (let n = 0; !settled; n += 1) {
      await mine.target.writeRecord({ install: world.install, apps: { [`app-${n}`]: {} }, unstamped: {} }, call)
      await world.clock.sleep(500)
      await mine.look()
    }
    await refused
    await later()
    await expect(lease.check(call)).resolves.toBeUndefined()
    await lease.release()
  })

  it('what was given back is free at once, and no longer held', async () => {
    const { mine } = get()
    const lease = await mine.target.lease('db-1', call)
    await lease.release()
    await later()
    await expect(lease.check(call)).rejects.toMatchObject({ reason: 'LeaseLost' })
    const next = await another(get()).target.lease('db-2', call)
    await expect(next.check(call)).resolves.toBeUndefined()
    await next.release()
  })

  it('who comes back under the same name takes it over at once, and the one before has lost it', async () => {
    const { mine } = get()
    const killed = await mine.target.lease('db-1', call)
    const successor = await another(get()).target.lease('db-1', call)
    await later()
    await expect(killed.check(call)).rejects.toMatchObject({ reason: 'LeaseLost', retryable: true })
    await killed.release() // gives back nothing: it is not his
    await later()
    await expect(successor.check(call)).resolves.toBeUndefined()
    await successor.release()
  })
}

function deadSuite(get: () => Given): void {
  it('which is an error of its own: nothing is known, and one may try again', async () => {
    const { world } = get()
    const { target } = createClient(world.openDead(), world)
    const record: TargetRecord = { install: world.install, apps: { web: {} }, unstamped: {} }
    const unreachable = { reason: 'TargetUnreachable', retryable: true }
    await expect(target.identity(call)).rejects.toMatchObject(unreachable)
    await expect(target.observe([world.running('web')], call)).rejects.toMatchObject(unreachable)
    await expect(target.writeRecord(record, call)).rejects.toMatchObject(unreachable)
    await expect(target.lease('db-1', call)).rejects.toMatchObject(unreachable)
    await expect(target.resolveImage(world.image.known, call)).rejects.toMatchObject(unreachable)
    await expect(target.dispose()).resolves.toBeUndefined()
  })

  it('and says so of each change', async () => {
    const { world } = get()
    const dead = createClient(world.openDead(), world)
    const all = KINDS.map((kind) => world[kind]('thing'))
    const marks = await dead.apply(all.map(create))
    for (const one of all) {
      const last = lastOf(marks, one)
      expect(last?.reason).toBe('TargetUnreachable')
      expect(['not-run', 'failed', 'unknown']).toContain(last?.step)
    }
  })
}
