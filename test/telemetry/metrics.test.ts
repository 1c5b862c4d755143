import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LoopState } from '../../src/model/loop.ts'
import type { AppStatus, FleetStatus, OutcomeWord } from '../../src/model/outcome.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import { id, outcome, plan, REVISION } from '../report/samples.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'

const AT = '2026-01-01T00:00:00.000Z'
let clock: FakeClock
let metrics: Metrics
beforeEach(() => {
  clock = createFakeClock()
  metrics = createMetrics({ version: '1.2.3', node: 'v20', clock })
})
afterEach(() => metrics.dispose())

/** `name{labels} value` lines of one metric, without help and type. */
async function series(name: string): Promise<readonly string[]> {
  const text = await metrics.text()
  return text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
}

function appStatus(app: string, rest: Partial<AppStatus> = {}): AppStatus {
  return { state: { app, failures: 0, restarts: {} }, health: 'healthy', resources: [], ...rest }
}

const fleet = (apps: readonly AppStatus[], targets: FleetStatus['targets'] = []): FleetStatus => ({
  at: AT,
  revision: REVISION,
  stale: false,
  apps,
  targets,
  orphans: [],
  orphanedTargets: [],
})

const ended = (app: string, word: OutcomeWord) =>
  metrics.event({ type: 'app:done', app, outcome: outcome({ app, outcome: word }) })

describe('names', () => {
  it('are as Prometheus wants them: our prefix, counters in _total, no unit but seconds and bytes', async () => {
    metrics.watchLoop(() => ({ startedAt: AT, running: [], queued: 0, stopping: false }))
    metrics.watchOutbox({ depth: () => 0, oldest: () => undefined })
    const types = (await metrics.text()).split('\n').flatMap((line) => {
      const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
      return name === '' ? [] : [{ name, type }]
    })
    expect(types.length).toBeGreaterThan(30)
    for (const { name, type } of types) {
      expect(name).toMatch(/^(swarmkeeper|process)_[a-z_]+$/)
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|percent|mb)(_|$)/)
      expect(name.endsWith('_total')).toBe(type === 'counter')
    }
  })

  it('are in a registry of their own: two daemons in one process do not meet', async () => {
    const other = createMetrics({ version: '1.2.3', node: 'v20', clock })
    ended('web', 'applied')
    expect(await other.text()).not.toContain('app="web"')
    other.dispose()
  })

  it('tell which program it is', async () => {
    expect(await series('swarmkeeper_build_info')).toEqual(['swarmkeeper_build_info{version="1.2.3",node="v20"} 1'])
  })
})

describe('reconciles', () => {
  it('are counted by app and outcome, and measured from plan to outcome', async () => {
    metrics.event({ type: 'app:planned', app: 'web', plan: plan() })
    await clock.advance(42_000)
    ended('web', 'rolled-back')
    ended('web', 'held-back')
    ended('web', 'held-back')
    ended('api', 'applied')
    expect(await series('swarmkeeper_reconciles_total')).toEqual([
      'swarmkeeper_reconciles_total{app="web",outcome="rolled-back"} 1',
      // What is seen again at the next look is no further one.
      'swarmkeeper_reconciles_total{app="web",outcome="held-back"} 1',
      'swarmkeeper_reconciles_total{app="api",outcome="applied"} 1',
    ])
    expect(await series('swarmkeeper_reconcile_duration_seconds_sum')).toEqual([
      'swarmkeeper_reconcile_duration_seconds_sum{outcome="rolled-back"} 42',
    ])
  })

  it('count their changes and checks once each', async () => {
    const change = {
      type: 'change',
      app: 'web',
      id: id('Service', 'web'),
      action: 'update',
      cause: 'revision',
    } as const
    metrics.event({ ...change, step: 'started' })
    metrics.event({ ...change, step: 'failed' })
    metrics.event({ type: 'check', app: 'web', result: { name: 'smoke', ok: false, message: '502' } })
    expect(await series('swarmkeeper_changes_total')).toEqual([
      'swarmkeeper_changes_total{app="web",action="update",step="failed"} 1',
    ])
    expect(await series('swarmkeeper_checks_total')).toEqual(['swarmkeeper_checks_total{app="web",result="failed"} 1'])
  })

  it('of an app that is gone have no series any more', async () => {
    ended('web', 'applied')
    ended('gone', 'applied')
    metrics.look(fleet([appStatus('web'), appStatus('gone')]))
    metrics.look(fleet([appStatus('web')]))
    const text = await metrics.text()
    expect(text).toContain('swarmkeeper_reconciles_total{app="web",outcome="applied"} 1')
    expect(text).not.toContain('"gone"')
  })
})

