import { describe, expect, test } from 'vitest'
import { plainPaint } from '../../src/report/paint.ts'
import { renderOutcome } from '../../src/report/render-outcome.ts'
import { fleetOutcome, id, outcome, plan, text } from './samples.ts'

const web = id('Service', 'web')

describe('an outcome', () => {
  test('says its guard once, by the command that goes past it, and what happened once', () => {
    const message = 'a, b failed in this revision: the rest of it waits for a person'
    const guard = { name: 'failures:1a2b', message, command: 'apply --retry --confirm failures:1a2b --app hello' }
    const waiting = outcome({ outcome: 'waiting', reason: 'GuardHeld', message, guards: [guard], diagnosis: [message] })
    expect(text(renderOutcome(fleetOutcome([waiting]), plainPaint))).toBe(`
! hello  waiting: GuardHeld
    a, b failed in this revision: the rest of it waits for a person
    => swarmkeeper apply --retry --confirm failures:1a2b --app hello

revision 1a2b3c4d5e6f: 1 waiting
`)
  })

  test('of a rollback says what failed and what it got, the log, each step, what runs now and what to do', () => {
    const fleet = fleetOutcome([
      outcome({
        outcome: 'rolled-back',
        reason: 'HealthCheckFailed',
        message: 'Check/smoke: GET http://10.0.0.11:8080/health answered 500, wanted 200',
        diagnosis: ['web.1 on node-2: exit code 1', 'panic: no DATABASE_URL\n  at boot'],
        todo: 'running 0f9e8d7c6b5a again; 1a2b3c4d5e6f is held back until it is edited, or: retry hello',
        steps: [
          { id: id('Secret', 'key'), action: 'create', cause: 'revision', step: 'applied' },
          {
            id: web,
            action: 'update',
            cause: 'revision',
            step: 'failed',
            reason: 'TaskFailed',
            message: 'exit code 1\n  at boot\n',
          },
          { id: id('Service', 'late'), action: 'update', cause: 'revision', step: 'not-run' },
          { id: web, action: 'update', cause: 'rollback', step: 'applied' },
        ],
      }),
      outcome({ app: 'quiet' }),
    ])
    expect(text(renderOutcome(fleet, plainPaint))).toBe(`
✗ hello  rolled back: HealthCheckFailed
    Check/smoke: GET http://10.0.0.11:8080/health answered 500, wanted 200
    | web.1 on node-2: exit code 1
    | panic: no DATABASE_URL
    |   at boot
    + prod/Secret/key    applied
    ~ prod/Service/web   failed  TaskFailed: exit code 1; at boot
    ~ prod/Service/late  not-run
    back to last good:
    ~ prod/Service/web   applied
    => running 0f9e8d7c6b5a again; 1a2b3c4d5e6f is held back until it is edited, or: retry hello

revision 1a2b3c4d5e6f: 1 rolled back, 1 app as desired
`)
  })

  test('that is less than the revision declares says what is left, and why', () => {
    const step = { id: web, action: 'adopt', cause: 'revision', step: 'applied' } as const
    const held = [{ id: id('Service', 'late'), why: 'conflict', message: 'it is not at rest' }] as const
    const lines = text(
      renderOutcome(fleetOutcome([outcome({ outcome: 'proven', steps: [step], plan: plan({ held }) })]), plainPaint),
    )
    expect(lines).toContain('! hello  proven')
    expect(lines).toContain('it is not at rest')
  })

  test('that waits for a person shows what is held and the command', () => {
    const fleet = fleetOutcome([
      outcome({
        outcome: 'waiting',
        reason: 'Conflict',
        message: 'prod/Service/web: it exists and is not ours',
        plan: plan({ held: [{ id: web, why: 'conflict', message: 'it exists and is not ours' }] }),
        guards: [{ name: 'prune:hello:12ab34cd', message: '4 to prune' }],
      }),
    ])
    expect(text(renderOutcome(fleet, plainPaint))).toBe(`
! hello  waiting: Conflict
    ! prod/Service/web  conflict: it exists and is not ours
    => swarmkeeper apply --confirm prune:hello:12ab34cd  (4 to prune)

revision 1a2b3c4d5e6f: 1 waiting
`)
  })

  test('of an app that is held back tells what drifted beside it as well', () => {
    const held = [
      { id: id('Service', 'late'), why: 'reported', message: 'drift: reported, not healed' },
      { id: web, why: 'held-back', message: 'exit code 1' },
    ] as const
    const group = {
      why: 'held-back',
      ids: [web],
      message: 'TaskFailed: exit code 1',
      at: '2026-01-01T00:00:00Z',
      todo: 'swarmkeeper retry hello',
    } as const
    const stopped = outcome({ outcome: 'held-back', plan: plan({ held }), departures: [group] })
    const lines = text(renderOutcome(fleetOutcome([stopped]), plainPaint))
    expect(lines).toContain('! prod/Service/late  reported only: drift: reported, not healed')
    expect(lines.match(/exit code 1/g)).toHaveLength(1)
  })

  test('says nothing of drift that is to be ignored', () => {
    const held = [{ id: web, why: 'ignored', message: 'drift is ignored here' }] as const
    expect(renderOutcome(fleetOutcome([outcome({ plan: plan({ held }) })]), plainPaint)).toEqual([
      'revision 1a2b3c4d5e6f: 1 app as desired',
    ])
  })

  test('says once what keeps several apps waiting', () => {
    const frozen = {
      outcome: 'waiting',
      reason: 'GuardHeld',
      message: 'the fleet is frozen by ana',
      todo: 'unfreeze',
    } as const
    const apps = ['a', 'b', 'c'].map((app) => outcome({ app, ...frozen }))
    expect(text(renderOutcome(fleetOutcome(apps), plainPaint))).toBe(`
! a, b, c  waiting: GuardHeld
    the fleet is frozen by ana
    => unfreeze

revision 1a2b3c4d5e6f: 3 waiting
`)
  })

  test('says once which guard several apps wait for', () => {
    const guards = [{ name: 'failures:1a2b', message: 'x failed' }]
    const held = { outcome: 'waiting', reason: 'GuardHeld', message: 'x failed', guards } as const
    const lines = renderOutcome(
      fleetOutcome([outcome({ app: 'a', ...held }), outcome({ app: 'b', ...held })]),
      plainPaint,
    )
    expect(lines.slice(0, 3)).toEqual([
      '! a, b  waiting: GuardHeld',
      '    x failed',
      '    => swarmkeeper apply --confirm failures:1a2b',
    ])
  })

  test('with nothing to do is one line', () => {
    expect(renderOutcome(fleetOutcome([outcome()]), plainPaint)).toEqual(['revision 1a2b3c4d5e6f: 1 app as desired'])
  })
})
