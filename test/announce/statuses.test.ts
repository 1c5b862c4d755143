import { describe, expect, it } from 'vitest'
import { suspendApp, unpinApp } from '../../src/reconcile/operator.ts'
import { healthByValue, thing, type WrittenFleet } from '../support/fleet.ts'
import { createQuickStore } from '../support/quick-store.ts'
import { type Announcing, announcing, unreadable } from './announcing.ts'

const APPLY = 'swarmkeeper/test/apply'
const BAKES = { keeper: { bakeMs: 120_000 } }
const app = (name: string, value: number): WrittenFleet => ({ [name]: [thing(name, { value }, BAKES)] })

/** Two apps that stand at their first revision since long. */
async function standing() {
  const world = announcing()
  world.fleet.commit({ ...app('api', 1), ...app('web', 1) })
  await world.tick()
  await world.minutes(3)
  return world
}

/** The tracked branch is pushed back to an older commit. */
function backTo(world: Announcing, old: string): void {
  const collaborators = world.fleet.collaborators
  world.fleet.collaborators = () => {
    const made = collaborators()
    const resolve: typeof made.source.resolve = async ({ revision }) => {
      const commit = revision ?? old
      return { commit, tree: commit }
    }
    return { ...made, source: { ...made.source, resolve } }
  }
}