describe('a look', () => {
  const degraded = appStatus('web', {
    state: {
      app: 'web',
      failures: 0,
      restarts: {},
      held: {
        revision: REVISION,
        reason: 'x',
        message: 'm',
        at: AT,
        keepAt: 'stay',
        members: [{ id: id('Service', 'web'), digest: null }],
      },
    },
    health: 'degraded',
    attention: [{ about: 'held-back', message: 'failed' }],
    resources: [
      { id: id('Service', 'web'), app: 'web', state: 'present', drift: { firstSeen: AT, lastSeen: AT, healed: [] } },
      { id: id('Config', 'c'), app: 'web', state: 'unknown' },
    ],
  })

  it('tells health, drift, what is held back, and what waits for a person', async () => {
    metrics.look(fleet([degraded]))
    expect(await series('swarmkeeper_app_health')).toContain('swarmkeeper_app_health{app="web",health="degraded"} 1')
    expect(await series('swarmkeeper_app_health')).toContain('swarmkeeper_app_health{app="web",health="healthy"} 0')
    expect(await series('swarmkeeper_app_attention')).toContain(
      'swarmkeeper_app_attention{app="web",about="held-back"} 1',
    )
    expect(await series('swarmkeeper_drifted_resources')).toEqual(['swarmkeeper_drifted_resources{app="web"} 1'])
    expect(await series('swarmkeeper_held_back_resources')).toEqual(['swarmkeeper_held_back_resources{app="web"} 1'])
    expect(await series('swarmkeeper_app_resources')).toContain(
      'swarmkeeper_app_resources{app="web",state="unknown"} 1',
    )
  })

  it('tells which targets answer, when they did last, and how long that took', async () => {
    metrics.event({ type: 'source:resolved', revision: REVISION, stale: false, tick: '1' })
    await clock.advance(1_000)
    metrics.event({ type: 'source:resolved', revision: REVISION, stale: false, tick: '2' })
    await clock.advance(500)
    metrics.event({ type: 'target:observed', target: 'prod', tick: '1' })
    metrics.event({ type: 'target:unreachable', target: 'far', message: 'no' })
    const targets = [
      { name: 'prod', reachable: true },
      { name: 'far', reachable: false },
    ]
    metrics.look(fleet([], targets))
    expect(await series('swarmkeeper_target_up')).toEqual([
      'swarmkeeper_target_up{target="prod"} 1',
      'swarmkeeper_target_up{target="far"} 0',
    ])
    const at = Date.parse(AT) / 1000
    expect(await series('swarmkeeper_target_last_contact_timestamp_seconds')).toEqual([
      `swarmkeeper_target_last_contact_timestamp_seconds{target="prod"} ${at + 1.5}`,
    ])
    expect(await series('swarmkeeper_target_latency_seconds')).toEqual([
      'swarmkeeper_target_latency_seconds{target="prod"} 1.5',
    ])
    expect(await series('swarmkeeper_looks_total')).toEqual(['swarmkeeper_looks_total 1'])
    expect(await series('swarmkeeper_look_duration_seconds_sum')).toEqual(['swarmkeeper_look_duration_seconds_sum 0.5'])
    metrics.look(fleet([], targets.slice(0, 1)))
    expect(await metrics.text()).not.toContain('"far"')
  })
})

