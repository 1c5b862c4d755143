import { expect, it } from 'vitest'
import { statusOf } from '../../src/engine/views.ts'
import { UNREAD_TARGETS } from '../../src/model/desired.ts'
import type { AppStatus, FleetStatus } from '../../src/model/outcome.ts'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { freezeFleet, pinApp } from '../../src/reconcile/operator.ts'
import { planApps } from '../../src/reconcile/plan-apps.ts'
import { createFleet, shortId, type TestFleet, thing } from '../support/fleet.ts'

const ask = { by: 'test', signal: new AbortController().signal, readOnly: true }

async function statusIn(fleet: TestFleet): Promise<FleetStatus> {
  const engine = fleet.collaborators()
  const look = await lookAtFleet(engine, ask)
  return statusOf({ install: 'test', store: fleet.store, look, planned: await planApps(engine, look, ask) })
}

const appIn = async (fleet: TestFleet, name = 'web'): Promise<AppStatus | undefined> =>
  (await statusIn(fleet)).apps.find((app) => app.state.app === name)

async function running(): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit({ web: [thing('web')] })
  await fleet.apply()
  return fleet
}

it('what is well and as declared needs nobody', async () => {
  const status = await statusIn(await running())
  expect(status.attention).toBeUndefined()
  expect(status.apps).toMatchObject([{ health: 'healthy' }])
  expect(status.apps[0]?.attention).toBeUndefined()
})

it('drift that no apply has seen yet is seen for the first time', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('web', {}, { keeper: { drift: 'report' } })] })
  await fleet.apply()
  fleet.byHand('Thing/web', { value: 7 })
  const status = await statusIn(fleet)
  expect(status.apps[0]?.resources[0]?.drift).toMatchObject({ firstSeen: status.at })
})

it('an app whose head cannot be read says so, though what runs is healthy', async () => {
  const fleet = await running()
  fleet.commit({ web: { resources: [thing('web')], broken: true } })
  const app = await appIn(fleet)
  expect(app?.health).toBe('healthy')
  expect(app?.attention).toMatchObject([{ about: 'blocked', todo: expect.stringContaining('`swarmkeeper validate`') }])
})

it('another history, and a freeze, are said once for the fleet, with their way out', async () => {
  const fleet = await running()
  fleet.rewriteHistory()
  const revision = fleet.commit({ web: [thing('web', { value: 2 })] })
  expect((await statusIn(fleet)).attention).toMatchObject([
    { about: 'blocked', todo: expect.stringContaining(`apply --confirm revision:${revision.slice(0, 12)}`) },
  ])
  freezeFleet(fleet.collaborators(), { by: 'ana', reason: 'move' })
  const [first] = (await statusIn(fleet)).attention ?? []
  expect(first).toEqual({
    about: 'blocked',
    message: 'the fleet is frozen by ana: move',
    todo: 'swarmkeeper unfreeze',
  })
  expect((await appIn(fleet))?.attention?.[0]?.message).toBe(first?.message)
})

it('what exists and is somebody else’s makes no app healthy', async () => {
  const fleet = createFleet()
  fleet.commit({ web: [thing('web')] })
  fleet.world.objects.set(shortId('Thing/web'), {
    kind: 'Thing',
    spec: { value: 1 },
    starts: 1,
    version: 1,
  })
  const app = await appIn(fleet)
  expect(app).toMatchObject({ health: 'absent', resources: [{ foreign: true }] })
  expect(app?.attention).toMatchObject([{ about: 'waiting', message: expect.stringContaining('is not ours') }])
})

