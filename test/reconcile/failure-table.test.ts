import { describe, expect, it } from 'vitest'
import { createFleet, gen, net, shortId, task, thing } from '../support/fleet.ts'

const BAD = 100

describe('rule 17, failed before the first write', () => {
  it('is retried with backoff, and nothing is held back', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('hello', { tag: 'hello:1' })] })
    const first = await fleet.run('web')
    expect(first).toMatchObject({ outcome: 'failed', reason: 'ImageUnresolved' })
    fleet.world.images.set('hello:1', { digest: 'sha256:1', platforms: [] })
    expect((await fleet.run('web')).outcome).toBe('proven')
  })

  it.each(['DependencyNotReady', 'DataChange', undefined] as const)(
    'says the reason that pre-flight gave: %s',
    async (reason) => {
      const fleet = createFleet()
      const unfit = { message: 'it cannot work', ...(reason ? { reason } : {}) }
      fleet.wrapTarget = (target) => ({
        ...target,
        preflight: (changes) => changes.map(({ id }) => ({ id, ...unfit })),
      })
      fleet.commit({ web: [thing('hello')] })
      expect(await fleet.run('web')).toMatchObject({ outcome: 'failed', reason: reason ?? 'Unschedulable' })
    },
  )

  it('is also what cannot be brought to its place before it; nothing is brought for nothing', async () => {
    const fleet = createFleet()
    const brought: string[] = []
    let missing = true
    fleet.wrapTarget = (target) => ({
      ...target,
      prepare: async (changes, { guard }) => {
        await guard()
        brought.push(...changes.map(({ action }) => action))
        const unfit = { message: 'it answers 404', reason: 'ArtifactUnavailable' as const }
        return missing ? changes.map(({ id }) => ({ id, ...unfit })) : []
      },
    })
    fleet.commit({ web: [thing('hello')] })
    expect(await fleet.run('web')).toMatchObject({
      outcome: 'failed',
      reason: 'ArtifactUnavailable',
      steps: [{ step: 'not-run' }],
    })
    expect(fleet.store.app('web').held).toBeUndefined()
    missing = false
    expect((await fleet.run('web')).outcome).toBe('proven')
    expect((await fleet.run('web')).outcome).toBe('unchanged')
    expect(brought).toEqual(['create', 'create'])
  })

  it('waits longer each time, and a patient run obeys that', async () => {
    const fleet = createFleet()
    let refusing = true
    fleet.wrapTarget = (target) => ({
      ...target,
      preflight: (changes) => (refusing ? changes.map(({ id }) => ({ id, message: 'no node has enough memory' })) : []),
    })
    fleet.commit({ web: [thing('hello')] })
    expect(await fleet.run('web')).toMatchObject({ outcome: 'failed', reason: 'Unschedulable' })
    const first = wait(fleet)
    expect(fleet.store.app('web')).toMatchObject({ failures: 1 })
    expect(fleet.store.app('web').held).toBeUndefined()
    expect(await fleet.run('web', { patient: true })).toMatchObject({ outcome: 'waiting', reason: 'Backoff' })
    await fleet.run('web')
    expect(wait(fleet)).toBeGreaterThan(first)
    refusing = false
    fleet.clock.jump(wait(fleet) + 1)
    expect((await fleet.run('web', { patient: true })).outcome).toBe('proven')
    expect(fleet.store.app('web')).toMatchObject({ failures: 0 })
  })

  it('holds for a plan that would create things, which a refusal of the whole target never began', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('hello')] })
    await fleet.run('web')
    let refusing = true
    fleet.wrapTarget = (target) => ({
      ...target,
      apply: async (stage, options) => {
        if (refusing) throw new Error('internal server error')
        await target.apply(stage, options)
      },
    })
    fleet.commit({ web: [thing('hello'), thing('other')] })
    expect((await fleet.run('web')).outcome).toBe('failed')
    expect(fleet.store.app('web').held).toBeUndefined()
    refusing = false
    expect((await fleet.run('web')).outcome).toBe('proven')
  })
})

const wait = (fleet: ReturnType<typeof createFleet>): number =>
  Date.parse(fleet.store.app('web').notBefore ?? '') - fleet.clock.now().getTime()

