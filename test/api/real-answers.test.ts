import { afterEach, describe, expect, it } from 'vitest'
import { explanationOf } from '../../src/engine/explanation.ts'
import type { View } from '../../src/engine/view.ts'
import { driftOf, fleetPlanOf, statusOf, viewOf } from '../../src/engine/views.ts'
import type { Engine } from '../../src/model/engine.ts'
import type { ResourceId } from '../../src/model/id.ts'
import { forgetTarget } from '../../src/reconcile/forget.ts'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { knownId, pinApp, resumeApp, suspendApp, unpinApp } from '../../src/reconcile/operator.ts'
import { planApps } from '../../src/reconcile/plan-apps.ts'
import { createFleet, shortId, type TestFleet, thing } from '../support/fleet.ts'
import { type ApiWorld, apiWorld } from './api-world.ts'

let world: ApiWorld
afterEach(() => world.close())

/** The real engine over a fleet in memory: what it answers in each state is to be as the document describes it. */
function engineOf(fleet: TestFleet): Partial<Engine> {
  const engine = fleet.collaborators()
  const view = async (ask: { readonly signal: AbortSignal; readonly by: string }): Promise<View> => {
    const asked = { ...ask, readOnly: true }
    const look = await lookAtFleet(engine, asked)
    return { install: engine.install, store: fleet.store, look, planned: await planApps(engine, look, asked) }
  }
  const known = (text: string, { planned }: View): ResourceId =>
    knownId(
      engine,
      text,
      planned.flatMap((app) => app.goal.wanted),
    )
  return {
    status: async (ask) => statusOf(await view(ask)),
    plan: async (ask) => fleetPlanOf(await view(ask)),
    drift: async (ask) => driftOf(await view(ask)),
    history: async (ask) => fleet.store.history(ask),
    show: async (text, ask) => {
      const now = await view(ask)
      return viewOf(known(text, now), now)
    },
    explain: async (text, ask) => {
      const now = await view(ask)
      return explanationOf(known(text, now), now)
    },
    rollback: async (ask) => {
      await pinApp(engine, ask.app, ask)
      return fleet.apply({ app: ask.app })
    },
    unpin: async (ask) => {
      unpinApp(engine, ask.app, ask)
      return fleet.apply({ app: ask.app })
    },
    suspend: async (ask) => {
      suspendApp(engine, ask.app, ask)
      return fleet.apply({ app: ask.app })
    },
    resume: async (ask) => {
      resumeApp(engine, ask.app, ask)
      return fleet.apply({ app: ask.app })
    },
    forget: async (target, ask) => forgetTarget(engine, target, { ...ask, declared: ['prod'] }),
  }
}

const READS = [
  '/status',
  '/apps',
  '/apps/web',
  '/plan',
  '/drift',
  '/history',
  '/resources/Thing%2Fa',
  '/resources/Thing%2Fa/explanation',
]

/** Each read in both forms: `ask` throws where an answer is not as described. */
async function readAll(): Promise<void> {
  for (const path of READS)
    for (const accept of ['application/json', 'application/vnd.swarmkeeper.whole+json']) {
      const answer = await world.ask(`/api/v1${path}`, { headers: { accept } })
      expect([path, answer.status]).toEqual([path, 200])
    }
}

async function act(path: string, body: unknown): Promise<string> {
  const answer = await world.ask(`/api/v1${path}`, { method: 'POST', as: 'admin', body })
  const { apps } = (await answer.json()) as { readonly apps?: readonly { readonly outcome: string }[] }
  return apps?.map((app) => app.outcome).join() ?? String(answer.status)
}

const open = async (fleet: TestFleet) => {
  world = await apiWorld({
    engine: engineOf(fleet),
    reconcile: ({ token: _token, ...ask }) => fleet.apply(ask),
  })
}
const reconcile = () => act('/reconcile', { wait: true })

describe('what the engine answers is as the document describes it', () => {
  it('before anything is there, while it bakes, when it is proven', async () => {
    const fleet = createFleet()
    await open(fleet)
    fleet.commit({ web: [thing('a', {}, { keeper: { bakeMs: 60_000 } }), thing('b', {}, { after: ['Thing/a'] })] })
    await readAll()
    expect(await reconcile()).toBe('applied')
    await readAll()
    await fleet.clock.sleep(61_000)
    expect(await reconcile()).toBe('proven')
    await readAll()
  })

  it('when a revision failed, was rolled back, and another one is held beside it', async () => {
    const fleet = createFleet()
    await open(fleet)
    fleet.commit({ web: [thing('a'), thing('b')] })
    await reconcile()
    fleet.commit({ web: [thing('a', { value: 100 }), thing('b')] })
    expect(await reconcile()).toBe('rolled-back')
    await readAll()
    fleet.commit({ web: [thing('a', { value: 100 }), thing('b', { value: 101 })] })
    expect(await reconcile()).toBe('rolled-back')
    await readAll()
  })

  it('when a first revision failed and stays, with its check and its logs', async () => {
    const fleet = createFleet()
    await open(fleet)
    fleet.commit({ web: [thing('a', { value: 100 })] })
    expect(await reconcile()).toBe('held-back')
    await readAll()
  })

  it('when somebody changed it by hand, took it away, or it was there before', async () => {
    const fleet = createFleet()
    await open(fleet)
    fleet.commit({ web: [thing('a', {}, { keeper: { drift: 'report' } }), thing('b')] })
    await reconcile()
    fleet.byHand('Thing/a', { value: 7 })
    fleet.byHand('Thing/b', undefined)
    await readAll()
    expect(await reconcile()).not.toBe('')
    await readAll()
  })

  it('when a person pinned, suspended and let go', async () => {
    const fleet = createFleet()
    await open(fleet)
    const first = fleet.commit({ web: [thing('a')] })
    await reconcile()
    fleet.commit({ web: [thing('a', { value: 2 })] })
    await reconcile()
    await act('/apps/web/rollback', { to: first, reason: 'calm' })
    await readAll()
    await act('/apps/web/suspend', { for: '1h', reason: 'moving' })
    await readAll()
    await act('/apps/web/resume', {})
    await act('/apps/web/unpin', {})
    await readAll()
  })

  it('when the repository or a target does not answer, and when a target is gone', async () => {
    const fleet = createFleet()
    await open(fleet)
    fleet.commit({ web: [thing('a')], far: [thing('x', {}, { target: 'edge' })] }, { targets: ['prod', 'edge'] })
    await reconcile()
    fleet.worlds.get('edge')?.objects.clear()
    fleet.commit({ web: [thing('a')] })
    await readAll()
    await reconcile()
    await readAll()
    expect(await act('/targets/edge/forget', {})).toBe('200')
    fleet.sourceDown = true
    await readAll()
  })

  it('SEC-25: alike for what is there and not ours, and for what is not there', async () => {
    const fleet = createFleet()
    await open(fleet)
    fleet.commit({ web: [thing('a')] })
    await reconcile()
    const own = fleet.world.objects.get(shortId('Thing/a'))
    if (!own) throw new Error('it was not applied')
    const { stamp: _stamp, ...foreign } = own
    fleet.world.objects.set(shortId('Thing/foreign'), foreign)
    const about = async (name: string, rest = '') => {
      const answer = await world.ask(`/api/v1/resources/${encodeURIComponent(`prod/Thing/${name}`)}${rest}`)
      return { status: answer.status, said: (await answer.text()).replaceAll(name, 'NAME') }
    }
    for (const rest of ['', '/explanation']) {
      expect(await about('foreign', rest)).toEqual(await about('nowhere', rest))
      expect((await about('foreign', rest)).status).toBe(404)
    }
  })
})