describe('what is asked at each scrape', () => {
  it('is the queue and the outbox', async () => {
    let state: LoopState = { startedAt: AT, running: ['web'], queued: 3, stopping: false, lastTickAt: AT }
    metrics.watchLoop(() => state)
    let oldest: string | undefined = AT
    metrics.watchOutbox({ depth: () => 7, oldest: () => oldest })
    await clock.advance(90_000)
    expect(await series('swarmkeeper_queue_depth')).toEqual(['swarmkeeper_queue_depth 3'])
    expect(await series('swarmkeeper_apps_running')).toEqual(['swarmkeeper_apps_running 1'])
    expect(await series('swarmkeeper_last_tick_timestamp_seconds')).toEqual([
      `swarmkeeper_last_tick_timestamp_seconds ${Date.parse(AT) / 1000}`,
    ])
    expect(await series('swarmkeeper_outbox_depth')).toEqual(['swarmkeeper_outbox_depth 7'])
    expect(await series('swarmkeeper_outbox_oldest_age_seconds')).toEqual(['swarmkeeper_outbox_oldest_age_seconds 90'])
    state = { ...state, queued: 0, failure: 'no' }
    oldest = undefined
    expect(await series('swarmkeeper_queue_depth')).toEqual(['swarmkeeper_queue_depth 0'])
    expect(await series('swarmkeeper_tick_failed')).toEqual(['swarmkeeper_tick_failed 1'])
    expect(await series('swarmkeeper_outbox_oldest_age_seconds')).toEqual(['swarmkeeper_outbox_oldest_age_seconds 0'])
  })

  it('is how late the event loop was since the last scrape', async () => {
    const worst = async () => {
      const found = (await series('swarmkeeper_event_loop_lag_seconds')).find((line) => line.includes('quantile="1"'))
      return Number(found?.split(' ')[1])
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
    const until = performance.now() + 200
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(await worst()).toBeGreaterThan(0.15)
  })

  it('is memory and what is open', async () => {
    expect((await series('process_resident_memory_bytes'))[0]).toMatch(/ \d{7,}$/)
    expect((await series('swarmkeeper_active_handles'))[0]).toMatch(/ \d+$/)
  })
})

describe('what is said to others', () => {
  it('is counted by operation and status, with what is left of their limits', async () => {
    metrics.called({ api: 'github', operation: 'POST /repos/{owner}/{repo}/statuses/{sha}', status: 201, ms: 120 })
    metrics.called({ api: 'github', operation: 'POST /repos/{owner}/{repo}/statuses/{sha}', status: 0 })
    metrics.rateLimit({ api: 'github', resource: 'core', remaining: 4_321 })
    metrics.sent('chat:ops', 'later')
    metrics.requested({ route: '/api/v1/status', method: 'GET', status: 200 })
    const operation = 'operation="POST /repos/{owner}/{repo}/statuses/{sha}"'
    expect(await series('swarmkeeper_api_calls_total')).toEqual([
      `swarmkeeper_api_calls_total{api="github",${operation},status="201"} 1`,
      `swarmkeeper_api_calls_total{api="github",${operation},status="0"} 1`,
    ])
    expect(await series('swarmkeeper_api_rate_limit_remaining')).toEqual([
      'swarmkeeper_api_rate_limit_remaining{api="github",resource="core"} 4321',
    ])
    expect(await series('swarmkeeper_outbox_messages_total')).toEqual([
      'swarmkeeper_outbox_messages_total{sink="chat:ops",state="later"} 1',
    ])
    expect(await series('swarmkeeper_http_requests_total')).toEqual([
      'swarmkeeper_http_requests_total{route="/api/v1/status",method="GET",status="200"} 1',
    ])
  })
})
