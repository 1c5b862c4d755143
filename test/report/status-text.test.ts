import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AppReport, RevisionReport } from '../../src/model/revision-report.ts'
import { appStatus, revisionStatus, skippedStatus, statusLine } from '../../src/report/status-text.ts'

const REVISION = '1a2b3c4d5e6f'.padEnd(40, '0')
const NEWER = 'bbbbbbbcccccc'.padEnd(40, '0')

const app = (word: AppReport['word'], rest: Partial<AppReport> = {}): AppReport => ({
  word,
  diagnosis: [],
  unknown: 0,
  ...rest,
})

const report = (apps: RevisionReport['apps'], rest: Partial<RevisionReport> = {}): RevisionReport => ({
  revision: REVISION,
  skipped: [],
  seenAt: '2026-01-01T00:00:00.000Z',
  apps,
  final: false,
  ...rest,
})

const line = ({ state, description }: ReturnType<typeof appStatus>): string => `${state}: ${description}`

const why = { reason: 'TaskFailed', message: 'prod/Service/web: exit code 1' }

describe('the status of one app', () => {
  const TABLE: readonly (readonly [AppReport, string])[] = [
    [app('pending'), 'pending: applying'],
    [app('applied'), 'pending: applied, baking'],
    [app('proven'), 'success: proven'],
    [app('proven', { unknown: 2 }), 'success: proven, 2 unknown'],
    [app('unchanged'), 'success: as declared'],
    [app('healed'), 'success: as declared, drift was healed'],
    [
      app('done', { reason: 'Pinned', message: 'pinned by ann to 1a2b' }),
      'success: left as a person decided: pinned by ann to 1a2b',
    ],
    [app('rolled-back', why), 'failure: rolled back: TaskFailed: prod/Service/web: exit code 1'],
    [app('rolling-back', why), 'failure: rolling back, not done: TaskFailed: prod/Service/web: exit code 1'],
    [app('held-back', why), 'failure: held back, for a person: TaskFailed: prod/Service/web: exit code 1'],
    [app('stalled', why), 'failure: stalled, for a person: TaskFailed: prod/Service/web: exit code 1'],
    [app('failed', why), 'failure: failed, and is tried again: TaskFailed: prod/Service/web: exit code 1'],
    [app('waiting', { reason: 'GuardHeld', message: '3 of 5 would go' }), 'pending: waits: GuardHeld: 3 of 5 would go'],
    [
      app('waiting', { reason: 'LeaseHeld', message: 'another run writes' }),
      'pending: waits: LeaseHeld: another run writes',
    ],
    [
      app('waiting', { reason: 'InvalidDesired', message: 'a.yaml:3:1 no such field' }),
      'failure: could not be read: a.yaml:3:1 no such field',
    ],
    [app('suspended'), 'pending: applied, not proven: suspended'],
    [
      app('unknown', { message: 'prod/Service/web: no route to host' }),
      'pending: not to be seen now: prod/Service/web: no route to host',
    ],
  ]
  it.each(TABLE)('%j', (known, expected) => {
    expect(line(appStatus(known))).toBe(expected)
  })

  it('says by which revision its place was taken', () => {
    expect(line(appStatus(app('proven'), NEWER))).toBe('success: superseded by bbbbbbb: proven')
  })
})

describe('the status over all apps', () => {
  const TABLE: readonly (readonly [string, RevisionReport])[] = [
    ['success: no app is touched', report({})],
    ['pending: web: applying', report({ web: app('pending') })],
    ['pending: applying 3 apps', report({ a: app('pending'), b: app('applied'), c: app('proven') })],
    ['pending: applied, baking: 2 apps', report({ a: app('applied'), b: app('proven') })],
    ['success: 2 apps proven, 1 app as declared', report({ a: app('proven'), b: app('proven'), c: app('unchanged') })],
    ['success: 2 apps proven, 2 unknown', report({ a: app('proven', { unknown: 2 }), b: app('proven') })],
    [
      'failure: 1 app rolled back (b), applying 2 apps',
      report({ a: app('pending'), b: app('rolled-back'), c: app('waiting') }),
    ],
    ['failure: 1 app rolled back (b), 1 app waiting (c)', report({ b: app('rolled-back'), c: app('waiting') })],
    ['pending: waits for a person: another history', report({ a: app('pending') }, { waits: 'another history' })],
    ['failure: could not be read: a.yaml:1:1 no', report({}, { waits: 'a.yaml:1:1 no', unread: true })],
    ['success: superseded by bbbbbbb: web: proven', report({ web: app('proven') }, { supersededBy: NEWER })],
  ]
  it.each(TABLE)('%s', (expected, known) => {
    expect(line(revisionStatus(known))).toBe(expected)
  })

  it('of commits that were skipped tells how the one fared that took their place', () => {
    expect(line(skippedStatus(report({ web: app('proven') })))).toBe('success: superseded by 1a2b3c4: web: proven')
    expect(line(skippedStatus(report({ web: app('proven') }, { supersededBy: NEWER })))).toBe(
      'success: superseded by bbbbbbb: web: proven',
    )
  })

  it('does not change while apps arrive one by one, however many there are', () => {
    const names = Array.from({ length: 200 }, (_, index) => `app${index}`)
    const lines = names.map((_, done) =>
      line(
        revisionStatus(
          report(Object.fromEntries(names.map((name, at) => [name, app(at < done ? 'applied' : 'pending')]))),
        ),
      ),
    )
    expect([...new Set(lines)]).toEqual(['pending: applying 200 apps'])
  })
})

describe('a line of a status', () => {
  it.each([
    ['tried again at 2026-11-21T10:00:00.000Z', 'tried again at …'],
    ['no answer within 30 s', 'no answer within …'],
    ['timed out after 1.5 seconds (90000ms)', 'timed out after … (…)'],
    ['at 10:04:35 the 2nd task', 'at … the 2nd task'],
    ['tcp 10.0.0.11:80 refused', 'tcp 10.0.0.11:80 refused'],
    ['a\n  b\tc', 'a b c'],
    ['\u001b[31mred', '\\u001b[31mred'],
    ['x'.repeat(200), `${'x'.repeat(139)}…`],
    ['🦆'.repeat(200), `${'🦆'.repeat(139)}…`],
    [`of ${'a1'.repeat(20)}`, 'of a1a1a1a1a1a1'],
  ])('%j', (text, expected) => {
    expect(statusLine(text)).toBe(expected)
  })

  it('is never longer than GitHub takes, and one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const said = statusLine(text)
        expect([...said].length).toBeLessThanOrEqual(140)
        expect(said).not.toMatch(/[\r\n\t]/)
      }),
    )
  })
})
