import { describe, expect, it } from 'vitest'
import type { Halt } from '../../src/model/budget.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { ResourceId } from '../../src/model/id.ts'
import { freezeFleet, resumeApp, suspendApp, unfreezeFleet } from '../../src/reconcile/operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFleet, shortId, type TestFleet, thing, type Written, type WrittenFleet } from '../support/fleet.ts'

/** An app with an agent and a service beside it. */
const agent = (value = 1, keeper: Written['keeper'] = {}): Written => thing('agent', { value }, { keeper })
const api = (value = 1, keeper: Written['keeper'] = {}): Written => thing('api', { value }, { keeper })
const AGENT = shortId('Thing/agent')

const halt = (rest: Partial<Halt> = {}): Halt => ({
  budget: 'web/daily',
  why: 'exceeded',
  ids: [AGENT],
  since: '2026-01-01T00:00:00.000Z',
  until: '2026-01-02T00:00:00.000Z',
  message: 'spent 103.20 of 100.00 USD',
  ...rest,
})

const put = (fleet: TestFleet, ...halts: readonly Halt[]): void =>
  fleet.store.putApp({ ...fleet.store.app('web'), halts })

const lift = (fleet: TestFleet): void =>
  put(fleet, ...(fleet.store.app('web').halts ?? []).map((one) => ({ ...one, lifted: true as const })))

async function running(written: WrittenFleet = { web: [agent(), api()] }): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit(written)
  await fleet.apply()
  fleet.writes()
  return fleet
}

async function halted(written?: WrittenFleet): Promise<TestFleet> {
  const fleet = await running(written)
  put(fleet, halt())
  await fleet.apply()
  fleet.writes()
  return fleet
}

const rests = (fleet: TestFleet, short = 'Thing/agent'): boolean =>
  (fleet.spec(short) as { readonly resting?: boolean } | undefined)?.resting === true

describe('a halt', () => {
  it('stops what it names, and nothing else of the app, with cause budget', async () => {
    const fleet = await running()
    put(fleet, halt())
    const outcome = await fleet.run('web')
    expect(outcome.steps).toMatchObject([{ id: AGENT, action: 'update', cause: 'budget', step: 'applied' }])
    expect(outcome.outcome).toBe('done')
    expect([rests(fleet), rests(fleet, 'Thing/api')]).toEqual([true, false])
  })

  it('is no drift, and nothing to do, once it is carried out', async () => {
    const fleet = await halted()
    const outcome = await fleet.run('web')
    expect(outcome).toMatchObject({ outcome: 'unchanged', steps: [] })
    expect(outcome.departures).toMatchObject([
      {
        why: 'budget',
        budget: 'web/daily',
        ids: [AGENT],
        message: 'spent 103.20 of 100.00 USD',
        todo: 'swarmkeeper resume web',
      },
    ])
    expect(fleet.writes()).toEqual([])
  })

  it('wakes what it stopped when it is lifted, with the same cause, and is forgotten then', async () => {
    const fleet = await halted()
    lift(fleet)
    const outcome = await fleet.run('web')
    expect(outcome).toMatchObject({ outcome: 'done', steps: [{ id: AGENT, cause: 'budget' }] })
    expect(rests(fleet)).toBe(false)
    expect(await fleet.run('web')).toMatchObject({ outcome: 'unchanged', steps: [] })
    expect(fleet.store.app('web').halts).toBeUndefined()
  })

  it('that is lifted before anything was stopped changes nothing', async () => {
    const fleet = await running()
    put(fleet, halt({ lifted: true }))
    expect(await fleet.run('web')).toMatchObject({ outcome: 'unchanged', steps: [] })
    expect(fleet.store.app('web').halts).toBeUndefined()
  })

  it('stays as long as one of two budgets says so', async () => {
    const fleet = await running()
    put(fleet, halt(), halt({ budget: 'web/monthly' }))
    await fleet.apply()
    put(fleet, halt({ lifted: true }), halt({ budget: 'web/monthly' }))
    await fleet.apply()
    expect(rests(fleet)).toBe(true)
    expect(fleet.store.app('web').halts).toMatchObject([{ budget: 'web/monthly' }])
  })

  it('keeps what it names at rest when a person resumes the whole app', async () => {
    const fleet = await halted()
    suspendApp(fleet.collaborators(), 'web', { by: 'ada', forMs: 60_000 })
    await fleet.apply()
    expect(rests(fleet, 'Thing/api')).toBe(true)
    fleet.clock.jump(60_000)
    await fleet.apply()
    expect([rests(fleet), rests(fleet, 'Thing/api')]).toEqual([true, false])
  })

  it('brings a new agent up at rest', async () => {
    const fleet = await running({ web: [api()] })
    put(fleet, halt())
    fleet.commit({ web: [agent(), api()] })
    await fleet.apply()
    expect(rests(fleet)).toBe(true)
    expect(fleet.world.objects.get(AGENT)?.starts).toBe(1)
  })
})

