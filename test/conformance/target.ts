import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TargetRecord } from '../../src/model/target.ts'
import { create } from '../support/changes.ts'
import { applySuite } from './target-changes.ts'
import { markSuite, ownershipSuite } from './target-refusals.ts'
import {
  another,
  type Client,
  call,
  createClient,
  type Given,
  KINDS,
  lastOf,
  OTHER_INSTALL,
  ours,
  type TargetWorld,
} from './target-world.ts'

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

function identitySuite(get: () => Given): void {
  it('with the same identity to everybody, at any time', async () => {
    const identity = await get().mine.target.identity(call)
    expect(identity).toMatch(/\S/)
    expect(await get().mine.target.identity(call)).toBe(identity)
    expect(await another(get()).target.identity(call)).toBe(identity)
  })

  it('with digest and platforms of a tag, or that nobody knows the tag', async () => {
    const { world, mine } = get()
    const { known, unknown } = world.image ?? { unknown: 'app:1' }
    if (known === undefined) {
      await expect(mine.target.resolveImage(unknown, call)).rejects.toMatchObject({ reason: 'ImageUnresolved' })
      return
    }
    const pin = await mine.target.resolveImage(known, call)
    expect(pin.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    await expect(mine.target.resolveImage(unknown, call)).rejects.toMatchObject({
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
    await expect(target.resolveImage(world.image?.known ?? 'app:1', call)).rejects.toMatchObject(unreachable)
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
