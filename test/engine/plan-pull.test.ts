import { describe, expect, it } from 'vitest'
import { createPlanPull } from '../../src/engine/plan-pull.ts'
import type { View } from '../../src/engine/view.ts'
import type { AppPlan, FleetPlan } from '../../src/model/outcome.ts'
import { changesOf } from '../../src/model/plan.ts'
import { beginTick } from '../../src/reconcile/fleet.ts'
import { createSlots } from '../../src/reconcile/slots.ts'
import { createFleet, type FleetOptions, shortId, type TestFleet, thing, type WrittenFleet } from '../support/fleet.ts'

const signal = new AbortController().signal

/** The view of the tip, as the newest tick has it. */
async function viewOf(fleet: TestFleet): Promise<View> {
  const engine = fleet.collaborators()
  const { look, planned } = await beginTick(engine, { by: 'test', signal, readOnly: true }, createSlots(engine))
  return { install: 'test', store: fleet.store, look, planned }
}

/** What a pull request to this fleet would do. */
async function planOf(
  fleet: TestFleet,
  written: WrittenFleet,
  options: { readonly fork?: boolean; readonly fleet?: FleetOptions; readonly view?: View } = {},
): Promise<FleetPlan> {
  const view = options.view ?? (await viewOf(fleet))
  const before = view.look.revision
  const head = fleet.commit(written, options.fleet)
  const revision = { commit: head, tree: head }
  const engine = fleet.collaborators()
  const snapshot = await engine.source.read(revision, { signal })
  fleet.writes()
  const plan = await createPlanPull(engine, engine.render)({ view, snapshot, fork: options.fork ?? false }, { signal })
  expect(fleet.writes(), 'a plan writes nothing').toEqual([])
  expect(before).not.toBe(head)
  return plan
}

const appIn = (plan: FleetPlan, name: string): AppPlan => {
  const found = plan.apps.find(({ app }) => app === name)
  if (!found) throw new Error(`no plan of ${name}`)
  return found
}
const words = (app: AppPlan): readonly string[] => changesOf(app.plan).map(({ action, id }) => `${action} ${id}`)

async function settled(written: WrittenFleet): Promise<TestFleet> {
  const fleet = createFleet()
  fleet.commit(written)
  await fleet.apply()
  return fleet
}

