import { beforeEach, describe, expect, it } from 'vitest'
import { askSent } from '../../src/engine/ask-sent.ts'
import { statusOf } from '../../src/engine/views.ts'
import type { Alert } from '../../src/model/alert.ts'
import type { CheckSpec } from '../../src/model/check.ts'
import type { Desired } from '../../src/model/desired.ts'
import type { FleetStatus } from '../../src/model/outcome.ts'
import type { CheckState, StandingCheck } from '../../src/model/standing.ts'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { planApps } from '../../src/reconcile/plan-apps.ts'
import { checkKey } from '../../src/standing/states.ts'
import { standing } from '../standing/standing-world.ts'
import { createFleet, type TestFleet, thing } from '../support/fleet.ts'

const ask = { by: 'test', signal: new AbortController().signal, readOnly: true }

let fleet: TestFleet
beforeEach(async () => {
  fleet = createFleet()
  fleet.commit({ web: [thing('web')] })
  await fleet.apply()
})

async function statusWith(checks: readonly StandingCheck[], over: Partial<Desired> = {}): Promise<FleetStatus> {
  const engine = fleet.collaborators()
  const look = await lookAtFleet(engine, ask)
  const declared = { ...look, desired: { ...look.desired, standing: checks, ...over } }
  const planned = await planApps(engine, declared, ask)
  return statusOf({ install: 'test', store: fleet.store, look: declared, planned })
}

const at = (): string => fleet.clock.now().toISOString()
const keep = (check: StandingCheck, state: CheckState['state']): void => {
  const { app, name } = check
  const kept: CheckState = { app, name, state, last: [true], message: 'open', at: at(), since: at() }
  fleet.store.shelf<CheckState>('standing').put(checkKey(check), kept, at())
}
const fire = (over: Partial<Alert> = {}): void => {
  const labels = { alertname: 'HighErrors', severity: 'critical' }
  const believedUntil = new Date(fleet.clock.now().getTime() + 3_600_000).toISOString()
  const times = { startsAt: at(), seenAt: at(), believedUntil }
  const alert: Alert = { fingerprint: 'a1', status: 'firing', labels, annotations: {}, ...times, ...over }
  fleet.store.shelf<Alert>('alert').put(alert.fingerprint, alert, at())
}

describe('the status', () => {
  it('says nothing of checks and alerts where there are none', async () => {
    const status = await statusWith([])
    expect([status.checks, status.alerts]).toEqual([undefined, undefined])
  })

  it('says of each declared check what the daemon found, and of one that it never made that nobody knows', async () => {
    keep(standing('db'), 'passing')
    const { checks } = await statusWith([standing('db'), standing('new')])
    expect(checks).toMatchObject([
      { name: 'db', state: 'passing', message: 'open' },
      { name: 'new', state: 'unknown', message: 'not made yet' },
    ])
  })

  it('does not believe what was found long ago: no daemon makes it', async () => {
    keep(standing('db'), 'passing')
    await fleet.clock.sleep(600_000)
    expect((await statusWith([standing('db')])).checks).toMatchObject([
      { state: 'unknown', message: 'not made since; open' },
    ])
  })

  it('leaves out what is not declared any more, but for an app that cannot be read', async () => {
    keep(standing('db'), 'failing')
    expect((await statusWith([])).checks).toBeUndefined()
    const { apps } = (await lookAtFleet(fleet.collaborators(), ask)).desired
    const web = apps.get('web')
    const broken = new Map(web ? [['web', { ...web, broken: true }]] : [])
    expect((await statusWith([], { apps: broken })).checks).toMatchObject([{ name: 'db', state: 'failing' }])
  })

  it('says which alerts fire, and of which nobody knows', async () => {
    fire({ app: 'web' })
    fire({ fingerprint: 'b2', status: 'resolved' })
    fire({ fingerprint: 'c3', believedUntil: '2025-12-31T00:00:00.000Z' })
    const { alerts } = await statusWith([])
    expect(alerts?.map(({ fingerprint, app, stale }) => [fingerprint, app, stale])).toEqual([
      ['a1', 'web', undefined],
      ['c3', undefined, true],
    ])
  })
})

describe('a gate of alerts, after the changes of an app', () => {
  const calm: CheckSpec = {
    name: 'Check/calm',
    probe: { type: 'alerts', none: { severity: 'critical' } },
    ...{ timeoutMs: 5_000, withinMs: 10_000, everyMs: 2_000 },
  }
  const web = (value: number) => ({ web: { resources: [thing('web', { value })], gates: [calm] } })
  const listening = { tokens: [{ name: 'am', sha256: '', scopes: ['alerts'] as const }] }

  /** As the engine does it, in a fleet in memory. */
  function asking(settings: Parameters<typeof askSent>[1]['settings'] = listening): void {
    const { collaborators } = fleet
    fleet.collaborators = () => ({
      ...collaborators(),
      runCheck: async (check) =>
        askSent(check, { store: fleet.store, clock: fleet.clock, settings }) ?? {
          name: check.name,
          ok: true,
          message: '',
        },
    })
  }

  it('lets a revision pass while none of them fires', async () => {
    asking()
    fire({ labels: { alertname: 'Slow', severity: 'warning' } })
    fleet.commit(web(2))
    expect((await fleet.run('web')).outcome).toBe('proven')
  })

  it('rolls it back while one does, and says which', async () => {
    asking()
    fire()
    fleet.commit(web(2))
    const outcome = await fleet.run('web')
    expect(outcome).toMatchObject({ outcome: 'rolled-back', reason: 'HealthCheckFailed' })
    expect(outcome.message).toContain('1 alert with severity=critical is firing: HighErrors')
    expect(fleet.spec('Thing/web')).toMatchObject({ value: 1 })
  })

  it('is not passed by silence where nobody could have told', async () => {
    asking({ tokens: [{ name: 'reader', sha256: '', scopes: ['read'] }] })
    fleet.commit(web(2))
    expect((await fleet.run('web')).message).toContain('no token of the settings has the scope `alerts`')
  })

  it('asks nobody else: one with a target is not answered by what was sent', () => {
    const elsewhere: CheckSpec = { ...calm, probe: { type: 'alerts', target: 'main', none: {} } }
    expect(askSent(elsewhere, { store: fleet.store, clock: fleet.clock, settings: listening })).toBeUndefined()
  })
})