describe('what is started by hand while it is halted', () => {
  for (const drift of ['safe', 'report', 'ignore'] as const) {
    it(`is stopped again, although drift is \`${drift}\``, async () => {
      const fleet = await halted({ web: [agent(1, { drift }), api()] })
      fleet.byHand('Thing/agent', { resting: false })
      expect((await fleet.run('web')).steps).toMatchObject([{ id: AGENT, cause: 'budget' }])
      expect(rests(fleet)).toBe(true)
    })
  }

  it('is stopped again, although the field that runs it is ignored, and runs again afterwards', async () => {
    const ignore = [{ field: '/resting', reason: 'by hand in sales weeks' }]
    const fleet = await halted({ web: [agent(1, { ignore }), api()] })
    expect(rests(fleet)).toBe(true)
    lift(fleet)
    await fleet.apply()
    expect(rests(fleet)).toBe(false)
  })

  it('drifts like anything else in what does not run it', async () => {
    const fleet = await halted()
    fleet.byHand('Thing/agent', { label: 'hand' })
    expect((await fleet.run('web')).steps).toMatchObject([{ id: AGENT, cause: 'drift' }])
  })
})

describe('a revision', () => {
  it('of the agent, in the same look as the halt, is not waited for: what runs is stopped first', async () => {
    const fleet = await running()
    put(fleet, halt())
    fleet.commit({ web: [agent(2), api()] })
    const outcome = await fleet.run('web')
    expect(outcome.steps.map(({ id, cause }) => [id, cause])).toEqual([
      [AGENT, 'budget'],
      [AGENT, 'revision'],
    ])
    expect(fleet.spec('Thing/agent')).toEqual({ value: 2, resting: true })
  })

  it('of the agent alone is applied unproven, and does not become last good while it rests', async () => {
    const fleet = await halted()
    const good = fleet.store.app('web').lastGood
    fleet.commit({ web: [agent(100), api()] })
    expect(await fleet.run('web')).toMatchObject({ outcome: 'suspended' })
    expect(fleet.store.app('web')).toMatchObject({ lastGood: good, attempt: { phase: 'resting' } })
    fleet.writes()
    expect((await fleet.run('web')).steps).toEqual([])
    expect(fleet.writes()).toEqual([])
  })

  it('of the agent is proven when it runs again', async () => {
    const fleet = await halted()
    const tip = fleet.commit({ web: [agent(2, { bakeMs: 60_000 }), api()] })
    await fleet.apply()
    lift(fleet)
    expect(await fleet.run('web')).toMatchObject({ outcome: 'applied', message: expect.stringContaining('baking') })
    fleet.clock.jump(60_000)
    expect((await fleet.run('web')).outcome).toBe('proven')
    expect(fleet.store.app('web').lastGood?.revision).toBe(tip)
  })

  it('of the agent that fails when it runs again is rolled back, and held back alone', async () => {
    const fleet = await halted()
    fleet.commit({ web: [agent(100), api(2)] })
    await fleet.apply()
    lift(fleet)
    await fleet.apply()
    await fleet.apply()
    expect(fleet.spec('Thing/agent')).toEqual({ value: 1 })
    expect(fleet.spec('Thing/api')).toEqual({ value: 2 })
    expect(fleet.store.app('web').held?.members.map(({ id }) => id)).toEqual([AGENT])
  })

  it('of the rest of the app moves on, bakes and becomes last good, and what rests stays what it was', async () => {
    const fleet = await halted()
    const tip = fleet.commit({ web: [agent(2), api(2, { bakeMs: 60_000 })] })
    expect(await fleet.run('web')).toMatchObject({ outcome: 'applied' })
    fleet.clock.jump(60_000)
    expect((await fleet.run('web')).outcome).toBe('proven')
    expect(fleet.store.app('web').lastGood?.revision).toBe(tip)
    const good = Object.fromEntries(fleet.store.lastGood('web').map(({ id, spec }) => [id, spec]))
    expect(good).toEqual({ [AGENT]: { value: 1 }, 'prod/Thing/api': { value: 2 } })
    lift(fleet)
    await fleet.apply()
    await fleet.apply()
    expect(fleet.store.lastGood('web').find(({ id }) => id === AGENT)?.spec).toEqual({ value: 2 })
    expect(fleet.store.app('web')).not.toHaveProperty('late')
  })

  it('that fails in the rest of the app goes back without waking what rests', async () => {
    const fleet = await halted()
    fleet.commit({ web: [agent(2), api(100)] })
    expect((await fleet.run('web')).outcome).toBe('rolled-back')
    expect(rests(fleet)).toBe(true)
    expect(fleet.spec('Thing/api')).toEqual({ value: 1 })
  })

  it('that bakes when the halt comes does not become good with what it stopped', async () => {
    const fleet = await running()
    fleet.commit({ web: [agent(2, { bakeMs: 60_000 }), api(2, { bakeMs: 60_000 })] })
    await fleet.apply()
    put(fleet, halt())
    await fleet.apply()
    fleet.clock.jump(60_000)
    expect((await fleet.run('web')).outcome).toBe('proven')
    const good = Object.fromEntries(fleet.store.lastGood('web').map(({ id, spec }) => [id, spec]))
    expect(good).toEqual({ [AGENT]: { value: 1 }, 'prod/Thing/api': { value: 2 } })
  })

  it('that changes the agent twice while it rests is proven as one', async () => {
    const fleet = await halted()
    fleet.commit({ web: [agent(2), api(2)] })
    await fleet.apply()
    fleet.commit({ web: [agent(3), api(3)] })
    await fleet.apply()
    expect(fleet.store.app('web').late).toHaveLength(1)
    lift(fleet)
    await fleet.apply()
    await fleet.apply()
    expect(fleet.store.lastGood('web').map(({ spec }) => spec)).toEqual([{ value: 3 }, { value: 3 }])
  })

  it('that removes the agent while it rests prunes it', async () => {
    const fleet = await halted()
    fleet.commit({ web: [api()] })
    await fleet.apply({ confirm: [] })
    const guards = (await fleet.run('web')).guards.map(({ name }) => name)
    await fleet.apply({ confirm: guards })
    expect(fleet.world.objects.has(AGENT)).toBe(false)
    expect((await fleet.run('web')).steps).toEqual([])
  })
})