describe('rule 17, new revision fails, last good was healthy when it began', () => {
  it('rolls back what the app changed: what it updated, created and removed', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a', { value: 1 }), thing('b', { value: 1 }), net('old')] })
    await fleet.apply()
    fleet.commit({ web: [thing('a', { value: 2 }), thing('b', { value: BAD }, { after: ['Thing/a'] }), thing('new')] })
    const outcome = await fleet.run('web')
    expect(outcome).toMatchObject({ outcome: 'rolled-back', reason: 'TaskFailed', message: 'prod/Thing/b: it crashes' })
    expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
    expect(fleet.spec('Thing/b')).toMatchObject({ value: 1 })
    expect(fleet.spec('Thing/new')).toBeUndefined()
    expect(fleet.spec('Net/old')).toBeDefined()
    expect(outcome.diagnosis).toEqual(['b: diagnosis'])
  })

  it('holds back the group, and the rest of the app moves on', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a'), thing('b')] })
    await fleet.apply()
    const second = fleet.commit({ web: [thing('a', { value: BAD }), thing('b')] })
    await fleet.apply()
    expect(fleet.store.app('web').held).toMatchObject({
      revision: second,
      reason: 'TaskFailed',
      keepAt: 'last-good',
      members: [{ id: shortId('Thing/a') }],
    })
    fleet.writes()
    fleet.commit({ web: [thing('a', { value: BAD }), thing('b', { value: 7 })] })
    expect((await fleet.run('web')).outcome).toBe('proven')
    expect(fleet.writes()).toEqual(['update prod/Thing/b'])
    expect((await fleet.run('web')).outcome).toBe('held-back')
  })

  it('leaves what the failed revision did not change alone, also where it drifted', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a'), thing('b', {}, { keeper: { drift: 'heal' } })] })
    await fleet.apply()
    fleet.commit({ web: [thing('a', { value: BAD }), thing('b', {}, { keeper: { drift: 'heal' } })] })
    fleet.world.afterWrite = (what) => {
      if (what === 'update prod/Thing/a') fleet.byHand('Thing/b', { value: 5 })
    }
    expect((await fleet.run('web')).outcome).toBe('rolled-back')
    expect(fleet.spec('Thing/b')).toMatchObject({ value: 5 })
  })

  it('does so when a check fails after a removal, and what was removed comes back', async () => {
    const fleet = createFleet()
    const probe = { type: 'tcp', host: 'x', port: 1 } as const
    const gates = [{ name: 'smoke', probe, timeoutMs: 1, withinMs: 1, everyMs: 1 }]
    const things = ['w', 'x', 'y', 'z'].map((name) => thing(name))
    fleet.commit({ web: { resources: things, gates } })
    await fleet.apply()
    fleet.checks.set('smoke', { name: 'smoke', ok: false, message: 'status 500 instead of 200' })
    fleet.commit({ web: { resources: things.slice(1), gates } })
    expect(await fleet.run('web')).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('smoke') })
    expect(fleet.spec('Thing/w')).toEqual({ value: 1 })
    fleet.writes()
    await fleet.apply()
    expect(fleet.writes()).toEqual([])
  })

  it('does so when a check fails, and says what the check got', async () => {
    const fleet = createFleet()
    const check = {
      name: 'smoke',
      probe: { type: 'tcp', host: 'x', port: 1 },
      timeoutMs: 1,
      withinMs: 1,
      everyMs: 1,
    } as const
    fleet.commit({ web: { resources: [thing('a')], gates: [check] } })
    await fleet.apply()
    fleet.checks.set('smoke', { name: 'smoke', ok: false, message: 'status 500 instead of 200' })
    fleet.commit({ web: { resources: [thing('a', { value: 2 })], gates: [check] } })
    expect(await fleet.run('web')).toMatchObject({
      outcome: 'rolled-back',
      reason: 'HealthCheckFailed',
      message: 'smoke: status 500 instead of 200',
    })
    expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  })

  it('does so when the target took the change back by itself', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    await fleet.apply()
    const healthOf = fleet.world.healthOf
    fleet.world.healthOf = (id, object) =>
      object.version > 1
        ? { status: 'healthy', revertedByTarget: true, message: 'rollback completed' }
        : healthOf(id, object)
    fleet.world.afterWrite = (what) => {
      if (what !== 'update prod/Thing/a') return
      fleet.world.afterWrite = () => {}
      fleet.byHand('Thing/a', { value: 1 })
    }
    fleet.commit({ web: [thing('a', { value: 2 })] })
    const outcome = await fleet.run('web')
    expect(outcome).toMatchObject({ outcome: 'rolled-back', reason: 'RolledBackBySwarm' })
    fleet.world.healthOf = healthOf
    fleet.writes()
    await fleet.apply()
    await fleet.apply()
    expect(fleet.writes()).toEqual([])
    expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
  })

  it('goes back over a port that the revision gave to something new', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('old', { port: '80' })] })
    await fleet.apply()
    fleet.commit({ web: [thing('new', { port: '80', value: BAD })] })
    expect((await fleet.run('web')).outcome).toBe('rolled-back')
    expect(fleet.spec('Thing/old')).toMatchObject({ port: '80' })
    expect(fleet.spec('Thing/new')).toBeUndefined()
  })
})

