import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createDocuments } from '../support/documents.ts'
import { createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

describe.skipIf(!labPossible())('moment 3: a bad image merges', () => {
  let lab: Lab
  let fleet: LiveFleet
  let documents: ReturnType<typeof createDocuments>
  let good: string

  beforeAll(async () => {
    lab = await requireLab()
    documents = createDocuments(lab)
    fleet = await createLiveFleet(lab, 'moment-3')
    good = await fleet.commit({
      'apps/web/hello.yaml': documents.service('hello', 'web:1', { replicas: 2 }),
      'apps/web/side.yaml': documents.service('side', 'app:1'),
      'apps/other/other.yaml': documents.service('other', 'app:1'),
    })
    const first = await fleet.apply()
    expect(first.apps.map(({ app, outcome }) => [app, outcome])).toEqual([
      ['other', 'proven'],
      ['web', 'proven'],
    ])
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  const live = (name: string) => lab.engine.call('GET', `/services/${name}`)
  const imageOf = async (name: string): Promise<string> => (await live(name)).Spec.TaskTemplate.ContainerSpec.Image
  const updatesOf = async (name: string) => lab.counter.matching('POST', `/services/${(await live(name)).ID}/update`)

  it('is rolled back, and the outcome names the task, its exit code, its last lines and what runs now', async () => {
    const bad = await fleet.ship('web', {
      'apps/web/hello.yaml': documents.service('hello', 'app:crash', { replicas: 2 }),
    })
    expect(bad).toMatchObject({ outcome: 'rolled-back', reason: 'TaskFailed' })
    expect(bad.diagnosis.join('\n')).toMatch(/^task hello\.\d on node-1: failed: task: non-zero exit \(1\)$/m)
    const log = bad.diagnosis.filter((line) => /^hello\.\d \| /.test(line))
    // The last 20 lines, and what was said last on standard error where the engine read that earlier.
    expect(log.length).toBeGreaterThanOrEqual(20)
    expect(log.length).toBeLessThanOrEqual(25)
    expect(log.join('\n')).toContain('fatal: cannot open the database')
    const digest = await lab.registry.digest('web:1')
    expect(bad.todo).toContain(
      `running ${good.slice(0, 12)} again (hello: ${lab.registry.reference('web:1')}@${digest})`,
    )
    expect(await imageOf('hello')).toBe(`${lab.registry.reference('web:1')}@${digest}`)
    const running = (await lab.engine.tasks('hello')).filter(({ state }) => state === 'running')
    expect(running.map(({ image }) => image)).toEqual([await imageOf('hello'), await imageOf('hello')])
  })

  it('does not come back with the next merge, neither of its own app nor of another one', async () => {
    lab.counter.forget()
    const image = await imageOf('hello')
    const own = await fleet.ship('web', { 'apps/web/side.yaml': documents.service('side', 'app:2') })
    expect(own).toMatchObject({ outcome: 'proven' })
    expect(own.steps.map(({ id, step }) => [id, step])).toEqual([['prod/Service/side', 'applied']])
    const outcome = await fleet.ship('other', { 'apps/other/other.yaml': documents.service('other', 'app:2') })
    expect(outcome.outcome).toBe('proven')
    expect(await updatesOf('hello')).toEqual([])
    expect(await imageOf('hello')).toBe(image)
    expect(await imageOf('side')).toContain('app:2@')
    expect(await imageOf('other')).toContain('app:2@')
  })

  it('stays held back for the next runs, which say why and write nothing', async () => {
    lab.counter.forget()
    const idle = await fleet.reconcile('web')
    expect(idle).toMatchObject({
      outcome: 'held-back',
      reason: 'TaskFailed',
      message: expect.stringContaining('prod/Service/hello'),
    })
    expect(lab.counter.writes()).toEqual([])
  })

  it('is over with an edit: the good image goes through', async () => {
    const mended = await fleet.ship('web', {
      'apps/web/hello.yaml': documents.service('hello', 'web:2', { replicas: 2 }),
    })
    expect(mended.outcome).toBe('proven')
    expect(await imageOf('hello')).toBe(`${lab.registry.reference('web:2')}@${await lab.registry.digest('web:2')}`)
    expect(await fleet.reconcile('web')).toMatchObject({ outcome: 'unchanged' })
  })
})