it('what was stopped, pinned or held back says the command that ends it', async () => {
  const fleet = await running()
  const second = fleet.commit({ web: [thing('web', { value: 100 })] }, { maxFailedApps: 1 })
  await fleet.apply()
  expect((await appIn(fleet))?.attention).toMatchObject([
    {
      about: 'held-back',
      todo: expect.stringContaining(`apply --retry --confirm failures:${second.slice(0, 12)} --app web`),
    },
  ])
  await pinApp(fleet.collaborators(), 'web', { by: 'ana', signal: ask.signal })
  expect((await appIn(fleet))?.attention).toMatchObject([{ about: 'pinned', todo: 'swarmkeeper unpin web' }])
})

it('what failed before it wrote says why, and not only how often', async () => {
  const fleet = await running()
  fleet.commit({ web: [thing('web', { value: 2 })] })
  fleet.wrapTarget = (target) => ({
    ...target,
    preflight: (changes) => changes.map(({ id }) => ({ id, message: 'no node has 512 MiB left' })),
  })
  await fleet.apply()
  const told = { message: expect.stringContaining('no node has 512 MiB left') }
  expect((await appIn(fleet))?.attention).toMatchObject([{ about: 'unfit', ...told }])
  // There is room again, and nobody tried it since.
  fleet.wrapTarget = (target) => target
  const again = { todo: 'now: swarmkeeper apply --app web' }
  expect((await appIn(fleet))?.attention).toMatchObject([{ about: 'failing', ...told, ...again }])
})

it('a target that is another Swarm says how it is accepted, and it is', async () => {
  const fleet = await running()
  Object.assign(fleet.world, { identity: 'another' })
  const [target] = (await statusIn(fleet)).targets
  expect(target).toMatchObject({
    reachable: false,
    todo: expect.stringContaining('swarmkeeper rebuild --confirm target:prod'),
  })
  await lookAtFleet(fleet.collaborators(), { ...ask, readOnly: false, rebuild: true })
  expect((await statusIn(fleet)).targets[0]?.reachable).toBe(false)
  await lookAtFleet(fleet.collaborators(), { ...ask, readOnly: false, rebuild: true, confirm: ['target:prod'] })
  expect((await statusIn(fleet)).targets[0]?.reachable).toBe(true)
})

it('a repository that cannot be reached is not called seen', async () => {
  const fleet = await running()
  fleet.sourceDown = true
  expect(await statusIn(fleet)).toMatchObject({ stale: true, knownSince: fleet.store.fleet().lastResolved?.at })
})

it('what stands on a target that is not declared any more is an orphan, and does not make its app unknown', async () => {
  const fleet = createFleet()
  const both = { targets: ['prod', 'old'] }
  fleet.commit({ web: [thing('web', {}, { target: 'prod' }), thing('web', {}, { target: 'old' })] }, both)
  await fleet.apply()
  fleet.commit({ web: [thing('web', {}, { target: 'prod' })] }, { targets: ['prod'] })
  const status = await statusIn(fleet)
  expect(status.apps[0]).toMatchObject({ health: 'healthy', resources: [{ id: 'prod/Thing/web' }] })
  expect(status.orphans).toEqual(['old/Thing/web'])
})

it.each([['old'], [UNREAD_TARGETS]])(
  'what stands on a target that is declared with errors (%s) is no orphan',
  async (broken) => {
    const fleet = createFleet()
    const both = { targets: ['prod', 'old'] }
    const everywhere = [thing('web', {}, { target: 'prod' }), thing('web', {}, { target: 'old' })]
    fleet.commit({ web: everywhere }, both)
    await fleet.apply()
    fleet.commit({ web: everywhere.slice(0, 1) }, { targets: ['prod'], brokenTargets: [broken] })
    const status = await statusIn(fleet)
    expect(status.orphans).toEqual([])
    expect(status.targets).toEqual([
      { name: 'prod', reachable: true },
      { name: broken, reachable: false, message: 'its document has errors', todo: 'mend its document' },
    ])
    expect(status.apps[0]).toMatchObject({
      health: 'unknown',
      resources: [{ id: 'old/Thing/web', message: 'its target is declared with errors' }, { id: 'prod/Thing/web' }],
    })
  },
)