describe('statuses of a revision', () => {
  it('the first revision is told like any other, for everything is to be brought to it', async () => {
    const world = announcing()
    const first = world.fleet.commit(app('web', 1))
    await world.tick()
    await world.minutes(3)
    expect(world.outbox.story(first)).toEqual([
      `${APPLY} pending: web: applying`,
      `${APPLY}/web pending: applying`,
      `${APPLY} pending: web: applied, baking`,
      `${APPLY}/web pending: applied, baking`,
      `${APPLY} success: web: proven`,
      `${APPLY}/web success: proven`,
    ])
  })

  it('a daemon that starts where everything stands as declared says what its state tells, and no more', async () => {
    const world = await standing()
    const fresh = announcing()
    fresh.fleet.store = world.fleet.store
    expect(world.outbox.messages.length).toBeGreaterThan(0)
    const before = world.outbox.messages.length
    world.restart()
    await world.tick()
    expect(world.outbox.messages.length).toBe(before)
  })

  it('only apps whose digest changed are touched; the others have no status', async () => {
    const world = await standing()
    const second = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    await world.minutes(3)
    expect(world.outbox.statuses(second)).toEqual({
      [APPLY]: 'success: web: proven',
      [`${APPLY}/web`]: 'success: proven',
    })
  })

  it('a revision that touches no app is a success at once', async () => {
    const world = await standing()
    const second = world.fleet.commit({ ...app('api', 1), ...app('web', 1) })
    await world.tick()
    expect(world.outbox.story(second)).toEqual([`${APPLY} success: no app is touched`])
  })

  it('an app that is not declared any more is touched: proven when it is gone', async () => {
    const world = await standing()
    const second = world.fleet.commit(app('api', 1))
    await world.tick()
    expect(world.outbox.statuses(second)).toEqual({
      [APPLY]: 'success: web: proven',
      [`${APPLY}/web`]: 'success: proven',
    })
  })

  it('what waits for a guard is pending with the reason, until a person confirms it', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'] as const
    const world = announcing()
    world.fleet.commit(Object.assign({}, ...names.map((name) => app(name, 1))))
    await world.tick()
    await world.minutes(3)
    const second = world.fleet.commit(app('a', 1))
    await world.tick()
    const guards = world.view().planned.flatMap((planned) => planned.guards.map(({ name }) => name))
    expect(world.outbox.statuses(second)[`${APPLY}/b`]).toMatch(/^pending: waits: GuardHeld: /)
    expect(world.outbox.statuses(second)[APPLY]).toBe('pending: 5 apps waiting')
    await world.tick({ confirm: guards })
    expect(world.outbox.statuses(second)[APPLY]).toBe('success: 5 apps proven')
  })

  it('what fails is a failure with its reason, and stays one while it is held back', async () => {
    const world = await standing()
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 100) })
    await world.tick()
    await world.minutes(10)
    const status = world.outbox.statuses(bad)
    expect(status[APPLY]).toMatch(/^failure: web: rolled back: \w+: prod\/Thing\/web/)
    expect(world.outbox.story(bad)).toHaveLength(4)
    const report = world.report(bad)
    expect(report?.final).toBe(true)
    expect(report?.apps.web).toMatchObject({
      word: 'rolled-back',
      running: { revision: world.fleet.store.app('web').lastGood?.revision },
    })
  })

  it('a later revision that has nothing to do with it does not touch its failure', async () => {
    const world = await standing()
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 100) })
    await world.tick()
    const next = world.fleet.commit({ ...app('api', 2), ...app('web', 100) })
    await world.tick()
    await world.minutes(3)
    expect(world.outbox.statuses(bad)[APPLY]).toMatch(/^failure: web: rolled back/)
    expect(world.outbox.statuses(next)).toEqual({
      [APPLY]: 'success: api: proven',
      [`${APPLY}/api`]: 'success: proven',
    })
  })

  it('a retry that goes well turns the failure into a success', async () => {
    const world = await standing()
    world.fleet.world.healthOf = () => ({ status: 'degraded', message: 'the database is away' })
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    expect(world.outbox.statuses(bad)[APPLY]).toMatch(/^failure/)
    world.fleet.world.healthOf = (_id, object) => ({ status: 'healthy', instance: String(object.starts) })
    await world.tick({ retry: true, patient: false })
    expect(world.outbox.statuses(bad)[APPLY]).toBe('pending: web: applied, baking')
    await world.minutes(3)
    expect(world.outbox.statuses(bad)[APPLY]).toBe('success: web: proven')
  })

  it('a revision whose place is taken before it is decided says by which, and ends as that one does', async () => {
    const world = await standing()
    const second = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    const third = world.fleet.commit({ ...app('api', 1), ...app('web', 3) })
    await world.tick()
    expect(world.outbox.statuses(second)[APPLY]).toBe(
      `pending: superseded by ${third.slice(0, 7)}: web: applied, baking`,
    )
    await world.minutes(3)
    expect(world.outbox.statuses(third)[APPLY]).toBe('success: web: proven')
    expect(world.outbox.statuses(second)).toEqual({
      [APPLY]: `success: superseded by ${third.slice(0, 7)}: web: proven`,
      [`${APPLY}/web`]: `success: superseded by ${third.slice(0, 7)}: proven`,
    })
    expect(world.report(second)).toMatchObject({ supersededBy: third, final: true })
  })

  it('a revision whose bake was over before the next one came is proven by itself', async () => {
    const world = await standing()
    const second = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    await world.fleet.clock.sleep(180_000)
    world.fleet.commit({ ...app('api', 1), ...app('web', 3) })
    await world.tick()
    expect(world.outbox.statuses(second)[APPLY]).toBe('success: web: proven')
  })

  it('commits between two that were looked at get the final state of the one that took their place', async () => {
    const skipped = ['a'.repeat(40), 'b'.repeat(40)]
    const world = announcing({ between: async () => skipped })
    world.fleet.commit(app('web', 1))
    await world.tick()
    await world.minutes(3)
    const second = world.fleet.commit(app('web', 2))
    await world.tick()
    expect(skipped.map((sha) => world.outbox.statuses(sha))).toEqual([{}, {}])
    await world.minutes(3)
    for (const sha of skipped) {
      expect(world.outbox.statuses(sha)).toEqual({
        [APPLY]: `success: superseded by ${second.slice(0, 7)}: web: proven`,
      })
    }
  })

  it('with more than ten apps there is one status, and few words of it', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `app${index}`)
    const all = (value: number): WrittenFleet => Object.assign({}, ...names.map((name) => app(name, value)))
    const world = announcing()
    world.fleet.commit(all(1))
    await world.tick()
    await world.minutes(3)
    const second = world.fleet.commit(all(2))
    await world.tick()
    await world.minutes(3)
    expect(world.outbox.story(second)).toEqual([
      `${APPLY} pending: applying 60 apps`,
      `${APPLY} pending: applied, baking: 60 apps`,
      `${APPLY} success: 60 apps proven`,
    ])
  })

  it('killed before anything was told of a failure: told after the restart', async () => {
    const world = await standing()
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 100) })
    const deaf = world.announcer
    world.announcer = { ...deaf, onOutcome: () => {}, onTickEnd: () => {} }
    await world.tick()
    expect(world.outbox.statuses(bad)[APPLY]).toBe('pending: web: applying')
    world.restart()
    await world.tick()
    expect(world.outbox.statuses(bad)[APPLY]).toMatch(/^failure: web: rolled back: /)
  })

  it('what waits for a person is pending with the reason: another history', async () => {
    const world = await standing()
    world.fleet.rewriteHistory()
    const forced = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    expect(world.outbox.statuses(forced)[APPLY]).toMatch(/^pending: waits for a person: .* does not descend from /)
    await world.tick({ confirm: [`revision:${forced.slice(0, 12)}`] })
    await world.minutes(3)
    expect(world.outbox.statuses(forced)[APPLY]).toBe('success: web: proven')
  })

  it('an app that a person pinned is left as it is, and keeps no commit pending until it is unpinned', async () => {
    const world = await standing()
    const web = world.fleet.store.app('web')
    const revision = web.lastGood?.revision ?? ''
    world.fleet.store.putApp({ ...web, pin: { revision, at: '2026-01-01T00:00:00.000Z', by: 'ann', reason: '' } })
    const second = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    expect(world.outbox.statuses(second)[APPLY]).toBe(
      `success: web: left as a person decided: pinned by ann to ${revision.slice(0, 12)}`,
    )

    unpinApp(world.fleet.collaborators(), 'web', { by: 'ann' })
    await world.tick()
    expect(world.outbox.statuses(second)[APPLY]).toBe('pending: web: applied, baking')
    await world.minutes(3)
    expect(world.outbox.statuses(second)[APPLY]).toBe('success: web: proven')
  })

  it('an app that cannot be read is a failure with its place; the commit that mends it is told by itself', async () => {
    const world = await standing()
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    const mend = unreadable(world, 'web')
    await world.tick()
    await world.minutes(2)
    expect(world.outbox.story(bad)).toEqual([
      `${APPLY} pending: web: applying`,
      `${APPLY}/web pending: applying`,
      `${APPLY} failure: web: could not be read: apps/all.yaml:3:5 /image: no such field`,
      `${APPLY}/web failure: could not be read: apps/all.yaml:3:5 /image: no such field`,
    ])
    mend()
    const good = world.fleet.commit({ ...app('api', 1), ...app('web', 3) })
    await world.tick()
    await world.minutes(3)
    expect(world.outbox.statuses(good)[APPLY]).toBe('success: web: proven')
    expect(world.outbox.statuses(bad)[APPLY]).toMatch(/^failure: web: could not be read/)
  })

  it('a revision of which nothing can be read touches no app, and is a failure', async () => {
    const world = await standing()
    const mend = unreadable(world)
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    expect(world.outbox.story(bad)).toEqual([
      `${APPLY} failure: could not be read: apps/all.yaml:3:5 /image: no such field`,
    ])
    mend()
    const good = world.fleet.commit({ ...app('api', 1), ...app('web', 3) })
    await world.tick()
    await world.minutes(3)
    expect(world.outbox.statuses(good)[APPLY]).toBe('success: web: proven')
    expect(world.outbox.story(bad)).toHaveLength(1)
  })

  it('two merges within a minute, of different apps: each is told by itself', async () => {
    const world = await standing()
    const first = world.fleet.commit({ ...app('api', 2), ...app('web', 1) })
    await world.tick()
    const second = world.fleet.commit({ ...app('api', 2), ...app('web', 2) })
    await world.tick()
    await world.minutes(3)
    expect(world.outbox.statuses(first)[APPLY]).toBe('success: api: proven')
    expect(world.outbox.statuses(second)[APPLY]).toBe('success: web: proven')
  })

  it('after three failures the rest waits for a person, and many apps make no flood', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `app${index}`)
    const all = (value: number): WrittenFleet => Object.assign({}, ...names.map((name) => app(name, value)))
    const world = announcing()
    world.fleet.commit(all(1))
    await world.tick()
    await world.minutes(3)
    const bad = world.fleet.commit(all(100))
    await world.tick()
    await world.minutes(2)
    expect(world.outbox.statuses(bad)[APPLY]).toMatch(/^failure: 3 apps rolled back \(.*\), 57 apps waiting$/)
    expect(world.outbox.story(bad).length).toBeLessThan(12)
  })

  it('a commit that comes back by a force-push is not taken for proven because it once was', async () => {
    const world = await standing()
    const old = world.view().look.revision
    world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    await world.minutes(3)
    backTo(world, old)
    await world.tick()
    expect(world.outbox.statuses(old)[APPLY]).toMatch(/^pending: waits for a person: .* does not descend/)
    await world.tick({ confirm: [`revision:${old.slice(0, 12)}`] })
    expect(world.outbox.statuses(old)[APPLY]).toBe('pending: web: applied, baking')
    await world.minutes(3)
    expect(world.outbox.statuses(old)[APPLY]).toBe('success: web: proven')
  })

  it('nor where the newer one was not proven yet', async () => {
    const world = await standing()
    const old = world.view().look.revision
    world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    backTo(world, old)
    await world.tick({ confirm: [`revision:${old.slice(0, 12)}`] })
    expect(world.outbox.statuses(old)[APPLY]).toBe('pending: web: applied, baking')
    world.restart()
    await world.minutes(3)
    expect(world.outbox.statuses(old)[APPLY]).toBe('success: web: proven')
  })

  it('a failure that nothing holds any more, and where all stands as declared, is none', async () => {
    const world = announcing()
    world.fleet.commit(app('web', 1))
    await world.tick()
    world.fleet.byHand('Thing/web', { value: 2 })
    world.fleet.world.healthOf = () => ({ status: 'degraded', message: 'away' })
    const second = world.fleet.commit(app('web', 2))
    await world.tick()
    expect(world.outbox.statuses(second)[APPLY]).toMatch(/^failure: web: held back, for a person/)
    suspendApp(world.fleet.collaborators(), 'web', { by: 'ann', forMs: 600_000 })
    world.fleet.world.healthOf = healthByValue
    await world.minutes(5)
    expect(world.outbox.statuses(second)[APPLY]).toMatch(/^failure/)
    await world.minutes(10)
    expect(world.outbox.statuses(second)[APPLY]).toBe('success: web: as declared')
  })

  it('the database is lost while a revision bakes: its status does not stay pending', async () => {
    const world = await standing()
    const second = world.fleet.commit({ ...app('api', 1), ...app('web', 2) })
    await world.tick()
    expect(world.outbox.statuses(second)[APPLY]).toBe('pending: web: applied, baking')
    world.fleet.store = createQuickStore()
    world.restart()
    await world.minutes(5)
    expect(world.outbox.statuses(second)[APPLY]).toMatch(/^success: .*web.*proven|^success: 2 apps proven/)
    expect(world.outbox.statuses(second)[`${APPLY}/web`]).toBe('success: proven')
  })

  it('the database is lost after a failure: it is told as one, and not as nothing', async () => {
    const world = await standing()
    const bad = world.fleet.commit({ ...app('api', 1), ...app('web', 100) })
    await world.tick()
    world.fleet.store = createQuickStore()
    world.restart()
    await world.minutes(3)
    expect(world.outbox.statuses(bad)[APPLY]).toMatch(/^failure: .*web/)
  })

  it('without GitHub reports are kept and told, and nothing is put', async () => {
    const reports: string[] = []
    const world = announcing({ github: false, onReport: ({ apps }) => reports.push(apps.web?.word ?? '') })
    world.fleet.commit(app('web', 1))
    await world.tick()
    await world.minutes(3)
    expect(world.outbox.messages).toEqual([])
    expect(reports).toEqual(['pending', 'applied', 'proven'])
  })

  it('git that hangs or fails delays nothing, and is asked again', async () => {
    const answers = [Promise.reject(new Error('down')), Promise.resolve(['c'.repeat(40)])]
    answers[0]?.catch(() => {})
    const world = announcing({ between: () => answers.shift() ?? Promise.resolve([]) })
    world.fleet.commit(app('web', 1))
    await world.tick()
    await world.minutes(3)
    world.fleet.commit(app('web', 2))
    await world.tick()
    await world.minutes(3)
    expect(world.outbox.statuses('c'.repeat(40))[APPLY]).toMatch(/^success: superseded by /)
  })
})