describe('what keeps an app from being applied', () => {
  const stops = async (fleet: TestFleet): Promise<boolean> => {
    put(fleet, halt())
    await fleet.apply()
    return rests(fleet)
  }

  it('does not keep it running: a maintenance window, with a revision that waits for its end', async () => {
    const fleet = await running()
    const windows = [{ deny: 'Mon 00:00 - Sun 23:59', timezone: 'UTC' }]
    fleet.commit({ web: [agent(2), api(2)] }, { windows })
    expect(await stops(fleet)).toBe(true)
    expect(fleet.spec('Thing/agent')).toEqual({ value: 1, resting: true })
  })

  it('a document that cannot be read', async () => {
    const fleet = await running()
    fleet.commit({ web: { resources: [api()], broken: true } })
    expect(await stops(fleet)).toBe(true)
  })

  it('another app that it waits for', async () => {
    const fleet = await running({ web: [agent(), api()], base: [thing('db')] })
    fleet.commit({
      web: { resources: [agent(2), api()], dependsOnApps: ['base'] },
      base: [thing('db', { value: 100 })],
    })
    expect(await stops(fleet)).toBe(true)
  })

  it('a stall, or a backoff, for another reason', async () => {
    const fleet = await running()
    const { digest } = (await fleet.apply()).look.apps.get('web') ?? { digest: undefined }
    if (!digest) throw new Error('no app')
    const at = fleet.clock.now().toISOString()
    const notBefore = '9999-01-01T00:00:00.000Z'
    const stalled = { reason: 'TargetRefused', message: 'no', at, digest }
    fleet.store.putApp({ ...fleet.store.app('web'), stalled, notBefore })
    put(fleet, halt())
    await fleet.apply({ patient: true })
    expect(rests(fleet)).toBe(true)
  })

  it('only a freeze does: nobody writes', async () => {
    const fleet = await running()
    freezeFleet(fleet.collaborators(), { by: 'ada' })
    expect(await stops(fleet)).toBe(false)
    unfreezeFleet(fleet.collaborators())
    await fleet.apply()
    expect(rests(fleet)).toBe(true)
  })
})

