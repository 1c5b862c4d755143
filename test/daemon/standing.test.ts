import { createHash } from 'node:crypto'
import { fastify } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { createStanding } from '../../src/daemon/standing.ts'
import type { View } from '../../src/engine/view.ts'
import type { Alert } from '../../src/model/alert.ts'
import type { Log } from '../../src/model/log.ts'
import type { CheckState, StandingCheck } from '../../src/model/standing.ts'
import { lookAtFleet } from '../../src/reconcile/look.ts'
import { suspendApp } from '../../src/reconcile/operator.ts'
import { planApps } from '../../src/reconcile/plan-apps.ts'
import { standing } from '../standing/standing-world.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { createFleet, shortId, thing } from '../support/fleet.ts'

const signal = new AbortController().signal
const TOKEN = 'swk_alerts'
const sha256 = createHash('sha256').update(TOKEN).digest('hex')
const ending: AbortController[] = []
afterEach(() => {
  for (const one of ending.splice(0)) one.abort()
})

/** The part of the daemon that makes checks and hears of alerts, beside a fleet in memory. */
async function world() {
  const fleet = createFleet()
  fleet.commit({ web: [thing('web')] })
  await fleet.apply()
  const clock = createFakeClock()
  const engine = { ...fleet.collaborators(), clock }
  const told: (readonly StandingCheck[])[] = []
  const quiet = () => {}
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log }
  const attempts: object[] = []
  const metrics = { attempted: (of: object) => void attempts.push(of), watchStanding: quiet }
  const made = createStanding({
    settings: { tokens: [{ name: 'am', sha256, scopes: ['alerts'] }], alertsStaleAfterMs: 3_600_000 },
    ...{ engine, metrics, log },
    announcer: { onStanding: (checks) => void told.push(checks) },
  })
  const end = new AbortController()
  ending.push(end)
  void made.run(end.signal)
  const look = async (checks: readonly StandingCheck[], change = (view: View) => view): Promise<void> => {
    const ask = { by: 'test', signal, readOnly: true }
    const seen = await lookAtFleet(engine, ask)
    const with_ = { ...seen, desired: { ...seen.desired, standing: checks } }
    const planned = await planApps(engine, with_, ask)
    made.looked(change({ install: 'test', store: fleet.store, look: with_, planned }))
  }
  const state = (name: string) => fleet.store.shelf<CheckState>('standing').get(`web/${name}`)
  return { fleet, engine, clock, told, attempts, made, look, state }
}

describe('the standing part of the daemon', () => {
  it('makes what is declared, counts each attempt, and tells when one turns', async () => {
    const { fleet, clock, told, attempts, look, state } = await world()
    await look([standing('db')])
    expect(told).toHaveLength(1)
    await clock.advance(10_000)
    expect(state('db')?.state).toBe('passing')
    expect([attempts, told.length]).toEqual([[{ app: 'web', check: 'db', ok: true }], 2])
    fleet.checks.set('Check/db', { name: 'Check/db', ok: false, message: 'refused' })
    await clock.advance(120_000)
    // Two failures are no turn yet.
    expect([attempts.length, told.length]).toEqual([3, 2])
    await clock.advance(60_000)
    expect([state('db')?.state, told.length]).toEqual(['failing', 3])
  })

  it('asks nothing of an app that a person suspended', async () => {
    const { engine, clock, attempts, look, state } = await world()
    suspendApp(engine, 'web', { forMs: 3_600_000, reason: 'night', by: 'ana' })
    await look([standing('db')])
    await clock.advance(600_000)
    expect([attempts, state('db')]).toMatchObject([[], { state: 'unknown', message: 'not made: its app is suspended' }])
  })

  it('asks nothing of an app of which everything that runs stands still for a budget', async () => {
    const { clock, attempts, look } = await world()
    await look([standing('db')], (view) => ({
      ...view,
      planned: view.planned.map((one) => ({
        ...one,
        goal: { ...one.goal, halted: new Set([shortId('Thing/web')]) },
      })),
    }))
    await clock.advance(600_000)
    expect(attempts).toEqual([])
    await look([standing('db')])
    await clock.advance(10_000)
    expect(attempts).toHaveLength(1)
  })

  it('goes on with the checks of an app whose documents cannot be read', async () => {
    const { clock, attempts, look } = await world()
    await look([standing('db')])
    await look([], (view) => {
      const web = view.look.desired.apps.get('web')
      const apps = new Map(web ? [['web', { ...web, broken: true }]] : [])
      return { ...view, look: { ...view.look, desired: { ...view.look.desired, apps } } }
    })
    await clock.advance(70_000)
    expect(attempts).toHaveLength(2)
  })

  it('tells of an alert that comes before the first look with that look: then it is known whose it is', async () => {
    const { made, look, told, fleet } = await world()
    const server = fastify()
    await server.register(made.webhook)
    const alert = { status: 'firing', labels: { alertname: 'A', app: 'web' }, startsAt: '2026-01-01T00:00:00Z' }
    const post = () =>
      server.inject({
        ...{ method: 'POST', url: '/webhooks/alertmanager', headers: { authorization: `Bearer ${TOKEN}` } },
        payload: { version: '4', alerts: [alert] },
      })
    const apps = () =>
      fleet.store
        .shelf<Alert>('alert')
        .all()
        .map(({ value }) => value.app)
    expect((await post()).statusCode).toBe(200)
    expect([apps(), told.length]).toEqual([[undefined], 0])
    await look([])
    expect([apps(), told.length]).toEqual([['web'], 1])
    await post()
    expect([apps(), told.length]).toEqual([['web'], 2])
    await server.close()
  })

  it('hears of alerts from nobody without a token', async () => {
    const { made } = await world()
    const server = fastify()
    await server.register(made.webhook)
    const answer = await server.inject({ method: 'POST', url: '/webhooks/alertmanager', payload: {} })
    expect(answer.statusCode).toBe(401)
    await server.close()
  })
})
