import { describe, expect, test } from 'vitest'
import type { AppState } from '../../src/model/app-state.ts'
import type { AppStatus, FleetStatus } from '../../src/model/outcome.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderDrift } from '../../src/report/render-drift.ts'
import { renderHistory } from '../../src/report/render-history.ts'
import { renderStatus, stateWords } from '../../src/report/render-status.ts'
import { id, image, REVISION, text } from './samples.ts'

const now = new Date('2026-03-01T03:00:00Z')
const ago = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString()
const state = (app: string, rest: Partial<AppState> = {}): AppState => ({ app, failures: 0, restarts: {}, ...rest })
const good = { revision: REVISION, at: ago(120) }
const drift = { firstSeen: ago(3), lastSeen: ago(0), healed: [] }

const bakingUntil = (bakeUntil: string): NonNullable<AppState['attempt']> => ({
  id: 'a1',
  revision: '1a2b3c4d5e6f',
  at: '2026-03-01T02:00:00Z',
  cause: 'revision',
  goal: 'desired',
  before: 'healthy',
  phase: 'baking',
  changed: [],
  created: [],
  bakeUntil,
})

describe('the status', () => {
  const app = (rest: Partial<AppStatus> & Pick<AppStatus, 'state'>): AppStatus => ({
    health: 'healthy',
    resources: [],
    ...rest,
  })
  const status = (rest: Partial<FleetStatus>): FleetStatus => ({
    at: ago(0),
    revision: REVISION,
    stale: false,
    apps: [],
    targets: [{ name: 'prod', reachable: true }],
    orphans: [],
    orphanedTargets: [],
    ...rest,
  })

  test('has a line per app, and below it only what is not well', () => {
    const apps = [
      app({
        state: state('hello', { lastApplied: good, lastGood: good }),
        resources: [{ id: id('Service', 'fine'), app: 'hello', state: 'present', health: 'healthy' }],
      }),
      app({
        state: state('web', {
          lastApplied: good,
          held: {
            revision: 'f'.repeat(40),
            reason: 'TaskFailed',
            message: 'exit code 1',
            at: ago(5),
            keepAt: 'last-good',
            members: [],
          },
        }),
        health: 'degraded',
        resources: [
          { id: id('Service', 'web'), app: 'web', state: 'present', health: 'degraded', message: '1/2 running', drift },
        ],
      }),
    ]
    expect(text(renderStatus(status({ apps }), now, plainPaint))).toBe(`
✓ hello  healthy   1a2b3c4d5e6f  proven 2 h ago
✗ web    degraded  1a2b3c4d5e6f  ffffffffffff held back 5 min ago: exit code 1
    prod/Service/web  degraded, drifted 3 min ago: 1/2 running
1 target: prod
revision 1a2b3c4d5e6f, seen now
`)
  })

  test('says what keeps everything from being done', () => {
    const targets = [{ name: 'prod', reachable: false, message: 'connect ECONNREFUSED', todo: 'check the endpoint' }]
    const attention = [
      { about: 'blocked', message: 'the fleet is frozen by ana', todo: 'swarmkeeper unfreeze' },
    ] as const
    const shown = renderStatus(status({ attention, stale: true, knownSince: ago(60), targets }), now, plainPaint)
    expect(text(shown)).toBe(`
! nothing is applied: the fleet is frozen by ana
=> swarmkeeper unfreeze
! the repository could not be reached: this is its last known state
=> \`swarmkeeper doctor\` says why; nothing is pruned meanwhile
no apps yet; \`swarmkeeper plan\` shows what an apply would do
✗ target prod: not reached: connect ECONNREFUSED
    => check the endpoint
revision 1a2b3c4d5e6f, first seen 1 h ago, not looked up now; no target was seen
`)
  })

  test('says once why a target is not reached, and how much is not known for it', () => {
    const message = 'connect ENOENT /run/docker.sock'
    const unknown = { app: 'a', state: 'unknown', message } as const
    const resources = [id('Service', 'web'), id('Secret', 'key')].map((of) => ({ id: of, ...unknown }))
    const apps = [app({ state: state('a', { lastApplied: good, lastGood: good }), health: 'unknown', resources })]
    const targets = [{ name: 'prod', reachable: false, message }]
    expect(text(renderStatus(status({ apps, targets }), now, plainPaint))).toBe(`
? a  unknown  1a2b3c4d5e6f  proven 2 h ago
    2 resources unknown: prod is not reached
✗ target prod: not reached: connect ENOENT /run/docker.sock
revision 1a2b3c4d5e6f, no target was seen
`)
  })

  test('ticks only what is well and as it is declared; says what is not, and what ends that', () => {
    const healthy = { lastApplied: good, lastGood: good }
    const frozen = { about: 'blocked', message: 'the fleet is frozen by ana', todo: 'swarmkeeper unfreeze' } as const
    const waiting = { about: 'waiting', message: 'prod/Service/web: it exists and is not ours' } as const
    const apps = [
      app({ state: state('a', healthy) }),
      app({ state: state('b', healthy), attention: [frozen] }),
      app({
        state: state('c', { ...healthy, pin: { ...good, at: ago(5), by: 'ana', reason: 'bad release' } }),
        attention: [{ about: 'pinned', message: 'bad release', todo: 'swarmkeeper unpin c' }],
      }),
      app({
        state: state('d'),
        health: 'absent',
        attention: [waiting],
        resources: [{ id: id('Service', 'web'), app: 'd', state: 'present', foreign: true, message: 'not ours' }],
      }),
    ]
    expect(text(renderStatus(status({ apps, attention: [frozen] }), now, plainPaint))).toBe(`
! nothing is applied: the fleet is frozen by ana
=> swarmkeeper unfreeze
✓ a  healthy  1a2b3c4d5e6f  proven 2 h ago
! b  healthy  1a2b3c4d5e6f  proven 2 h ago
! c  healthy  1a2b3c4d5e6f  pinned by ana 5 min ago: bad release
    => swarmkeeper unpin c
✗ d  absent   -             not applied yet
    ! waits: prod/Service/web: it exists and is not ours
    prod/Service/web  not ours: not ours
1 target: prod
revision 1a2b3c4d5e6f, seen now
`)
  })

  test.each<readonly [string, Partial<AppState>]>([
    ['not applied yet', {}],
    ['applied 2 h ago', { lastApplied: good }],
    ['pinned by ana 5 min ago: bad release', { pin: { ...good, at: ago(5), by: 'ana', reason: 'bad release' } }],
    [
      'suspended by ana, ends in 1 h: costs',
      { suspension: { until: ago(-60), since: ago(1), by: 'ana', reason: 'costs' } },
    ],
    ['failed 2 times, again in 2 min', { failures: 2, notBefore: ago(-2) }],
    ['baking, its bake ends in 3 min', { attempt: bakingUntil(ago(-3)) }],
    ['baking, its bake ends in a moment', { attempt: bakingUntil('2026-03-01T03:00:00.400Z') }],
    ['its bake is over: the next apply tells whether it is proven', { attempt: bakingUntil(ago(0)) }],
    ['failed 2 times, again with the next apply', { failures: 2, notBefore: ago(1) }],
  ])('of an app says %s', (words, rest) => {
    expect(stateWords(state('a', rest), now)).toBe(words)
  })
})