describe('rule 17, new revision fails and going back would do harm: stay, report, call for a person, hold the group', () => {
  it('because the app was degraded before', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a', { value: 1 }), thing('b')] })
    await fleet.apply()
    fleet.world.healthOf = () => ({ status: 'degraded', message: 'the node is down' })
    fleet.commit({ web: [thing('a', { value: 2 }), thing('b')] })
    const outcome = await fleet.run('web')
    expect(outcome).toMatchObject({ outcome: 'held-back' })
    expect(outcome.todo).toContain('degraded before')
    expect(fleet.spec('Thing/a')).toMatchObject({ value: 2 })
    expect(fleet.store.app('web').held).toMatchObject({ keepAt: 'stay' })
    fleet.writes()
    await fleet.apply()
    expect(fleet.writes()).toEqual([])
  })

  it('because an image with data was changed', async () => {
    const fleet = createFleet()
    fleet.commit({ db: [thing('pg', { image: 'pg:15', volume: 'data' })] })
    await fleet.apply()
    fleet.commit({ db: [thing('pg', { image: 'pg:16', volume: 'data', value: BAD })] })
    const outcome = await fleet.run('db')
    expect(outcome).toMatchObject({ outcome: 'held-back', reason: 'TaskFailed' })
    expect(outcome.todo).toContain('the old program may not read the new data')
    expect(fleet.spec('Thing/pg')).toMatchObject({ image: 'pg:16' })
  })

  it('but `rollback: app` goes back with data all the same', async () => {
    const fleet = createFleet()
    const keeper = { rollback: 'app' } as const
    fleet.commit({ db: [thing('pg', { image: 'pg:15', volume: 'data' }, { keeper })] })
    await fleet.apply()
    fleet.commit({ db: [thing('pg', { image: 'pg:16', volume: 'data', value: BAD }, { keeper })] })
    expect((await fleet.run('db')).outcome).toBe('rolled-back')
    expect(fleet.spec('Thing/pg')).toMatchObject({ image: 'pg:15' })
  })

  it('because its volume was changed on purpose: what was written there would be left behind', async () => {
    const fleet = createFleet()
    fleet.commit({ db: [thing('pg', { volume: 'old' })] })
    await fleet.apply()
    fleet.commit({ db: [thing('pg', { volume: 'new', value: BAD }, { keeper: { movedFrom: 'pg' } })] })
    const outcome = await fleet.run('db')
    expect(outcome).toMatchObject({ outcome: 'held-back' })
    expect(fleet.spec('Thing/pg')).toMatchObject({ volume: 'new' })
  })

  it('because an irreversible job ran', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a'), task('migrate', 'one')] })
    await fleet.apply()
    fleet.commit({
      web: [task('migrate', 'two', { irreversible: true }), thing('a', { value: BAD }, { after: ['Task/migrate'] })],
    })
    const outcome = await fleet.run('web')
    expect(outcome).toMatchObject({ outcome: 'held-back', reason: 'TaskFailed' })
    expect(outcome.todo).toContain('irreversible')
    expect(fleet.spec('Thing/a')).toMatchObject({ value: BAD })
  })

  it('but not while the irreversible job has not begun', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a'), task('migrate', 'one')] })
    await fleet.apply()
    fleet.commit({
      web: [thing('a', { value: BAD }), task('migrate', 'two', { irreversible: true, after: ['Thing/a'] })],
    })
    expect((await fleet.run('web')).outcome).toBe('rolled-back')
    expect(fleet.spec('Task/migrate')).toMatchObject({ runKey: 'one' })
  })

  it('because the document says `rollback: hold`', async () => {
    const fleet = createFleet()
    const keeper = { rollback: 'hold' } as const
    fleet.commit({ web: [thing('a', {}, { keeper })] })
    await fleet.apply()
    fleet.commit({ web: [thing('a', { value: BAD }, { keeper })] })
    expect((await fleet.run('web')).outcome).toBe('held-back')
    expect(fleet.spec('Thing/a')).toMatchObject({ value: BAD })
  })
})

