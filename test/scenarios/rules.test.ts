import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createDocuments } from '../support/documents.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

describe.skipIf(!labPossible())('rules, on a real Swarm', () => {
  let lab: Lab
  let fleet: LiveFleet
  let documents: ReturnType<typeof createDocuments>
  const fleets: LiveFleet[] = []

  const open = async (...words: Parameters<typeof createLiveFleet> extends [Lab, ...infer Rest] ? Rest : never) => {
    const opened = await createLiveFleet(lab, ...words)
    fleets.push(opened)
    return opened
  }

  beforeAll(async () => {
    lab = await requireLab()
    documents = createDocuments(lab)
    fleet = await open('rules')
  })
  afterAll(async () => {
    for (const opened of fleets) await opened.dispose()
    await lab?.dispose()
  })

  const live = (name: string) => lab.engine.call('GET', `/services/${name}`)
  const imageOf = async (name: string): Promise<string> => (await live(name)).Spec.TaskTemplate.ContainerSpec.Image
  const replicasOf = async (name: string): Promise<number> => (await live(name)).Spec.Mode.Replicated.Replicas

  it('rule 5: a tag that moves rolls nothing out; the digest of the first look stays until the reference is edited', async () => {
    const first = await lab.registry.push('float:1', { env: { VERSION: '1' } })
    const floating = (image: string, label: string) => ({
      'apps/tags/tags.yaml': documents.service('floating', image, { labels: { label } }),
    })
    await fleet.ship('tags', floating('float:1', 'a'))
    expect(await imageOf('floating')).toBe(`${lab.registry.reference('float:1')}@${first}`)
    const second = await lab.registry.push('float:1', { env: { VERSION: '2' } })
    lab.counter.forget()
    expect(await fleet.reconcile('tags')).toMatchObject({ outcome: 'unchanged' })
    expect(lab.counter.writes()).toEqual([])
    await fleet.ship('tags', floating('float:1', 'b'))
    expect(await imageOf('floating')).toContain(first)
    const third = await lab.registry.push('float:2', { env: { VERSION: '3' } })
    await fleet.ship('tags', floating('float:2', 'b'))
    expect(await imageOf('floating')).toContain(third)
    expect(second).not.toBe(first)
  })

  it('rule 6: suspended is at rest through merges, unproven, and back when it is over', async () => {
    const app = (image: string) => ({ 'apps/rest/rest.yaml': documents.service('resting', image, { replicas: 2 }) })
    await fleet.ship('rest', app('app:1'))
    await fleet.engine.suspend({ ...ask(), app: 'rest', forMs: 3_600_000, reason: 'maintenance' })
    expect(await replicasOf('resting')).toBe(0)
    lab.counter.forget()
    expect(await fleet.reconcile('rest')).toMatchObject({ outcome: 'suspended' })
    expect(lab.counter.writes()).toEqual([])
    expect(await fleet.ship('rest', app('app:2'))).toMatchObject({ outcome: 'suspended', message: 'applied unproven' })
    expect(await replicasOf('resting')).toBe(0)
    await fleet.engine.resume({ ...ask(), app: 'rest' })
    expect(await replicasOf('resting')).toBe(2)
    expect(await imageOf('resting')).toContain('app:2@')
    await fleet.engine.suspend({ ...ask(), app: 'rest', forMs: 1, reason: 'over at once' })
    await fleet.reconcile('rest')
    expect(await replicasOf('resting')).toBe(2)
  })

  it('rule 12: another volume under a mount waits, and says where the data is, until it is declared', async () => {
    const app = (volume: string, keeper: Readonly<Record<string, unknown>> = {}) => ({
      'apps/db/db.yaml': documents.service('db', 'app:1', { mounts: [`${volume}:/var/lib/data`], keeper }),
    })
    await fleet.ship('db', app('old-data'))
    lab.counter.forget()
    expect(await fleet.ship('db', app('new-data'))).toMatchObject({
      outcome: 'waiting',
      reason: 'DataChange',
      message: expect.stringContaining('the data of /var/lib/data stays in volume old-data'),
    })
    expect(lab.counter.writes()).toEqual([])
    expect(await fleet.ship('db', app('new-data', { moved: { from: 'old-data' } }))).toMatchObject({
      outcome: 'proven',
    })
  })

  it('rule 13: the loss of a large part of the fleet waits for a person', async () => {
    const many = await open('many')
    const fileOf = (name: string): string => `apps/${name}/${name}.yaml`
    const resting = ['c1', 'c2', 'c3', 'c4'].map((name) => [
      fileOf(name),
      documents.service(name, 'app:1', { replicas: 0 }),
    ])
    await many.commit(Object.fromEntries(resting))
    await many.apply()
    await many.commit({ [fileOf('c1')]: null, [fileOf('c2')]: null, [fileOf('c3')]: null })
    lab.counter.forget()
    const held = await many.apply()
    const guards = held.apps.flatMap((one) => one.guards)
    expect(guards.map(({ name }) => name.replace(/:[0-9a-f]+$/, ''))).toEqual(['prune:c1', 'prune:c2', 'prune:c3'])
    expect(guards[0]?.message).toContain('3 of 4 resources of the fleet would go at once')
    expect(lab.counter.writes()).toEqual([])
    const confirmed = await many.apply({ confirm: guards.map(({ name }) => name) })
    expect(confirmed.apps.flatMap(({ steps }) => steps.map(({ action, step }) => `${action} ${step}`))).toEqual(
      Array.from({ length: 3 }, () => 'prune applied'),
    )
  })

  it('rule 15: what is healthy to the end of its bake is proven; what falls in it goes back', async () => {
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

  it('rule 18: the others wait for the canary, and after too many failures for a person', async () => {
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

  it('rule 23: while one writes, another machine of the same install does not', async () => {
    const one = await open('two-machines')
    const contended = (image: string, stableFor: string) => ({
      'apps/web/web.yaml': documents.service('contended', image, { keeper: { stableFor } }),
    })
    await one.ship('web', contended('app:1', '1s'))
    await one.commit(contended('app:2', '18s'))
    lab.counter.forget()
    const first = one.apply()
    await waitUntil('the first to write', () => lab.counter.matching('POST', /^\/services\/.+\/update$/).length > 0)
    await one.commit({ 'apps/late/late.yaml': documents.service('late', 'app:1') })
    const machine = one.elsewhere()
    const second = await machine.apply({ ...ask(), app: 'late' })
    await machine.dispose()
    expect(second.apps).toMatchObject([
      { app: 'late', outcome: 'waiting', reason: 'LeaseHeld', steps: [{ step: 'not-run' }] },
    ])
    expect(lab.counter.matching('POST', '/services/create')).toEqual([])
    expect((await first).apps).toMatchObject([{ app: 'web', outcome: 'proven' }])
  })
})
