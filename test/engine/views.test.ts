import { describe, expect, it } from 'vitest'
import { explanationOf, idOfDocument } from '../../src/engine/explanation.ts'
import type { View } from '../../src/engine/view.ts'
import { driftOf, fleetPlanOf, statusOf, viewOf } from '../../src/engine/views.ts'
import type { AppPlan } from '../../src/model/outcome.ts'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { pinApp, suspendApp } from '../../src/reconcile/operator.ts'
import { planApps } from '../../src/reconcile/plan-apps.ts'
import { createFleet, gen, net, shortId, type TestFleet, task, thing } from '../support/fleet.ts'

const options = { by: 'ada', signal: new AbortController().signal, readOnly: true }

async function viewIn(fleet: TestFleet): Promise<View> {
  const engine = fleet.collaborators()
  const look = await lookAtFleet(engine, options)
  return { install: 'test', store: fleet.store, look, planned: await planApps(engine, look, options) }
}

async function planned(fleet: TestFleet, app: string): Promise<AppPlan> {
  const found = fleetPlanOf(await viewIn(fleet)).apps.find((one) => one.app === app)
  if (!found) throw new Error(`no plan of ${app}`)
  return found
}

/** A good revision, then one whose value crashes: rolled back, and held back. */
async function heldFleet(): Promise<{ readonly fleet: TestFleet; readonly bad: string }> {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a'), thing('b')] })
  await fleet.apply()
  const bad = fleet.commit({ web: [thing('a', { value: 100 }), thing('b')] })
  await fleet.apply()
  return { fleet, bad }
}

describe('what is not as the revision declares is told', () => {
  it('held back at last good: with the revision that failed, why, and the way out', async () => {
    const { fleet, bad } = await heldFleet()
    const { plan, departures } = await planned(fleet, 'web')
    expect(plan.stages).toEqual([])
    expect(departures).toMatchObject([
      { why: 'held-back', ids: [shortId('Thing/a')], revision: bad, keptAt: 'last-good' },
    ])
    expect(departures?.[0]?.message).toContain('it crashes')
    expect(departures?.[0]?.todo).toBe('mend it with a commit, or: swarmkeeper retry web')
  })

  it('each group of earlier attempts, too', async () => {
    const { fleet } = await heldFleet()
    fleet.commit({ web: [thing('a', { value: 100 }), thing('b', { value: 100 })] })
    await fleet.apply()
    const { departures } = await planned(fleet, 'web')
    expect(departures?.map(({ ids }) => ids)).toEqual([[shortId('Thing/a')], [shortId('Thing/b')]])
  })

  it('a pin: who, to which revision, and what differs by it', async () => {
    const fleet = createFleet()
    const first = fleet.commit({ web: [thing('a'), thing('b')] })
    await fleet.apply()
    fleet.commit({ web: [thing('a', { value: 2 }), thing('b')] })
    await fleet.apply()
    await pinApp(fleet.collaborators(), 'web', { by: 'ada', reason: 'it is slow', signal: options.signal })
    await fleet.apply()
    expect((await planned(fleet, 'web')).departures).toEqual([
      {
        why: 'pinned',
        ids: [shortId('Thing/a')],
        revision: first,
        by: 'ada',
        at: fleet.store.app('web').pin?.at,
        message: 'it is slow',
        todo: 'swarmkeeper unpin web',
      },
    ])
  })

  it('a suspension: of what rests, but not of what cannot', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a'), net('n')] })
    await fleet.apply()
    suspendApp(fleet.collaborators(), 'web', { by: 'ada', reason: 'costs', forMs: 3_600_000 })
    await fleet.apply()
    expect((await planned(fleet, 'web')).departures).toMatchObject([
      { why: 'suspended', ids: [shortId('Thing/a')], by: 'ada', message: 'costs', todo: 'swarmkeeper resume web' },
    ])
  })

  it('a suspension, in which what rests is not degraded', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a'), net('n')] })
    await fleet.apply()
    suspendApp(fleet.collaborators(), 'web', { by: 'ada', reason: 'costs', forMs: 3_600_000 })
    await fleet.apply()
    fleet.world.healthOf = (id) =>
      id === shortId('Thing/a') ? { status: 'degraded', message: 'inactive (dead)' } : { status: 'healthy' }
    const status = statusOf(await viewIn(fleet)).apps.find(({ state }) => state.app === 'web')
    expect(status).toMatchObject({ health: 'suspended' })
  })

  it('and what is as desired has none', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a')] })
    await fleet.apply()
    expect(await planned(fleet, 'web')).not.toHaveProperty('departures')
  })

  it('by an apply that does nothing, as well', async () => {
    const { fleet } = await heldFleet()
    expect(await fleet.run('web')).toMatchObject({ outcome: 'held-back', departures: [{ why: 'held-back' }] })
  })
})

