import { describe, expect, it } from 'vitest'
import type { Alert } from '../../src/model/alert.ts'
import type { IncidentBody } from '../../src/model/incident.ts'
import type { CheckState, StandingCheck } from '../../src/model/standing.ts'
import { checkKey } from '../../src/standing/states.ts'
import { standing } from '../standing/standing-world.ts'
import { thing } from '../support/fleet.ts'
import { type Announcing, announcing } from './announcing.ts'

async function world() {
  const made = announcing()
  made.fleet.commit({ web: [thing('web')] })
  await made.tick()
  const checks = made.fleet.store.shelf<CheckState>('standing')
  const alerts = made.fleet.store.shelf<Alert>('alert')
  const at = () => made.fleet.clock.now().toISOString()
  const declared: StandingCheck[] = [standing('db')]
  return {
    ...{ made, checks, alerts, declared },
    check: (state: CheckState['state'], message = 'refused', check = standing('db')) => {
      const last = [false, false, false].map(() => state === 'passing')
      const { app, name } = check
      checks.put(checkKey(check), { app, name, state, last, message, at: at(), since: at() }, at())
      made.announcer.onStanding(declared)
    },
    alert: (status: Alert['status'], over: Partial<Alert> = {}) => {
      const alert: Alert = {
        fingerprint: 'a1',
        status,
        labels: { alertname: 'HighErrors', severity: 'critical', app: 'web', job: 'web' },
        annotations: { summary: 'Many answers are errors' },
        ...{ startsAt: at(), seenAt: at(), app: 'web' },
        believedUntil: new Date(made.fleet.clock.now().getTime() + 9 * 3_600_000).toISOString(),
        ...over,
      }
      alerts.put(alert.fingerprint, alert, at())
      made.announcer.onStanding(declared)
    },
  }
}

const told = ({ outbox }: Announcing): readonly string[] =>
  outbox.messages.flatMap(({ sink, body }) => {
    const { state, incident } = body as IncidentBody
    return sink === 'chat:ops' ? [`${state} ${incident.key}`] : []
  })

const last = ({ outbox }: Announcing): IncidentBody['incident'] | undefined =>
  outbox.messages.map(({ body }) => body as IncidentBody).at(-1)?.incident

describe('a standing check', () => {
  it('is told where it begins to fail, and once: not by each attempt, whatever that answers, nor by each look', async () => {
    const { made, check } = await world()
    check('passing')
    check('failing', 'status 500')
    check('failing', 'status 502 after 17 ms')
    await made.minutes(10)
    expect(told(made)).toEqual(['open check:web/db'])
    expect(last(made)).toEqual({
      ...{ key: 'check:web/db', type: 'check', severity: 'critical', app: 'web' },
      title: 'web: the check db fails',
      lines: ['status 500', '3 of the last 3 attempts failed'],
    })
  })

  it('is resolved where it passes again, once', async () => {
    const { made, check } = await world()
    check('failing')
    check('passing')
    check('passing')
    await made.minutes(10)
    expect(told(made)).toEqual(['open check:web/db', 'resolved check:web/db'])
  })

  it('is told neither again nor as mended by a restart', async () => {
    const { made, check } = await world()
    check('failing')
    made.restart()
    await made.minutes(2)
    made.announcer.onStanding([standing('db')])
    expect(told(made)).toEqual(['open check:web/db'])
    check('passing')
    expect(told(made)).toEqual(['open check:web/db', 'resolved check:web/db'])
  })

  it('of which nothing is known is not mended: its app rests', async () => {
    const { made, check } = await world()
    check('failing')
    check('unknown', 'not made: its app is suspended')
    await made.minutes(10)
    expect(told(made)).toEqual(['open check:web/db'])
    check('passing')
    expect(told(made)).toEqual(['open check:web/db', 'resolved check:web/db'])
  })

  it('that cannot be read now is not mended', async () => {
    const { made, check } = await world()
    check('failing')
    made.announcer.onStanding([])
    expect(told(made)).toEqual(['open check:web/db'])
  })

  it('that is not declared any more is nobody’s concern any more', async () => {
    const { made, check, checks } = await world()
    check('failing')
    checks.drop('web/db')
    made.announcer.onStanding([])
    expect(told(made)).toEqual(['open check:web/db', 'resolved check:web/db'])
  })

  it('that comes and goes is told when it stays', async () => {
    const { made, check } = await world()
    for (let times = 0; times < 5; times += 1) {
      check('failing')
      check('passing')
    }
    expect(told(made)).toEqual(['open check:web/db', 'resolved check:web/db'])
    check('failing')
    for (let minutes = 0; minutes < 6; minutes += 1) {
      await made.minutes(1)
      made.announcer.onStanding([standing('db')])
    }
    expect(told(made)).toEqual(['open check:web/db', 'resolved check:web/db', 'open check:web/db'])
  })

  it('is as loud as it says', async () => {
    const { made, check, declared } = await world()
    declared[0] = standing('db', { severity: 'info' })
    check('failing')
    expect(last(made)?.severity).toBe('info')
  })
})

describe('an alert', () => {
  it('is told once where it fires, with what it says, and once where it ends', async () => {
    const { made, alert } = await world()
    alert('firing')
    alert('firing')
    await made.minutes(10)
    alert('firing', { annotations: { summary: 'Even more are' } })
    expect(told(made)).toEqual(['open alert:a1'])
    expect(last(made)).toEqual({
      ...{ key: 'alert:a1', type: 'alert', severity: 'critical', app: 'web' },
      title: 'web: HighErrors fires',
      lines: ['Many answers are errors', 'job=web'],
    })
    alert('resolved')
    alert('resolved')
    expect(told(made)).toEqual(['open alert:a1', 'resolved alert:a1'])
  })

  it('is told by its fingerprint: two that share a name are two', async () => {
    const { made, alert } = await world()
    alert('firing')
    alert('firing', { fingerprint: 'b2' })
    expect(told(made)).toEqual(['open alert:a1', 'open alert:b2'])
  })

  it.each([
    ['critical', 'critical'],
    ['warning', 'warning'],
    ['info', 'info'],
    ['page', 'warning'],
    [undefined, 'warning'],
  ])('with the severity %s is a %s', async (label, severity) => {
    const { made, alert } = await world()
    alert('firing', { labels: { alertname: 'A', ...(label === undefined ? {} : { severity: label }) } })
    expect(last(made)?.severity).toBe(severity)
  })

  it('that nobody says again is told as unknown, and not as resolved', async () => {
    const { made, alert } = await world()
    alert('firing', { believedUntil: new Date(made.fleet.clock.now().getTime() + 600_000).toISOString() })
    await made.minutes(11)
    made.announcer.onStanding([])
    expect(told(made)).toEqual(['open alert:a1', 'open alert:a1'])
    expect(last(made)?.title).toBe('web: HighErrors may still fire: nobody says so any more')
  })

  it('without a name is told all the same', async () => {
    const { made, alert } = await world()
    alert('firing', { labels: {}, annotations: {} })
    expect(last(made)).toMatchObject({ title: 'web: an alert without a name fires', lines: [] })
  })
})
