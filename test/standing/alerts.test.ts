import { describe, expect, it } from 'vitest'
import type { RuleFileSpec, RuleSpec } from '../../src/kinds/rule-file/spec.ts'
import type { Alert, SentAlert } from '../../src/model/alert.ts'
import type { DesiredApp } from '../../src/model/desired.ts'
import { createAlerts, firingOf } from '../../src/standing/alerts.ts'
import { judgeSent } from '../../src/standing/judge-sent.ts'
import { placingBy } from '../../src/standing/place-alert.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { desiredOf, thing } from '../support/fleet.ts'

const HOUR = 3_600_000

const sent = (over: Partial<SentAlert> = {}): SentAlert => ({
  fingerprint: 'a1',
  status: 'firing',
  labels: { alertname: 'HighErrors', severity: 'critical' },
  annotations: {},
  startsAt: '2026-01-01T00:00:00.000Z',
  ...over,
})

function world() {
  const clock = createFakeClock()
  const shelf = createMemoryStore().shelf<Alert>('alert')
  const alerts = createAlerts({ shelf, clock, staleAfterMs: 9 * HOUR })
  const firing = () =>
    firingOf(shelf.all(), clock.now()).map(({ fingerprint, stale }) => `${fingerprint}${stale ? ' stale' : ''}`)
  const take = (...all: readonly SentAlert[]) => alerts.take(all, () => undefined)
  return { clock, shelf, alerts, firing, take }
}

describe('an alert that was sent', () => {
  it('fires until it is resolved', () => {
    const { take, firing } = world()
    take(sent(), sent({ fingerprint: 'b2' }))
    expect(firing()).toEqual(['a1', 'b2'])
    take(sent({ status: 'resolved' }))
    expect(firing()).toEqual(['b2'])
  })

  it('is believed as long as it is said again', async () => {
    const { clock, take, firing } = world()
    take(sent())
    for (let times = 0; times < 5; times += 1) {
      await clock.advance(4 * HOUR)
      expect(firing()).toEqual(['a1'])
      take(sent())
    }
  })

  it('is not believed for ever: without a word it is unknown, and at last forgotten', async () => {
    const { clock, take, firing, alerts, shelf } = world()
    take(sent())
    await clock.advance(9 * HOUR)
    expect(firing()).toEqual(['a1'])
    await clock.advance(1)
    expect(firing()).toEqual(['a1 stale'])
    await clock.advance(24 * HOUR)
    alerts.place(() => undefined)
    expect([firing(), shelf.count()]).toEqual([[], 0])
  })

  it('that is stale fires again when it is said again', async () => {
    const { clock, take, firing } = world()
    take(sent())
    await clock.advance(10 * HOUR)
    take(sent())
    expect(firing()).toEqual(['a1'])
  })

  it('with an end that is still to come is believed until then, and no longer than others', async () => {
    const { clock, take, firing } = world()
    take(sent({ endsAt: '2026-01-01T00:05:00.000Z' }), sent({ fingerprint: 'b2', endsAt: '2027-01-01T00:00:00.000Z' }))
    await clock.advance(300_001)
    expect(firing()).toEqual(['a1 stale', 'b2'])
    await clock.advance(9 * HOUR)
    expect(firing()).toEqual(['a1 stale', 'b2 stale'])
  })

  it('that was resolved is forgotten after a while', async () => {
    const { clock, take, alerts, shelf } = world()
    take(sent())
    take(sent({ status: 'resolved' }))
    await clock.advance(HOUR + 1)
    alerts.place(() => undefined)
    expect(shelf.count()).toBe(0)
  })

  it('that was resolved takes no room from those that fire', () => {
    const { shelf, clock } = world()
    const alerts = createAlerts({ shelf, clock, staleAfterMs: 9 * HOUR, most: 3 })
    const storm = ['a1', 'b2', 'c3'].map((fingerprint) => sent({ fingerprint }))
    const take = (all: readonly SentAlert[]) => alerts.take(all, () => undefined)
    take(storm)
    expect(() => take([sent({ fingerprint: 'd4' })])).toThrow('more than 3 alerts fire at once')
    take(storm.map((one) => ({ ...one, status: 'resolved' })))
    take([sent({ fingerprint: 'd4' })])
    expect(firingOf(shelf.all(), clock.now())).toMatchObject([{ fingerprint: 'd4' }])
    expect(shelf.count()).toBe(3)
  })
})

