import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/model/alert.ts'
import type { AppStatus, FleetStatus } from '../../src/model/outcome.ts'
import type { CheckState } from '../../src/model/standing.ts'
import { plainPaint } from '../../src/report/paint.ts'
import { renderStatus } from '../../src/report/render-status.ts'
import { statusJson } from '../../src/report/wire.ts'

const NOW = new Date('2026-01-01T12:00:00.000Z')

const check = (name: string, over: Partial<CheckState> = {}): CheckState => ({
  ...{ app: 'web', name, state: 'passing', last: [true], message: 'fine' },
  ...{ at: '2026-01-01T11:59:30.000Z', since: '2026-01-01T11:50:00.000Z' },
  ...over,
})

const alert = (over: Partial<Alert> = {}): Alert => ({
  ...{ fingerprint: 'a1', status: 'firing', labels: { alertname: 'HighErrors', severity: 'critical' } },
  ...{ annotations: {}, startsAt: '2026-01-01T11:55:00.000Z', seenAt: '2026-01-01T11:55:00.000Z' },
  ...{ believedUntil: '2026-01-02T00:00:00.000Z', app: 'web' },
  ...over,
})

const app = (name: string): AppStatus => ({
  state: { app: name, failures: 0, restarts: {} },
  health: 'healthy',
  resources: [],
})

const status = (over: Partial<FleetStatus> = {}): FleetStatus => ({
  ...{ at: NOW.toISOString(), stale: false, apps: [app('shop'), app('web')], targets: [] },
  ...{ orphans: [], orphanedTargets: [] },
  ...over,
})

const lines = (over: Partial<FleetStatus>): readonly string[] => renderStatus(status(over), NOW, plainPaint)

describe('checks in the status', () => {
  it('that pass are a count, and nothing without any', () => {
    expect(lines({ checks: [check('a'), check('b')] })).toContain('2 checks pass')
    expect(lines({ checks: [check('a')] })).toContain('1 check passes')
    expect(lines({}).join()).not.toContain('check')
  })

  it('that fail stand below their app, with since when and why', () => {
    const failing = check('smoke', { state: 'failing', message: 'status 500, expected 200' })
    const shown = lines({ checks: [check('a'), failing] })
    const web = shown.findIndex((line) => line.startsWith('✓ web'))
    expect(shown[web + 1]).toBe('    ✗ check smoke fails, begun 10 min ago: status 500, expected 200')
    expect(shown).toContain('1 of 2 checks passes')
  })

  it('of which nothing is known say so, and are not counted as passing', () => {
    const unmade = check('b', { state: 'unknown', message: 'not made yet' })
    const { at: _at, ...never } = unmade
    const late = check('a', { state: 'unknown', message: 'not made since; fine' })
    const shown = lines({ checks: [late, never] })
    expect(shown).toContain('    ? check a is unknown: not made since; fine, made 30 s ago')
    expect(shown).toContain('    ? check b is unknown: not made yet')
    expect(shown).toContain('0 of 2 checks pass')
  })
})

describe('alerts in the status', () => {
  it('of a storm are the worst, and how many more there are', () => {
    const storm = Array.from({ length: 100 }, (_, at) =>
      alert({ fingerprint: `a${at}`, labels: { alertname: `A${at}`, severity: at === 99 ? 'critical' : 'warning' } }),
    )
    const shown = lines({ alerts: storm }).filter((line) => line.includes('alert'))
    expect(shown).toHaveLength(21)
    expect(shown[0]).toContain('A99 (critical) fires')
    expect(shown[20]).toBe('    ! 80 more alerts: --format json has them all')
  })

  it('stand below the app that they concern, with what they say', () => {
    const shown = lines({ alerts: [alert({ annotations: { summary: 'Many answers\nare errors' } })] })
    const web = shown.findIndex((line) => line.startsWith('✓ web'))
    expect(shown[web + 1]).toBe('    ! alert HighErrors (critical) fires, begun 5 min ago: Many answers; are errors')
  })

  it('stand apart where they concern none, or one that is gone', () => {
    const { app: _app, ...nobodys } = alert()
    expect(lines({ alerts: [nobodys] })).toContain('! alert HighErrors (critical) fires, begun 5 min ago')
    expect(lines({ alerts: [alert({ app: 'gone' })] })).toContain(
      '! alert HighErrors (critical) fires, begun 5 min ago',
    )
  })

  it('that are stale are not said to fire', () => {
    expect(lines({ alerts: [alert({ stale: true })] })).toContain(
      '    ? alert HighErrors may still fire: last heard of 5 min ago',
    )
  })

  it('steer no terminal, and are no longer than a line', () => {
    const evil = alert({
      labels: { alertname: '\u001b[2Jevil\u202e' },
      annotations: { description: `\u0007${'x'.repeat(5_000)}` },
    })
    const [shown = ''] = lines({ alerts: [evil] }).filter((line) => line.includes('evil'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
    expect(shown).not.toMatch(/[\u0000-\u001f\u202e]/)
    expect(shown.length).toBeLessThan(300)
  })
})

it('programs get both as they are', () => {
  const [checks, alerts] = [[check('a')], [alert()]]
  expect(statusJson(status({ checks, alerts }))).toMatchObject({ format: 1, checks, alerts })
})
