import { afterEach, expect, it } from 'vitest'
import type { FleetStatus } from '../../src/model/outcome.ts'
import { type ApiWorld, apiWorld } from './api-world.ts'

const AT = '2026-01-01T00:00:00.000Z'
const STATUS: FleetStatus = {
  ...{ at: AT, revision: 'a'.repeat(40), stale: false, apps: [], targets: [], orphans: [], orphanedTargets: [] },
  checks: [
    {
      app: 'web',
      name: 'smoke',
      state: 'failing',
      last: [true, false],
      message: '500',
      at: AT,
      since: AT,
      latencyMs: 7,
    },
    { app: 'web', name: 'new', state: 'unknown', last: [], message: 'not made yet', since: AT },
  ],
  alerts: [
    {
      ...{ fingerprint: 'a1', status: 'firing', labels: { alertname: 'Slow' }, annotations: { summary: 'So slow' } },
      ...{ startsAt: AT, endsAt: AT, seenAt: AT, believedUntil: AT, app: 'web', stale: true },
    },
  ],
}

let world: ApiWorld
afterEach(() => world.close())

it('the status has checks and alerts, as the OpenAPI document describes them', async () => {
  world = await apiWorld({ engine: { status: async () => STATUS } })
  const answer = await world.ask('/api/v1/status')
  expect(await answer.json()).toMatchObject({ checks: STATUS.checks, alerts: STATUS.alerts })
})
