import { afterAll, beforeAll } from 'vitest'
import { targetConformance } from '../../conformance/target.ts'
import { createFakeClock } from '../../support/fake-clock.ts'
import { createRecordingEngine, type RecordingEngine } from '../../support/recording-engine/recording-engine.ts'
import { createSwarmConformanceWorld } from './conformance-world.ts'

let engine: RecordingEngine
beforeAll(async () => {
  engine = await createRecordingEngine({ images: { 'app:none': null } })
})
afterAll(() => engine.dispose())

targetConformance('a recorded Swarm', () =>
  createSwarmConformanceWorld({
    endpoint: engine.url,
    clock: createFakeClock({ auto: true }),
    images: { app: 'app:1', job: 'job:1', none: 'app:none' },
    writes: engine.writes,
    inject: engine.inject,
    call: async (method, path, body) => {
      const url = `${engine.url.replace('tcp:', 'http:')}${path}`
      const answer = await fetch(url, { method, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    },
  }),
)