describe('a failure', () => {
  const refuse = (fleet: TestFleet): void => {
    fleet.world.healthOf = (id) =>
      id === AGENT ? { status: 'degraded', message: 'it does not stop' } : { status: 'healthy', instance: '1' }
  }

  it('to stop takes nothing back, is tried again with backoff, and stalls the app the third time', async () => {
    const fleet = await running()
    put(fleet, halt())
    fleet.world.beforeWrite = (what) => {
      if (what === `update ${AGENT}`) throw new ReconcileError('TargetRefused', { message: 'not now' })
    }
    expect(await fleet.run('web')).toMatchObject({ outcome: 'failed', reason: 'TargetRefused' })
    expect(await fleet.run('web', { patient: true })).toMatchObject({ outcome: 'waiting', reason: 'Backoff' })
    await fleet.run('web')
    expect(await fleet.run('web')).toMatchObject({ outcome: 'stalled', reason: 'TargetRefused' })
    expect(fleet.store.app('web')).toMatchObject({ halting: { failures: 3 }, stalled: { reason: 'TargetRefused' } })
    fleet.world.beforeWrite = () => {}
    await fleet.apply()
    expect(rests(fleet)).toBe(true)
    expect(fleet.store.app('web').halting).toBeUndefined()
    expect(fleet.store.app('web').held).toBeUndefined()
  })

  it('to run again is no failure of the revision that bakes beside it', async () => {
    const fleet = await halted()
    fleet.commit({ web: [agent(), api(2, { bakeMs: 600_000 })] })
    await fleet.apply()
    lift(fleet)
    refuse(fleet)
    expect(await fleet.run('web')).toMatchObject({ outcome: 'failed', reason: 'TaskFailed' })
    expect(fleet.store.app('web').attempt?.phase).toBe('baking')
    expect(fleet.store.app('web').held).toBeUndefined()
    expect(fleet.spec('Thing/api')).toEqual({ value: 2 })
  })
})

describe('the database is lost', () => {
  const loseDatabase = (fleet: TestFleet): void => {
    fleet.store = createMemoryStore()
  }

  it('while something is halted: it stays so, and nothing is written', async () => {
    const fleet = await halted()
    loseDatabase(fleet)
    await fleet.apply()
    expect(fleet.writes()).toEqual([])
    expect(fleet.store.app('web').halts).toMatchObject([{ budget: 'web/daily', ids: [AGENT] }])
    expect(fleet.store.app('web').attempt).toBeUndefined()
    lift(fleet)
    expect((await fleet.run('web')).steps).toMatchObject([{ id: AGENT, cause: 'budget' }])
    expect(rests(fleet)).toBe(false)
  })

  it('between the end of the halt and the wake: it runs again, and there is nothing to prove', async () => {
    const fleet = await halted()
    lift(fleet)
    await fleet.apply()
    fleet.writes()
    loseDatabase(fleet)
    await fleet.apply()
    expect(fleet.writes()).toEqual([])
    expect(fleet.store.app('web').attempt).toBeUndefined()
  })

  it('while what was merged rests unproven: it is not last good', async () => {
    const fleet = await halted()
    fleet.commit({ web: [agent(100), api()] })
    await fleet.apply()
    loseDatabase(fleet)
    await fleet.apply()
    lift(fleet)
    await fleet.apply()
    await fleet.apply()
    expect(fleet.spec('Thing/agent')).toEqual({ value: 1 })
  })
})

it('a halt that names what is not there changes nothing', async () => {
  const fleet = await running()
  put(fleet, halt({ ids: ['prod/Thing/gone' as ResourceId] }))
  expect(await fleet.run('web')).toMatchObject({ outcome: 'unchanged', steps: [] })
})

describe('resume', () => {
  it('ends the halts of the app, with who and why, and leaves word for whoever counts', async () => {
    const fleet = await halted()
    resumeApp(fleet.collaborators(), 'web', { by: 'ada', reason: 'the report is due' })
    await fleet.apply()
    expect(rests(fleet)).toBe(false)
    expect(fleet.store.app('web').waivers).toMatchObject([
      { budget: 'web/daily', by: 'ada', reason: 'the report is due' },
    ])
    expect(fleet.store.history({ app: 'web', limit: 10 }).find(({ what }) => what === 'operator')).toMatchObject({
      by: 'ada',
      message: 'resumed in spite of budget web/daily: the report is due',
    })
  })

  it('is refused where nothing rests', async () => {
    const fleet = await running()
    expect(() => resumeApp(fleet.collaborators(), 'web', { by: 'ada' })).toThrow('web is not suspended')
  })
})

it('what a revision moves to another app while it rests does not run there either', async () => {
  const fleet = await halted({ web: [agent(), api()], other: [] })
  fleet.commit({ web: [api()], other: [agent()] })
  await fleet.apply()
  expect(fleet.store.record().find(({ id }) => id === AGENT)?.app).toBe('other')
  expect(rests(fleet)).toBe(true)
  expect(fleet.world.objects.get(AGENT)?.starts).toBe(1)
})