describe('the plan of a pull request', () => {
  it('says what would change against what the base sees', async () => {
    const fleet = await settled({ web: [thing('a'), thing('b')], shop: [thing('s')] })
    const plan = await planOf(fleet, { web: [thing('a', { value: 2 })], shop: [thing('s')] })
    expect(words(appIn(plan, 'web'))).toEqual(['update prod/Thing/a', 'prune prod/Thing/b'])
    expect(words(appIn(plan, 'shop'))).toEqual([])
  })

  it('SEC-10: asks no target and no registry anything: what is new in it is not looked at', async () => {
    const fleet = await settled({ web: [thing('a')] })
    fleet.world.objects.set('prod/Thing/secret' as never, {
      kind: 'Thing',
      spec: { value: 7 },
      version: 1,
      starts: 1,
    })
    const calls: string[] = []
    fleet.wrapTarget = (target) =>
      new Proxy(target, {
        get: (of, key, receiver) => {
          const value: unknown = Reflect.get(of, key, receiver)
          if (typeof value !== 'function' || key === 'preflight') return value
          return (...args: readonly unknown[]) => {
            calls.push(String(key))
            return value.apply(of, args)
          }
        },
      })
    const view = await viewOf(fleet)
    calls.length = 0
    const head = fleet.commit({ web: [thing('a'), thing('secret')] })
    const engine = fleet.collaborators()
    const snapshot = await engine.source.read({ commit: head, tree: head }, { signal })
    const plan = await createPlanPull(engine, engine.render)({ view, snapshot, fork: false }, { signal })
    expect(words(appIn(plan, 'web'))).toEqual(['create prod/Thing/secret'])
    expect(appIn(plan, 'web').unobserved).toEqual(['prod/Thing/secret'])
    expect(JSON.stringify(plan)).not.toContain('"value":7')
    expect(calls).toEqual([])
  })

  it('SEC-10: a target that is new in it is not looked at, and says so', async () => {
    const fleet = await settled({ web: [thing('a')] })
    const elsewhere = thing('e', {}, { target: 'evil' })
    const plan = await planOf(fleet, { web: [thing('a'), elsewhere] }, { fleet: { targets: ['prod', 'evil'] } })
    expect(words(appIn(plan, 'web'))).toEqual([])
    expect(appIn(plan, 'web').plan.held).toMatchObject([
      { id: 'evil/Thing/e', why: 'unknown', message: expect.stringContaining('it is not looked at') },
    ])
  })

  it('SEC-10: of a fork nothing that is live is shown', async () => {
    const fleet = await settled({ web: [thing('a')] })
    fleet.byHand('Thing/a', { value: 77 })
    const plan = await planOf(fleet, { web: [thing('a', { value: 2 })] }, { fork: true })
    expect(words(appIn(plan, 'web'))).toEqual(['update prod/Thing/a'])
    expect(JSON.stringify(plan.apps)).not.toContain('77')
  })

  it('SEC-10: a fork is told what two revisions of the repository differ in, and nothing of holds, pins and failures', async () => {
    const fleet = await settled({ web: [thing('a')] })
    fleet.commit({ web: [thing('a', { value: 100 })] })
    expect((await fleet.run('web')).outcome).toBe('rolled-back')
    const plan = await planOf(fleet, { web: [thing('a', { value: 100 }), thing('b')] }, { fork: true })
    expect(words(appIn(plan, 'web'))).toEqual(['create prod/Thing/b'])
    expect(appIn(plan, 'web').departures).toBeUndefined()
  })

  it('SEC-10: prints nothing live of what is not ours, also where it asks to adopt it', async () => {
    const fleet = await settled({ web: [thing('a')] })
    fleet.world.objects.set(shortId('Thing/theirs'), { kind: 'Thing', spec: { value: 4711 }, version: 1, starts: 1 })
    fleet.commit({ web: [thing('a'), thing('theirs', { value: 1 })] })
    for (const adopt of ['stamp', 'converge'] as const) {
      const plan = await planOf(fleet, { web: [thing('a'), thing('theirs', { value: 2 }, { keeper: { adopt } })] })
      const { plan: web } = appIn(plan, 'web')
      const of = [...changesOf(web), ...web.held].find(({ id }) => id === 'prod/Thing/theirs')
      expect(of?.diffs).toMatchObject([{ path: '/value', from: '(not ours, not shown)', to: 2 }])
      expect(JSON.stringify(plan)).not.toContain('4711')
      fleet.commit({ web: [thing('a'), thing('theirs', { value: 1 })] })
    }
  })

  it('shows what differs from the base, and not what the base changes by itself', async () => {
    const fleet = await settled({ web: [thing('a')], shop: [thing('s')] })
    fleet.commit({ web: [thing('a')], shop: [thing('s', { value: 2 })] })
    const plan = await planOf(fleet, { web: [thing('a', { value: 2 })], shop: [thing('s', { value: 2 })] })
    expect(words(appIn(plan, 'web'))).toEqual(['update prod/Thing/a'])
    expect(words(appIn(plan, 'shop'))).toEqual([])
    expect(appIn(plan, 'shop').dueAnyway).toEqual(['prod/Thing/s'])
  })

  it('tells no drift of what the base is just changing: its look is from before the write, the record from after it', async () => {
    const fleet = await settled({ web: [thing('a')], shop: [thing('s')] })
    fleet.commit({ web: [thing('a')], shop: [thing('s', { value: 2 })] })
    const view = await viewOf(fleet)
    await fleet.apply()
    const plan = await planOf(fleet, { web: [thing('a', { value: 2 })], shop: [thing('s', { value: 2 })] }, { view })
    expect(appIn(plan, 'shop').plan.held).toEqual([])
    expect(words(appIn(plan, 'shop'))).toEqual([])
    expect(appIn(plan, 'shop').dueAnyway).toEqual(['prod/Thing/s'])
  })

  it('goes by the settings of the base: what it says itself of canaries and windows counts after its merge', async () => {
    const fleet = await settled({ web: [thing('a')] })
    const windows = [{ deny: 'Mon 00:00 - Sun 23:59', timezone: 'UTC' }]
    const plan = await planOf(fleet, { web: [thing('a', { value: 2 })] }, { fleet: { windows, canary: ['web'] } })
    expect(words(appIn(plan, 'web'))).toEqual(['update prod/Thing/a'])
  })

  it('shows a drift of the base as the base would, and nothing that is held back or pinned as done', async () => {
    const fleet = await settled({ web: [thing('a')] })
    fleet.commit({ web: [thing('a', { value: 100 })] })
    expect((await fleet.run('web')).outcome).toBe('rolled-back')
    const plan = await planOf(fleet, { web: [thing('a', { value: 100 }), thing('b')] })
    const web = appIn(plan, 'web')
    expect(words(web)).toEqual(['create prod/Thing/b'])
    expect(web.departures).toMatchObject([{ why: 'held-back', ids: ['prod/Thing/a'] }])
  })

  it('names the guards that would fire', async () => {
    const fleet = await settled({ web: ['a', 'b', 'c', 'd'].map((name) => thing(name)) })
    const plan = await planOf(fleet, { web: [thing('a')] })
    expect(appIn(plan, 'web').guards.map(({ name }) => name)).toEqual([expect.stringMatching(/^prune:/)])
  })

  it('of another history than the last applied one is not asked: the merge is made with the tip', async () => {
    const fleet = await settled({ web: [thing('a')] })
    fleet.rewriteHistory()
    const plan = await planOf(fleet, { web: [thing('a', { value: 2 })] })
    expect(appIn(plan, 'web').blocked).toBeUndefined()
  })
})
