import { describe, expect, it } from 'vitest'
import { makeId } from '../../../src/model/id.ts'
import { readLook, runUnit } from '../../../src/targets/host/unit-runs.ts'

const unitOf = (name: string, tick = '2026-11-21T07:00:00.000Z') =>
  runUnit({ id: makeId({ target: 'host', kind: 'Unit', name }), tick })

it('the unit of a run has its minute in its name, and its instance and type at the end', () => {
  expect(unitOf('digest.service')).toBe('digest-202611210700.service')
  expect(unitOf('my.digest.service', '2026-11-21T07:00:41.000Z')).toBe('my.digest-20261121070041.service')
  expect(unitOf('digest@front.desk.service')).toBe('digest-202611210700@front.desk.service')
})

describe('what systemd shows of the unit of a run', () => {
  const shown = (more: Readonly<Record<string, string>>) =>
    readLook(
      Object.entries({
        ...{ ActiveState: 'active', SubState: 'running', Result: 'success', ExecMainStatus: '0', InvocationID: 'b1' },
        ExecMainStartTimestamp: 'Sat 2026-11-21 07:00:01 UTC',
        ...more,
      })
        .map(([key, value]) => `${key}=${value}`)
        .join('\n'),
    )
  const over = {
    ExecMainExitTimestamp: 'Sat 2026-11-21 07:00:09 UTC',
    Lines: Buffer.from('read 3 mails\n').toString('base64'),
  }
  const times = { startedAt: '2026-11-21T07:00:01.000Z', endedAt: '2026-11-21T07:00:09.000Z' }

  it('is a run that goes on, also of a oneshot', () => {
    const running = { state: 'running', startedAt: times.startedAt }
    expect(shown({})).toEqual(running)
    expect(shown({ ActiveState: 'activating', SubState: 'start' })).toEqual(running)
    expect(shown({ ActiveState: 'activating', SubState: 'auto-restart' })).toEqual(running)
  })

  it('is one that ended: well, with an exit code, by a signal, or stopped by us', () => {
    const ended = { state: 'ended', ...times, lines: ['read 3 mails'] }
    expect(shown({ ...over, SubState: 'exited' })).toEqual({ ...ended, ok: true, message: 'exit code 0' })
    const failed = { ...over, ActiveState: 'failed', SubState: 'failed' }
    expect(shown({ ...failed, Result: 'exit-code', ExecMainStatus: '3' })).toEqual({
      ...ended,
      ok: false,
      message: 'exit code 3',
    })
    expect(shown({ ...failed, Result: 'oom-kill', ExecMainStatus: '9' })).toMatchObject({
      ok: false,
      message: 'oom-kill (9)',
    })
    expect(
      shown({ ...over, ActiveState: 'inactive', SubState: 'dead', Stopped: 'yes', InvocationID: '' }),
    ).toMatchObject({
      state: 'ended',
      ok: false,
      message: 'it was stopped',
    })
  })

  it('is none where its files are there, and it was never started', () => {
    expect(shown({ ActiveState: 'inactive', SubState: 'dead', InvocationID: '' })).toEqual({ state: 'absent' })
  })
})
