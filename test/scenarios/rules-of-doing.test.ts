import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createDocuments } from '../support/documents.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

describe.skipIf(!labPossible())('rules of doing, on a real Swarm, side by side', () => {
  let lab: Lab
  let documents: ReturnType<typeof createDocuments>
  const fleets: LiveFleet[] = []

  const open = async (...words: Parameters<typeof createLiveFleet> extends [unknown, ...infer Rest] ? Rest : never) => {
    const opened = await createLiveFleet(lab, ...words)
    fleets.push(opened)
    return opened
  }

  beforeAll(async () => {
    lab = await requireLab()
    documents = createDocuments(lab)
  })
  afterAll(async () => {
    for (const opened of fleets) await opened.dispose()
    await lab?.dispose()
  })

  const live = (name: string) => lab.engine.call('GET', `/services/${name}`)
  const imageOf = async (name: string): Promise<string> => (await live(name)).Spec.TaskTemplate.ContainerSpec.Image

  it.concurrent('rule 15: what is healthy to the end of its bake is proven; what falls in it goes back', async () => {
    const fleet = await open('bakery')
    const files = (env: object, bake: string) => ({
      'apps/baker/baker.yaml': documents.service('baker', 'app:1', { env, keeper: { bake } }),
    })
    expect(await fleet.ship('baker', files({ A: 1 }, '1s'))).toMatchObject({ outcome: 'applied' })
    const over = await waitUntil('the bake', async () => {
      const { outcome } = await fleet.reconcile('baker')
      return outcome === 'proven' && outcome
    })
    expect(over).toBe('proven')
    expect(await fleet.ship('baker', files({ CRASH_AFTER: 3 }, '10m'))).toMatchObject({ outcome: 'applied' })
    const seen = await waitUntil('the fall', async () => {
      const outcome = await fleet.reconcile('baker')
      return outcome.outcome !== 'applied' && outcome.outcome !== 'unknown' && outcome
    })
    expect(seen).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('while baking') })
    expect((await live('baker')).Spec.TaskTemplate.ContainerSpec.Env).toEqual(['A=1'])
  })

  it.concurrent('rule 18: the others wait for the canary, and after too many failures for a person', async () => {
    const careful = await open('careful', {
      settings: 'parallelApps: 1',
      fleet: { maxFailedApps: 1, canary: ['apps/bird'] },
    })
    const files = (bird: string, others: string) => ({
      'apps/bird/bird.yaml': documents.service('bird', bird),
      'apps/a/a.yaml': documents.service('flock-a', others),
      'apps/b/b.yaml': documents.service('flock-b', 'app:1', { env: { OTHERS: others } }),
    })
    await careful.commit(files('app:1', 'app:1'))
    await careful.apply()
    await careful.commit(files('app:crash', 'app:2'))
    const stopped = await careful.apply()
    expect(stopped.apps.map(({ app, outcome }) => `${app} ${outcome}`)).toEqual([
      'a waiting',
      'b waiting',
      'bird rolled-back',
    ])
    expect(await imageOf('flock-a')).toContain('app:1@')
    const commit = await careful.commit(files('app:2', 'app:crash'))
    const capped = await careful.apply()
    expect(capped.apps.map(({ app, outcome }) => `${app} ${outcome}`)).toEqual([
      'a rolled-back',
      'b waiting',
      'bird proven',
    ])
    const guard = `failures:${commit.slice(0, 12)}`
    expect(careful.app(capped, 'b').guards).toMatchObject([{ name: guard }])
    expect(await careful.reconcile('b', { confirm: [guard] })).toMatchObject({ outcome: 'proven' })
  })

  it.concurrent('rule 23: while one writes, another machine of the same install does not', async () => {
    const one = await open('two-machines')
    const contended = (image: string, stableFor: string) => ({
      'apps/web/web.yaml': documents.service('contended', image, { keeper: { stableFor } }),
    })
    await one.ship('web', contended('app:1', '1s'))
    await one.commit(contended('app:2', '18s'))
    const first = one.apply()
    const updatesOf = (name: string) =>
      lab.counter.writes().filter(({ path, body }) => path.endsWith('/update') && body?.Name === name)
    await waitUntil('the first to write', () => updatesOf('contended').length > 0)
    await one.commit({ 'apps/late/late.yaml': documents.service('late', 'app:1') })
    const machine = one.elsewhere()
    const second = await machine.apply({ ...ask(), app: 'late' })
    await machine.dispose()
    expect(second.apps).toMatchObject([
      { app: 'late', outcome: 'waiting', reason: 'LeaseHeld', steps: [{ step: 'not-run' }] },
    ])
    expect(lab.counter.writes().filter(({ body }) => body?.Name === 'late')).toEqual([])
    expect((await first).apps).toMatchObject([{ app: 'web', outcome: 'proven' }])
  })
})
