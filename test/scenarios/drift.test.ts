import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { ask, createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

type Spec = { Labels: Record<string, string>; Mode: object; TaskTemplate: { ContainerSpec: { Env: string[] } } }

describe.skipIf(!labPossible())('drift: changes that nobody merged', () => {
  let lab: Lab
  let fleet: LiveFleet
  let documents: ReturnType<typeof createDocuments>

  beforeAll(async () => {
    lab = await requireLab()
    documents = createDocuments(lab)
    fleet = await createLiveFleet(lab, 'drift')
    const env = { GREETING: 'hello' }
    const labels = { team: 'blue' }
    await fleet.commit({
      'apps/soft/soft.yaml': documents.service('soft', 'app:1', { env, labels }),
      'apps/hard/hard.yaml': documents.service('hard', 'app:1', { env, labels }),
      'apps/healed/healed.yaml': documents.service('healed', 'app:1', { env, keeper: { drift: 'heal' } }),
      'apps/scaled/scaled.yaml': documents.service('scaled', 'app:1', {
        keeper: { ignore: [{ field: '/replicas', reason: 'scaled by hand' }] },
      }),
    })
    await fleet.apply()
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  const specOf = async (name: string): Promise<Spec> => (await lab.engine.call('GET', `/services/${name}`)).Spec
  const envOf = async (name: string): Promise<string[]> => (await specOf(name)).TaskTemplate.ContainerSpec.Env
  const running = async (name: string): Promise<string[]> =>
    (await lab.engine.tasks(name)).flatMap(({ id, state }) => (state === 'running' ? [id] : [])).sort()
  /** `docker service update` by somebody. */
  const byHand = async (name: string, change: (spec: Spec) => object): Promise<void> => {
    const { ID, Version, Spec } = await lab.engine.call('GET', `/services/${name}`)
    await lab.engine.call('POST', `/services/${ID}/update?version=${Version.Index}`, { body: change(Spec) })
  }
  const withEnv = (spec: Spec): object => {
    spec.TaskTemplate.ContainerSpec.Env = ['GREETING=bye']
    return spec
  }

  it('safe: heals what restarts nothing, and keeps what is not ours', async () => {
    const before = await running('soft')
    await byHand('soft', (spec) => ({
      ...spec,
      Labels: { ...spec.Labels, team: 'red', 'other.tool': 'kept' },
      Mode: { Replicated: { Replicas: 2 } },
    }))
    const outcome = await fleet.reconcile('soft')
    expect(outcome).toMatchObject({ outcome: 'healed' })
    expect(outcome.steps).toEqual([{ id: 'prod/Service/soft', action: 'update', cause: 'drift', step: 'applied' }])
    const { Labels, Mode } = await specOf('soft')
    expect(Labels).toMatchObject({ team: 'blue', 'other.tool': 'kept' })
    expect(Mode).toEqual({ Replicated: { Replicas: 1 } })
    expect(before).toContain((await running('soft'))[0])
  })

  it('safe: reports what would restart, since when, and changes nothing', async () => {
    await byHand('hard', withEnv)
    lab.counter.forget()
    expect(await fleet.reconcile('hard')).toMatchObject({ outcome: 'unchanged', steps: [] })
    expect(lab.counter.writes()).toEqual([])
    const { items } = await fleet.engine.drift(ask())
    expect(items).toEqual([
      expect.objectContaining({
        id: 'prod/Service/hard',
        policy: 'safe',
        next: 'reported',
        diffs: [expect.objectContaining({ path: '/env/GREETING', effect: 'restart' })],
        seen: expect.objectContaining({ firstSeen: expect.any(String) }),
      }),
    ])
    expect(await envOf('hard')).toEqual(['GREETING=bye'])
  })

  it('heal: puts everything right, with proof', async () => {
    await byHand('healed', withEnv)
    expect(await fleet.reconcile('healed')).toMatchObject({ outcome: 'healed' })
    expect(await envOf('healed')).toEqual(['GREETING=hello'])
  })

  it('ignore: a field that is not ours stays as it is, through updates as well', async () => {
    await byHand('scaled', (spec) => ({ ...spec, Mode: { Replicated: { Replicas: 3 } } }))
    expect(await fleet.reconcile('scaled')).toMatchObject({ outcome: 'unchanged' })
    const outcome = await fleet.ship('scaled', {
      'apps/scaled/scaled.yaml': documents.service('scaled', 'app:2', {
        keeper: { ignore: [{ field: '/replicas', reason: 'scaled by hand' }] },
      }),
    })
    expect(outcome).toMatchObject({ outcome: 'proven' })
    expect((await specOf('scaled')).Mode).toEqual({ Replicated: { Replicas: 3 } })
  })

  it('what was removed by hand is made again', async () => {
    await lab.engine.call('DELETE', '/services/soft')
    expect(await fleet.reconcile('soft')).toMatchObject({
      steps: [{ action: 'create', cause: 'drift', step: 'applied' }],
    })
    expect(await running('soft')).toHaveLength(1)
  })

  it('an update of a revision keeps foreign labels, and heals what had been reported', async () => {
    await byHand('hard', (spec) => ({ ...spec, Labels: { ...spec.Labels, 'other.tool': 'kept' } }))
    const outcome = await fleet.ship('hard', {
      'apps/hard/hard.yaml': documents.service('hard', 'app:2', { env: { GREETING: 'hi' }, labels: { team: 'blue' } }),
    })
    expect(outcome.outcome).toBe('proven')
    expect((await specOf('hard')).Labels).toMatchObject({ team: 'blue', 'other.tool': 'kept' })
    expect(await envOf('hard')).toEqual(['GREETING=hi'])
    expect((await fleet.engine.drift(ask())).items).toEqual([])
  })
})