describe('an app that cannot be read', () => {
  it('has no plan: nothing of the rest of it is shown as if it were to be done, and no guard as if it helped', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a'), thing('b')] })
    await fleet.apply()
    fleet.commit({ web: { resources: [thing('c')], broken: true } })
    const { plan, guards, blocked } = await planned(fleet, 'web')
    expect(blocked?.reason).toBe('InvalidDesired')
    expect({ stages: plan.stages, held: plan.held, guards }).toEqual({ stages: [], held: [], guards: [] })
    const explained = explanationOf(shortId('Thing/c'), await viewIn(fleet))
    expect(explained).not.toHaveProperty('change')
    expect(explained.blocked?.reason).toBe('InvalidDesired')
  })
})

describe('an explanation', () => {
  it('of what is held back says where it is declared, and what the revision asks for instead', async () => {
    const { fleet, bad } = await heldFleet()
    const explained = explanationOf(shortId('Thing/a'), await viewIn(fleet))
    expect(explained).toMatchObject({
      app: 'web',
      origin: { path: 'apps/web/all.yaml' },
      departures: [{ why: 'held-back', revision: bad }],
      instead: { diffs: [{ path: '/value', from: 1, to: 100 }] },
    })
  })

  it('of a job that is held back knows the document that declares it', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [task('migrate', 'v1'), thing('a')] })
    await fleet.apply()
    fleet.commit({ web: [task('migrate', 'bad-v2'), thing('a')] })
    await fleet.apply()
    expect(explanationOf(shortId('Task/migrate'), await viewIn(fleet))).toMatchObject({
      app: 'web',
      origin: { path: 'apps/web/all.yaml' },
      departures: [{ why: 'held-back', keptAt: 'as-it-is' }],
    })
  })

  it('of one that the pin does not touch says that its app is pinned, and asks for nothing instead', async () => {
    const fleet = createFleet()
    fleet.commit({ web: [thing('a'), thing('b')] })
    await fleet.apply()
    fleet.commit({ web: [thing('a', { value: 2 }), thing('b')] })
    await fleet.apply()
    await pinApp(fleet.collaborators(), 'web', { by: 'ada', signal: options.signal })
    await fleet.apply()
    const explained = explanationOf(shortId('Thing/b'), await viewIn(fleet))
    expect(explained.departures).toMatchObject([{ why: 'pinned', ids: [shortId('Thing/a')] }])
    expect(explained).not.toHaveProperty('instead')
  })

  it('of a new generation says which one it takes the place of, and what restarts with it', async () => {
    const fleet = createFleet()
    const [first, second] = [gen('key', 'one'), gen('key', 'two')]
    fleet.commit({ web: [first, thing('a', { value: 1 }, { after: [`Gen/${first.name}`] })] })
    await fleet.apply()
    fleet.commit({ web: [second, thing('a', { value: 2 }, { after: [`Gen/${second.name}`] })] })
    const explained = explanationOf(shortId(`Gen/${second.name}`), await viewIn(fleet))
    expect(explained).toMatchObject({
      change: { action: 'create' },
      generation: { of: 'key', before: shortId(`Gen/${first.name}`) },
      followers: [{ id: shortId('Thing/a'), action: 'update' }],
    })
  })
})

it('a view of one resource says why what is desired is not what the revision declares', async () => {
  const { fleet } = await heldFleet()
  expect(viewOf(shortId('Thing/a'), await viewIn(fleet)).departures).toMatchObject([{ why: 'held-back' }])
  expect(viewOf(shortId('Thing/b'), await viewIn(fleet))).not.toHaveProperty('departures')
})

it('drift says where the document stands that it differs from', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('a')] })
  await fleet.apply()
  fleet.byHand('Thing/a', { value: 7 })
  expect(driftOf(await viewIn(fleet)).items).toMatchObject([
    { id: shortId('Thing/a'), next: 'reported', origin: { path: 'apps/web/all.yaml', line: 1 } },
  ])
})

describe('a document', () => {
  const id = shortId('Secret/db_0123456789ab')
  const addresses = new Map([
    ['prod/Secret/db', [id]],
    ['stage/Secret/db', [shortId('Secret/db_aaaaaaaaaaaa', 'stage')]],
  ])

  it('is known by the name that people write, whatever its generation', () => {
    expect(idOfDocument('prod/Secret/db', { addresses })).toBe(id)
    expect(idOfDocument('Secret/none', { addresses })).toBeUndefined()
  })

  it('is asked for where several are called so', () => {
    expect(() => idOfDocument('Secret/db', { addresses })).toThrow('is one of: prod/Secret/db, stage/Secret/db')
  })
})

it('a plan names the guard of a revision in which too many apps failed, as an apply does', async () => {
  const fleet = createFleet()
  fleet.commit({ a: [thing('x')], b: [thing('y')] }, { maxFailedApps: 1 })
  await fleet.apply()
  const bad = fleet.commit({ a: [thing('x', { value: 100 })], b: [thing('y', { value: 2 })] }, { maxFailedApps: 1 })
  await fleet.apply()
  expect((await planned(fleet, 'b')).guards).toEqual([
    { name: `failures:${bad.slice(0, 12)}`, message: 'a failed in this revision: the rest of it waits for a person' },
  ])
})
