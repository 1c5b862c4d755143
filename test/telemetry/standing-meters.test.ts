import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Alert } from '../../src/model/alert.ts'
import type { CheckState } from '../../src/model/standing.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import { createFakeClock } from '../support/fake-clock.ts'

const AT = '2026-01-01T00:00:00.000Z'
const check = (name: string, state: CheckState['state'], latencyMs?: number): CheckState => ({
  ...{ app: 'web', name, state, last: [], message: '', since: AT },
  ...(latencyMs === undefined ? {} : { latencyMs }),
})
const alert = (severity: string, over: Partial<Alert> = {}): Alert => ({
  ...{ fingerprint: severity, status: 'firing', labels: { severity }, annotations: {} },
  ...{ startsAt: AT, seenAt: AT, believedUntil: AT, app: 'web' },
  ...over,
})

let metrics: Metrics
let checks: readonly CheckState[]
let alerts: readonly Alert[]
beforeEach(() => {
  metrics = createMetrics({ version: '1.2.3', node: 'v20', clock: createFakeClock() })
  metrics.watchStanding(() => ({ checks, alerts }))
  checks = []
  alerts = []
})
afterEach(() => metrics.dispose())

async function series(name: string): Promise<readonly string[]> {
  const text = await metrics.text()
  return text.split('\n').filter((line) => line.startsWith(`swarmkeeper_${name}{`))
}

it('of checks there is whether each passes, and how long it took; what is unknown has no series', async () => {
  checks = [check('a', 'passing', 120), check('b', 'failing', 5_000), check('c', 'unknown')]
  expect(await series('check_up')).toEqual([
    'swarmkeeper_check_up{app="web",check="a"} 1',
    'swarmkeeper_check_up{app="web",check="b"} 0',
  ])
  expect(await series('check_latency_seconds')).toEqual([
    'swarmkeeper_check_latency_seconds{app="web",check="a"} 0.12',
    'swarmkeeper_check_latency_seconds{app="web",check="b"} 5',
  ])
})

it('attempts that fail are counted, those that pass begin the count, and a check that is gone has none', async () => {
  checks = [check('a', 'passing'), check('b', 'failing')]
  for (const ok of [true, false, false]) metrics.attempted({ app: 'web', check: 'b', ok })
  metrics.attempted({ app: 'web', check: 'a', ok: true })
  expect(await series('check_failures_total')).toEqual([
    'swarmkeeper_check_failures_total{app="web",check="b"} 2',
    'swarmkeeper_check_failures_total{app="web",check="a"} 0',
  ])
  checks = [check('a', 'passing')]
  await metrics.text()
  expect(await series('check_failures_total')).toEqual(['swarmkeeper_check_failures_total{app="web",check="a"} 0'])
  expect(await series('check_up')).toEqual(['swarmkeeper_check_up{app="web",check="a"} 1'])
})

it('of alerts there is how many fire, by app and severity; nobody can make series by labels of his own', async () => {
  const { app: _app, ...nobodys } = alert('warning')
  alerts = [alert('critical'), alert('critical'), nobodys, alert('x1'), alert('x2'), alert('info', { stale: true })]
  expect(await series('alerts_firing')).toEqual([
    'swarmkeeper_alerts_firing{app="web",severity="critical"} 2',
    'swarmkeeper_alerts_firing{app="",severity="warning"} 1',
    'swarmkeeper_alerts_firing{app="web",severity="warning"} 2',
  ])
  alerts = []
  expect(await series('alerts_firing')).toEqual([])
})
