import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labPossible, requireLab } from '../lab/lab.mjs'
import { createLiveFleet, type LiveFleet } from '../support/live-fleet.ts'

describe.skipIf(!labPossible())('a service on the network of its host', () => {
  let lab: Awaited<ReturnType<typeof requireLab>>
  let fleet: LiveFleet

  beforeAll(async () => {
    lab = await requireLab()
    fleet = await createLiveFleet(lab, 'host-network')
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })

  it('is as desired after an apply, though the Swarm does not list that network', async () => {
    const document = [
      'kind: Service',
      'name: screen',
      `image: ${lab.registry.reference('app:1')}`,
      'networks: [host]',
      'env: { PORT: "18099" }',
      'keeper: { stableFor: 1s, bake: 0s }',
    ]
    await fleet.commit({ 'apps/web/screen.yaml': document.join('\n') })
    expect(fleet.app(await fleet.apply(), 'web').outcome).toBe('proven')
    lab.counter.forget()
    expect(fleet.app(await fleet.apply(), 'web')).toMatchObject({ outcome: 'unchanged' })
    expect(lab.counter.writes()).toEqual([])
  })
})