describe('rule 17, first deploy fails', () => {
  it('stays for inspection, and is reported with its logs', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [net('front'), thing('a', { value: BAD }, { after: ['Net/front'] })] })
    const outcome = await fleet.run('web')
    expect(outcome).toMatchObject({ outcome: 'held-back', reason: 'TaskFailed', diagnosis: ['a: diagnosis'] })
    expect(outcome.todo).toContain('first apply')
    expect(fleet.spec('Thing/a')).toMatchObject({ value: BAD })
    expect(fleet.store.app('web').held).toMatchObject({ keepAt: 'stay' })
    fleet.writes()
    await fleet.apply()
    expect(fleet.writes()).toEqual([])
    fleet.commit({ web: [net('front'), thing('a', { value: 1 }, { after: ['Net/front'] })] })
    expect((await fleet.run('web')).outcome).toBe('proven')
  })

  it('is said to be no first apply where an earlier revision was applied, and is not proven yet', async () => {
    const fleet = createFleet()
    const first = fleet.commit({ web: [thing('a', { value: 1 }, { keeper: { bakeMs: 60_000 } })] })
    expect((await fleet.run('web')).outcome).toBe('applied')
    fleet.commit({ web: [thing('a', { value: BAD }, { keeper: { bakeMs: 60_000 } })] })
    const { outcome, todo } = await fleet.run('web')
    expect(outcome).toBe('held-back')
    expect(todo).toContain(
      `${first.slice(0, 12)} was applied before it, and not proven yet: nothing good to go back to`,
    )
    expect(todo).not.toContain('first')
  })

  it('is pruned where `onFirstFailure: remove` says so', async () => {
    const fleet = createFleet()
    const keeper = { onFirstFailure: 'remove' } as const
    fleet.commit({ web: [net('front'), gen('key', 'x'), task('seed', 'one'), thing('a', { value: BAD }, { keeper })] })
    expect((await fleet.run('web')).outcome).toBe('rolled-back')
    expect([...fleet.world.objects.keys()]).toEqual([])
    expect(fleet.store.record()).toEqual([])
    fleet.writes()
    await fleet.apply()
    expect(fleet.writes()).toEqual([])
  })
})

describe('rule 17, drift that cannot be healed', () => {
  it('is not rolled back: backoff, and stalled after three times; never held back', async () => {
    const fleet = createFleet()
    const keeper = { drift: 'heal' } as const
    fleet.commit({ web: [thing('a', { value: 1 }, { keeper })] })
    await fleet.apply()
    fleet.byHand('Thing/a', { value: 2 })
    fleet.world.healthOf = () => ({ status: 'degraded', message: 'it crashes' })
    const outcomes: string[] = []
    for (let n = 0; n < 4; n += 1) {
      outcomes.push((await fleet.run('web')).outcome)
      fleet.byHand('Thing/a', { value: 2 })
    }
    expect(outcomes).toEqual(['failed', 'failed', 'stalled', 'stalled'])
    expect(fleet.store.app('web').held).toBeUndefined()
    expect(fleet.writes().filter((what) => what.startsWith('update'))).toHaveLength(3)
  })

  it('says what was applied and stays, and why it does not work', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a', { value: 1 }, { keeper: { drift: 'heal' } })] })
    await fleet.apply()
    fleet.byHand('Thing/a', { value: 2 })
    fleet.world.healthOf = () => ({ status: 'degraded', message: 'it crashes' })
    expect(await fleet.run('web')).toMatchObject({
      outcome: 'failed',
      steps: [{ step: 'applied' }],
      diagnosis: ['a: diagnosis'],
      todo: 'what was applied stays as it is; it is tried again',
    })
  })

  it('is tried again after an edit, three times again', async () => {
    const fleet = createFleet()
    const keeper = { drift: 'heal' } as const
    fleet.commit({ web: [thing('a', { value: 1 }, { keeper })] })
    await fleet.apply()
    const { healthOf } = fleet.world
    fleet.world.healthOf = () => ({ status: 'degraded', message: 'it crashes' })
    for (let n = 0; n < 3; n += 1) {
      fleet.byHand('Thing/a', { value: 2 })
      await fleet.apply()
    }
    fleet.world.healthOf = healthOf
    fleet.commit({ web: [thing('a', { value: 3 }, { keeper })] })
    expect((await fleet.run('web')).outcome).toBe('proven')
    expect(fleet.store.app('web').stalled).toBeUndefined()
    fleet.byHand('Thing/a', { value: 2 })
    fleet.world.healthOf = () => ({ status: 'degraded', message: 'it crashes' })
    expect((await fleet.run('web')).outcome).toBe('failed')
  })
})

