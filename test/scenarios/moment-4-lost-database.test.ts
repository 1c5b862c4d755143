import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changesOf } from '../../src/model/plan.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

describe.skipIf(!labPossible())(
  'moment 4: killed in the middle of an apply, the database lost, started on another machine',
  () => {
    let lab: Lab
    let fleet: LiveFleet
    let documents: ReturnType<typeof createDocuments>
    const pinned = (): Promise<string> => imageOf('pinned')

    beforeAll(async () => {
      lab = await requireLab()
      documents = createDocuments(lab)
      fleet = await createLiveFleet(lab, 'moment-4', { settings: 'secrets: { TOKEN: { value: "hush" } }' })
      await fleet.commit({
        'apps/held/held.yaml': documents.service('held', 'app:1'),
        'apps/pinned/pinned.yaml': documents.service('pinned', 'app:1'),
        'apps/shop/shop.yaml': [
          { kind: 'Network', name: 'back', driver: 'overlay' },
          { kind: 'Secret', name: 'token', from: 'settings:TOKEN' },
          documents.job('migrate', 'job:1'),
          documents.service('shop', 'app:1', { networks: ['back'], secrets: ['token'] }),
        ],
      })
      await fleet.apply()
      await fleet.commit({
        'apps/held/held.yaml': documents.service('held', 'app:crash'),
        'apps/pinned/pinned.yaml': documents.service('pinned', 'app:2'),
      })
      expect((await fleet.apply()).apps.map(({ app, outcome }) => [app, outcome])).toEqual([
        ['held', 'rolled-back'],
        ['pinned', 'proven'],
        ['shop', 'unchanged'],
      ])
      await fleet.engine.rollback({ ...ask(), app: 'pinned', reason: 'slow' })
      expect(await pinned()).toContain('app:1@')
    })
    afterAll(async () => {
      await fleet?.dispose()
      await lab?.dispose()
    })

    const imageOf = async (name: string): Promise<string> =>
      (await lab.engine.call('GET', `/services/${name}`)).Spec.TaskTemplate.ContainerSpec.Image

    it('recognises what is there, restores hold and pin, writes nothing, and goes on as with the old database', async () => {
      await fleet.commit({
        'apps/shop/shop.yaml': [
          { kind: 'Network', name: 'back', driver: 'overlay' },
          { kind: 'Secret', name: 'token', from: 'settings:TOKEN' },
          documents.job('migrate', 'job:1'),
          documents.service('shop', 'app:2', { networks: ['back'], secrets: ['token'] }),
          documents.service('worker', 'app:1'),
        ],
      })
      // The update of `shop` is carried out, and nobody hears of it any more: the process is gone.
      const controller = new AbortController()
      lab.counter.inject({
        method: 'POST',
        path: /\/services\/.+\/update$/,
        times: 1,
        after: () => controller.abort(new Error('killed')),
      })
      await fleet.apply({ signal: controller.signal }).catch(() => undefined)
      await fleet.restart({ withoutDatabase: true })

      lab.counter.forget()
      const plan = await fleet.engine.plan(ask())
      expect(plan.apps.map(({ app, departures = [] }) => [app, departures.map(({ why }) => why)])).toEqual([
        ['held', ['held-back']],
        ['pinned', ['pinned']],
        ['shop', []],
      ])
      expect(plan.apps.filter(({ app }) => app !== 'shop').flatMap((app) => changesOf(app.plan))).toEqual([])
      const report = await fleet.engine.rebuild(ask())
      expect(report).toMatchObject({ recognised: 7, holds: 1, pins: 1, suspensions: 0, needsPerson: [] })
      expect(lab.counter.writes()).toEqual([])

      const next = await fleet.apply()
      expect(next.apps.map(({ app, outcome }) => [app, outcome])).toEqual([
        ['held', 'held-back'],
        ['pinned', 'unchanged'],
        ['shop', 'proven'],
      ])
      expect(await imageOf('held')).toContain('app:1@')
      expect(await pinned()).toContain('app:1@')
      expect(await imageOf('shop')).toContain('app:2@')
      expect((await lab.engine.tasks('migrate')).length).toBe(1)
      lab.counter.forget()
      await fleet.apply()
      expect(lab.counter.writes()).toEqual([])
    })
  },
)
