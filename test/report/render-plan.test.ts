import { describe, expect, test } from 'vitest'
import { makeId } from '../../src/model/id.ts'
import type { Stage } from '../../src/model/plan.ts'
import { verdictOf } from '../../src/report/count-changes.ts'
import { plainPaint, terminalPaint } from '../../src/report/paint.ts'
import { renderOutcome } from '../../src/report/render-outcome.ts'
import { renderPlan } from '../../src/report/render-plan.ts'
import {
  appPlan,
  create,
  fleetOutcome,
  fleetPlan,
  id,
  image,
  outcome,
  prune,
  secret,
  text,
  update,
  wanted,
} from './samples.ts'

const stage = (...changes: Stage['changes']): Stage => ({ changes, gates: [], pauseMs: 0 })
const web = id('Service', 'web')

describe('a plan', () => {
  test('shows per app what would be done, in which order, and what it does to what runs', () => {
    const check = {
      name: 'Check/smoke',
      probe: { type: 'tcp', host: 'h', port: 1 },
      timeoutMs: 1,
      withinMs: 1,
      everyMs: 1,
    } as const
    const fleet = fleetPlan([
      appPlan({
        stages: [
          stage(create(id('Network', 'front')), create(id('Secret', 'key_0123456789ab'))),
          { ...stage(update(web, [image, secret])), gates: [check] },
          stage(prune(id('Secret', 'key_ba9876543210'))),
        ],
      }),
      appPlan({ app: 'quiet' }),
    ])
    expect(text(renderPlan(fleet, plainPaint))).toBe(`
hello
  + prod/Network/front
      driver: overlay
  + prod/Secret/key_0123456789ab  generation 0123456789ab of key
  then
  ~ prod/Service/web  restarts
      image: "web:1" -> "web:2"
      env/KEY: changed (secret)
  ? Check/smoke
  then
  - prod/Secret/key_ba9876543210

revision 1a2b3c4d5e6f: 2 to create, 1 to change (1 restarts), 1 to prune; 1 app as desired
`)
  })

  test('says what is the same on several hosts once, and apart what differs', () => {
    const on = (target: string, name: string) => create(makeId({ target, kind: 'File', name }))
    const changes = [on('host-1', '/etc/a'), on('host-1', '/etc/b'), on('host-2', '/etc/a')]
    const plan = renderPlan(fleetPlan([appPlan({ app: 'web', stages: [stage(...changes)] })]), plainPaint)
    expect(text(plan)).toContain('\n  + File//etc/a on host-1, host-2\n  + host-1/File//etc/b\n')
  })

  test('says for what a unit restarts', () => {
    const of = makeId({ target: 'host-1', kind: 'Unit', name: 'web.service' })
    const trigger = { path: '/triggers/host-1~1File~1web-env', from: 'a1', to: 'b2', effect: 'restart' } as const
    const plan = renderPlan(fleetPlan([appPlan({ app: 'web', stages: [stage(update(of, [trigger]))] })]), plainPaint)
    expect(text(plan)).toContain('\n  ~ host-1/Unit/web.service  restarts\n      for File/web-env\n')
  })

  test('says how long a rollout pauses before its next hosts', () => {
    const on = (target: string) => stage(create(makeId({ target, kind: 'Unit', name: 'web.service' })))
    const stages = [{ ...on('host-1'), pauseMs: 90_000 }, on('host-2')]
    expect(text(renderPlan(fleetPlan([appPlan({ app: 'web', stages })]), plainPaint))).toContain(
      '  + host-1/Unit/web.service\n  then, after 1m30s\n  + host-2/Unit/web.service',
    )
  })

  test('says the cause where it is not the revision, and where things come from', () => {
    const api = id('Service', 'api')
    const fleet = fleetPlan([
      appPlan({
        settled: [
          { action: 'move', id: api, cause: 'revision', diffs: [], fromApp: 'old', toApp: 'hello', to: wanted(api) },
        ],
        stages: [
          stage(update(web, [{ path: '/replicas', from: 1, to: 2, effect: 'none' }], 'drift')),
          stage({
            action: 'replace',
            id: id('Service', 'new-name'),
            cause: 'operator',
            diffs: [],
            from: undefined,
            to: wanted(web),
            frees: [id('Service', 'old-name')],
          }),
        ],
      }),
    ])
    expect(text(renderPlan(fleet, plainPaint))).toBe(`
hello
  → prod/Service/api  from the app old
  then
  ~ prod/Service/web  drift
      replicas: 1 -> 2
  then
  ± prod/Service/new-name  operator, removed and created again, in place of prod/Service/old-name
      image: web:2
      replicas: 2

revision 1a2b3c4d5e6f: 1 to change, 1 to replace, 1 to move (0 restarts)
`)
  })

  test('says what is held and why, and the command that confirms a guard', () => {
    const db = id('Service', 'db')
    const fleet = fleetPlan([
      appPlan(
        {
          held: [
            { id: db, why: 'data', message: 'postgres would start EMPTY; its data stays in platform_data on node-3' },
            {
              id: web,
              why: 'reported',
              message: 'drift: report',
              diffs: [{ path: '/replicas', from: 3, to: 2, effect: 'none' }],
            },
          ],
        },
        {
          guards: [{ name: 'prune:hello:12ab34cd', message: '4 to prune in hello: 4 of 9 resources would go at once' }],
        },
      ),
    ])
    expect(text(renderPlan(fleet, plainPaint))).toBe(`
hello
  ! prod/Service/db  data: postgres would start EMPTY; its data stays in platform_data on node-3
  ! prod/Service/web  reported only: drift: report
      replicas: 3 -> 2
  guard: 4 to prune in hello: 4 of 9 resources would go at once
    confirm it with: swarmkeeper apply --confirm prune:hello:12ab34cd

revision 1a2b3c4d5e6f: nothing to do now; 1 held for its data; 1 drifted, only reported
`)
  })

  test('says one reason once, however many it holds', () => {
    const api = id('Service', 'api')
    const message = '2 to prune in hello'
    const held = [
      { id: web, why: 'held-back', message: 'exit code 1' },
      { id: api, why: 'held-back', message: 'exit code 1' },
      { id: id('Network', 'a'), why: 'guard', message },
      { id: id('Network', 'b'), why: 'guard', message },
    ] as const
    const fleet = fleetPlan([appPlan({ held }, { guards: [{ name: 'prune:hello:12ab34cd', message }] })])
    expect(text(renderPlan(fleet, plainPaint))).toBe(`
hello
  ! held back: exit code 1
      prod/Service/web
      prod/Service/api
  guard: 2 to prune in hello
    - prod/Network/a
    - prod/Network/b
    confirm it with: swarmkeeper apply --confirm prune:hello:12ab34cd

revision 1a2b3c4d5e6f: nothing to do now; 2 held back; 2 guarded
`)
  })

  test('shortens what only a program compares', () => {
    const pinned = (tag: string, sign: string) => `web:${tag}@sha256:${sign.repeat(64)}`
    const moved = update(web, [{ path: '/image', from: pinned('1', 'a'), to: pinned('2', 'b'), effect: 'restart' }])
    expect(renderPlan(fleetPlan([appPlan({ stages: [stage(moved)] })]), plainPaint)).toContain(
      '      image: "web:1@sha256:aaaaaaaaaaaa…" -> "web:2@sha256:bbbbbbbbbbbb…"',
    )
  })

  test('says first what is wrong, and why an app waits', () => {
    const fleet = fleetPlan(
      [
        appPlan(
          { stages: [stage(create(web))] },
          {
            blocked: { reason: 'DependencyNotReady', message: 'base is not in place' },
            unfit: [{ id: web, message: 'no node has the label role=web' }],
          },
        ),
      ],
      {
        stale: true,
        problems: [
          {
            severity: 'error',
            position: { path: 'apps/a/a.yaml', line: 3, column: 7 },
            pointer: '/imgae',
            message: "unknown key; did you mean 'image'?",
            app: 'a',
          },
        ],
      },
    )
    expect(text(renderPlan(fleet, plainPaint))).toBe(`
apps/a/a.yaml:3:7 /imgae: unknown key; did you mean 'image'?

hello
  waits: DependencyNotReady: base is not in place
  cannot work: prod/Service/web: no node has the label role=web
  + prod/Service/web
      image: web:2
      replicas: 2

the repository could not be read: this is its last known state, and nothing is pruned
last known revision 1a2b3c4d5e6f: nothing planned; 1 change waits
`)
  })

  test('of nothing is one line', () => {
    expect(renderPlan(fleetPlan([appPlan({})]), plainPaint)).toEqual([
      'revision 1a2b3c4d5e6f: nothing to do; 1 app as desired',
    ])
  })

  test('shows what would steer a terminal as signs', () => {
    const nasty = update(web, [{ path: '/image', from: 'a\u009b2J', to: '\u001b]0;title\u0007\u202e', effect: 'none' }])
    const shown = renderPlan(fleetPlan([appPlan({ stages: [stage(nasty)] })]), plainPaint).join('')
    expect(shown).toContain('"a\\u009b2J"')
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  test('reads the same with colours', () => {
    const fleet = fleetPlan([appPlan({ stages: [stage(create(web), update(id('Service', 'api'), [image]))] })])
    const coloured = renderPlan(fleet, terminalPaint)
    expect(coloured.join('\n')).toContain('\u001b[32m+\u001b[39m')
    const stripped = coloured.map((line) => line.replaceAll(/\p{Cc}\[\d+m/gu, ''))
    expect(stripped).toEqual(renderPlan(fleet, plainPaint))
  })
})

test('what waits for the end of a window is shown with what it would change', () => {
  const diffs = [{ path: '/image', from: 'a:1', to: 'a:2', effect: 'restart' }] as const
  const message = 'maintenance window until 2026-01-01T06:00:00.000Z'
  const guards = [{ name: 'window:1a2b3c4d5e6f', message }]
  const held = [{ id: web, why: 'window', message, diffs }] as const
  expect(text(renderPlan(fleetPlan([appPlan({ held }, { guards })]), plainPaint))).toBe(`
hello
  guard: maintenance window until 2026-01-01T06:00:00.000Z
    ~ prod/Service/web
        image: "a:1" -> "a:2"
    confirm it with: swarmkeeper apply --confirm window:1a2b3c4d5e6f

revision 1a2b3c4d5e6f: nothing to do now; 1 waiting for the end of a window
`)
})

test('what another app gives up in the same run is no hindrance', () => {
  const unfit = [{ id: web, message: 'port 80/tcp is taken by old', comesAfter: ['shop'] }]
  const [, line] = renderPlan(fleetPlan([appPlan({ stages: [stage(create(web))] }, { unfit })]), plainPaint)
  expect(line).toBe('  after shop, which gives that up: prod/Service/web: port 80/tcp is taken by old')
})

test('a warning is told once in a plan, with its places, of the apps that are asked for, and not in each apply', () => {
  const at = (path: string, app: string, message = 'data is a volume of one node') =>
    ({ severity: 'warning', position: { path, line: 3, column: 1 }, pointer: '/mounts', message, app }) as const
  const error = { severity: 'error', position: { path: 'x', line: 1, column: 1 }, pointer: '', message: 'no' } as const
  const problems = [at('a.yaml', 'hello'), at('b.yaml', 'hello'), at('c.yaml', 'other', 'else'), error]
  expect(renderPlan(fleetPlan([appPlan({})], { problems }), plainPaint).slice(0, 3)).toEqual([
    'a.yaml:3:1 warning: /mounts: data is a volume of one node (also b.yaml:3)',
    'x:1:1 no',
    '',
  ])
  expect(renderOutcome(fleetOutcome([outcome()], { problems }), plainPaint).slice(0, 2)).toEqual(['x:1:1 no', ''])
})

describe('the verdict of a plan', () => {
  const held = (why: 'unknown' | 'conflict' | 'reported') => appPlan({ held: [{ id: web, why, message: '' }] })
  const error = { severity: 'error', position: { path: 'a', line: 1, column: 1 }, pointer: '', message: '' } as const

  test.each([
    ['nothing', fleetPlan([appPlan({})])],
    ['nothing', fleetPlan([held('reported')])],
    ['nothing', fleetPlan([], { problems: [{ ...error, severity: 'warning' }] })],
    ['changes', fleetPlan([appPlan({ stages: [stage(create(web))] })])],
    ['changes', fleetPlan([held('conflict')])],
    ['changes', fleetPlan([appPlan({}, { guards: [{ name: 'g', message: '' }] })])],
    ['unknown', fleetPlan([held('unknown'), appPlan({ stages: [stage(create(web))] })])],
    ['error', fleetPlan([held('unknown')], { problems: [error] })],
  ] as const)('is %s', (verdict, fleet) => {
    expect(verdictOf(fleet)).toBe(verdict)
  })

  test('says nothing of drift that is to be ignored', () => {
    const held = [{ id: id('Service', 'web'), why: 'ignored', message: 'drift is ignored here' }] as const
    expect(renderPlan(fleetPlan([appPlan({ held })]), plainPaint)).toEqual([
      'revision 1a2b3c4d5e6f: nothing to do; 1 app as desired',
    ])
  })
})
