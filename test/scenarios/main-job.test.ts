import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labPossible, requireLab } from '../lab/lab.mjs'
import { createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

const service = (lines: readonly string[]): string =>
  [
    'kind: Service',
    'name: hello',
    'replicas: 2',
    'update: { monitor: 1s }',
    'restart: { delay: 1s }',
    ...lines,
    'keeper: { stableFor: 2s, bake: 0s, timeout: 60s }',
    '',
  ].join('\n')

describe.skipIf(!labPossible())('the main job on a real Swarm', () => {
  let lab: Awaited<ReturnType<typeof requireLab>>
  let fleet: LiveFleet

  beforeAll(async () => {
    lab = await requireLab()
    fleet = await createLiveFleet(lab, 'main-job')
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  it('applies a repository, and the second apply writes nothing', async () => {
    await fleet.commit({ 'apps/web/hello.yaml': service([`image: ${lab.registry.reference('web:1')}`]) })
    const first = fleet.app(await fleet.apply(), 'web')
    expect(first).toMatchObject({ outcome: 'proven' })
    lab.counter.forget()
    expect(fleet.app(await fleet.apply(), 'web').outcome).toBe('unchanged')
    expect(lab.counter.writes()).toEqual([])
  })

  it('rolls a bad image back, and does not ship it again with the next merge', async () => {
    await fleet.commit({ 'apps/web/hello.yaml': service([`image: ${lab.registry.reference('app:crash')}`]) })
    const bad = fleet.app(await fleet.apply(), 'web')
    expect(bad.outcome).toBe('rolled-back')
    expect(bad.diagnosis.join('\n')).toMatch(/exit/)
  })
})
