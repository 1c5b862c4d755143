import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

describe.skipIf(!labPossible())('rules of deciding and owning, on a real Swarm', () => {
  let lab: Lab
  let fleet: LiveFleet
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
})
