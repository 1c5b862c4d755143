import { afterAll, beforeAll, describe } from 'vitest'
import { createRealClock } from '../../src/lib/real-clock.ts'
import { targetConformance } from '../conformance/target.ts'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { createSwarmConformanceWorld } from '../targets/swarm/conformance-world.ts'

describe.skipIf(!labPossible())('the conformance of the Swarm target', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await requireLab()
  })
  afterAll(() => lab?.dispose())

  targetConformance('a real Swarm', () =>
    createSwarmConformanceWorld({
      endpoint: lab.dockerHost,
      clock: createRealClock(),
      images: {
        app: lab.registry.reference('app:1'),
        job: lab.registry.reference('job:1'),
        none: lab.registry.reference('app:none'),
      },
      writes: lab.counter.writes,
      inject: lab.counter.inject,
      call: (method, path, body) => lab.engine.call(method, path, { body }),
    }),
  )
})