describe('rule 17, a rollback step is unreachable', () => {
  it('is unknown: the app is rolling back until the target answers, and then it is back', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    await fleet.apply()
    fleet.commit({ web: [thing('a', { value: BAD })] })
    fleet.world.healthOf = () => {
      fleet.world.reachable = false
      return { status: 'degraded', message: 'it crashes' }
    }
    await seesIt(fleet)
    const outcome = await fleet.run('web')
    expect(outcome).toMatchObject({ outcome: 'rolling-back' })
    expect(fleet.store.app('web').late).toMatchObject([{ phase: 'rolling-back' }])
    expect((await fleet.run('web')).outcome).toBe('rolling-back')
    fleet.world.reachable = true
    fleet.world.healthOf = () => ({ status: 'healthy' })
    expect((await fleet.run('web')).outcome).toBe('rolled-back')
    expect(fleet.spec('Thing/a')).toMatchObject({ value: 1 })
    expect(fleet.store.app('web').held).toBeDefined()
  })
})

/** The first look of a run is still healthy; the engine must come as far as writing. */
async function seesIt(fleet: ReturnType<typeof createFleet>): Promise<void> {
  const broken = fleet.world.healthOf
  fleet.world.healthOf = () => ({ status: 'healthy' })
  fleet.world.afterWrite = () => {
    fleet.world.healthOf = broken
    fleet.world.afterWrite = () => {}
  }
}

describe('rule 17, a rollback step is refused', () => {
  const refused = async () => {
    const fleet = createFleet()
    fleet.commit({
      web: [thing('a', {}, { keeper: { drift: 'heal' } }), thing('b', {}, { keeper: { drift: 'heal' } })],
    })
    await fleet.apply()
    fleet.commit({
      web: [thing('a', { value: BAD }, { keeper: { drift: 'heal' } }), thing('b', {}, { keeper: { drift: 'heal' } })],
    })
    let updates = 0
    const { ReconcileError } = await import('../../src/model/error.ts')
    fleet.world.beforeWrite = (what) => {
      if (what !== 'update prod/Thing/a') return
      updates += 1
      if (updates > 1) throw new ReconcileError('TargetRefused', { message: 'invalid mount' })
    }
    const outcome = await fleet.run('web')
    return { fleet, outcome }
  }

  it('stalls: no change to this app, heals included', async () => {
    const { fleet, outcome } = await refused()
    expect(outcome).toMatchObject({
      outcome: 'stalled',
      reason: 'TargetRefused',
      message: expect.stringContaining('invalid mount'),
    })
    fleet.byHand('Thing/b', { value: 5 })
    fleet.writes()
    expect((await fleet.run('web')).outcome).toBe('stalled')
    expect(fleet.writes()).toEqual([])
    expect(fleet.store.app('web').held).toMatchObject({ keepAt: 'last-good' })
  })

  it('until an edit', async () => {
    const { fleet } = await refused()
    fleet.world.beforeWrite = () => {}
    fleet.commit({ web: [thing('a', { value: 3 }), thing('b')] })
    expect((await fleet.run('web')).outcome).toBe('proven')
    expect(fleet.store.app('web').stalled).toBeUndefined()
  })

  it('or until a person retries', async () => {
    const { fleet } = await refused()
    fleet.world.beforeWrite = () => {}
    fleet.world.healthOf = () => ({ status: 'healthy' })
    expect((await fleet.run('web', { retry: true, app: 'web' })).outcome).toBe('proven')
    expect(fleet.store.app('web').stalled).toBeUndefined()
    expect(fleet.store.app('web').held).toBeUndefined()
  })
})