test('the history is a line per deed, newest first, with who', () => {
  const entries = [
    {
      seq: 2,
      at: '2026-03-01T02:00:00.123Z',
      app: 'hello',
      revision: REVISION,
      what: 'rolled-back',
      message: 'TaskFailed',
    },
    {
      seq: 1,
      at: '2026-03-01T01:00:00Z',
      app: 'web',
      revision: REVISION,
      what: 'operator',
      message: 'pinned',
      by: 'ana',
    },
  ]
  expect(text(renderHistory(entries))).toBe(`
2026-03-01T02:00:00Z  hello  1a2b3c4d5e6f  rolled-back  TaskFailed
2026-03-01T01:00:00Z  web    1a2b3c4d5e6f  operator     pinned (ana)
`)
})

test('drift says what differs, since when, and what becomes of it', () => {
  const items = [
    {
      id: id('Service', 'web'),
      app: 'hello',
      policy: 'safe',
      next: 'reported',
      message: 'healing would restart it',
      diffs: [image],
      seen: drift,
    },
    { id: id('Network', 'n'), app: 'hello', policy: 'heal', next: 'heal', diffs: [] },
  ] as const
  const unknown = [{ id: id('Service', 'far'), message: 'not reached' }]
  expect(text(renderDrift({ revision: REVISION, at: ago(0), items, unknown }, now, plainPaint))).toBe(`
~ prod/Service/web  healing would restart it (hello, drift: safe, first seen 3 min ago)
    image: "web:1" -> "web:2"
~ prod/Network/n  the next apply puts it right (hello, drift: heal)
? prod/Service/far  unknown: not reached
revision 1a2b3c4d5e6f: 2 resources have drifted; 1 unknown
`)
})