describe('the app that an alert concerns', () => {
  const rule = (type: 'alert' | 'record', name: string): RuleSpec => ({
    ...{ type, name, expr: '1', for: 0, keepFiringFor: 0, labels: {}, annotations: {} },
    ...{ at: 'rules.yml:1:1', selectors: [] },
  })
  const ruleFile = (...names: readonly string[]) => {
    const rules = [rule('record', 'ShopDown'), ...names.map((name) => rule('alert', name))]
    const spec: RuleFileSpec = { path: '/r', groups: [{ name: 'g', interval: 0, limit: 0, rules }], expectAbsent: true }
    return { ...thing('x'), kind: 'RuleFile', spec }
  }
  const desired = desiredOf({
    web: [thing('web'), { ...ruleFile('HighErrors', 'Everywhere'), name: 'web-rules' }],
    shop: [{ ...ruleFile('Everywhere', 'ShopDown'), name: 'shop-rules' }],
  })
  const place = placingBy(desired)

  it.each([
    ['its label says', { alertname: 'Other', app: 'web' }, 'web'],
    ['its label says, whatever the rules say', { alertname: 'ShopDown', app: 'web' }, 'web'],
    ['is the one whose rules declare it', { alertname: 'ShopDown' }, 'shop'],
    ['is that too where its label names no app of ours', { alertname: 'HighErrors', app: 'frontend' }, 'web'],
    ['is none where several declare it', { alertname: 'Everywhere' }, undefined],
    ['is none where nobody does', { alertname: 'NodeDown' }, undefined],
    ['is none by what every object inherits', { alertname: 'constructor' }, undefined],
    ['is none without a name', {}, undefined],
  ])('%s', (_name, labels: Readonly<Record<string, string>>, app) => {
    expect(place(labels)).toBe(app)
  })

  it('is another one as soon as another revision says so', () => {
    const { take, shelf, alerts } = world()
    take(sent())
    expect(shelf.get('a1')?.app).toBeUndefined()
    alerts.place(place)
    expect(shelf.get('a1')?.app).toBe('web')
    alerts.place(placingBy({ apps: new Map<string, DesiredApp>() }))
    expect(shelf.get('a1')).not.toHaveProperty('app')
  })
})

describe('a check of alerts that were sent', () => {
  const kept = (over: Partial<Alert> = {}): Alert => ({
    ...sent(),
    seenAt: '2026-01-01T00:00:00.000Z',
    believedUntil: '2026-01-01T09:00:00.000Z',
    ...over,
  })
  const judge = (alerts: readonly Alert[], none: Readonly<Record<string, string>>, listening = true) =>
    judgeSent('Check/calm', { alerts, none, listening })

  it('fails while one fires that it forbids', () => {
    expect(judge([kept()], { severity: 'critical' })).toMatchObject({
      ok: false,
      message: '1 alert with severity=critical is firing: HighErrors',
    })
    expect(judge([kept()], { severity: 'warning' })).toMatchObject({ ok: true })
    expect(judge([], {})).toMatchObject({ ok: true })
  })

  it('knows the app of an alert by its label, or by the rules', () => {
    expect(judge([kept({ app: 'web' })], { app: 'web' })).toMatchObject({ ok: false })
    expect(judge([kept({ app: 'web', labels: { app: 'frontend' } })], { app: 'frontend' })).toMatchObject({ ok: false })
    expect(judge([kept({ app: 'shop' })], { app: 'web' })).toMatchObject({ ok: true })
  })

  it('does not believe what is stale, and says so', () => {
    expect(judge([kept({ stale: true })], { severity: 'critical' })).toMatchObject({
      ok: true,
      message: 'no alert with severity=critical is firing; of 1 it is unknown: they were not said again for long',
    })
  })

  it('fails where nobody can send any: silence says nothing then', () => {
    expect(judge([], {}, false)).toEqual({
      name: 'Check/calm',
      ok: false,
      message: 'nobody can send alerts here: no token of the settings has the scope `alerts`',
    })
  })
})
