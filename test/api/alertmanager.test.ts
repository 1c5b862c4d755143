import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { alertmanagerRoutes } from '../../src/api/alertmanager.ts'
import { mayDo } from '../../src/api/tokens.ts'
import type { Alert, SentAlert } from '../../src/model/alert.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { Log } from '../../src/model/log.ts'
import type { Scope } from '../../src/settings/settings.ts'
import { createAlerts } from '../../src/standing/alerts.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type ApiWorld, apiWorld, tokenFor } from './api-world.ts'

const FIRING = {
  status: 'firing',
  labels: { alertname: 'HighErrors', severity: 'critical', app: 'web' },
  annotations: { summary: 'Many answers are errors', unused: 'x' },
  startsAt: '2026-01-01T00:00:00.000Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
  fingerprint: 'c4e2b1f0a9d8e7f6',
}

/** As Alertmanager 0.25 sends it. */
const message = (...alerts: readonly unknown[]) => ({
  receiver: 'keeper',
  status: 'firing',
  alerts,
  groupLabels: { alertname: 'HighErrors' },
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager:9093',
  version: '4',
  groupKey: '{}:{alertname="HighErrors"}',
  truncatedAlerts: 0,
})

const SCOPES: readonly Scope[] = ['read', 'reconcile', 'alerts', 'admin']
const TOKENS = SCOPES.map((scope) => ({
  name: scope,
  sha256: createHash('sha256').update(tokenFor(scope)).digest('hex'),
  scopes: [scope],
}))

interface Posting {
  readonly as?: Scope | 'nobody'
  readonly headers?: Readonly<Record<string, string>>
}

const worlds: ApiWorld[] = []
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()))
})

async function receiver(options: Partial<Parameters<typeof alertmanagerRoutes>[0]> = {}) {
  const clock = createFakeClock()
  const store = createMemoryStore()
  const shelf = store.shelf<Alert>('alert')
  const alerts = createAlerts({ shelf, clock, staleAfterMs: 9 * 3_600_000, most: 20 })
  const taken: SentAlert[] = []
  const warned: object[] = []
  const quiet = () => {}
  const warn = (fields: object): void => void warned.push(fields)
  const log: Log = { debug: quiet, info: quiet, error: quiet, warn, child: () => log }
  const take = (sent: readonly SentAlert[]): void => {
    taken.push(...sent)
    alerts.take(sent, ({ app }) => app)
  }
  const plugin = alertmanagerRoutes({ tokens: TOKENS, take, log, ...options })
  const api = await apiWorld({ store, plugins: [plugin] })
  worlds.push(api)
  const post = async (body: unknown, { as = 'alerts', headers = {} }: Posting = {}) => {
    const answer = await fetch(`${api.url}/webhooks/alertmanager`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        ...(as === 'nobody' ? {} : { authorization: `Bearer ${tokenFor(as)}` }),
        ...headers,
      },
    })
    const said = (await answer.json()) as { readonly note?: string; readonly error?: { readonly message: string } }
    return { status: answer.status, said: said.note ?? said.error?.message ?? '' }
  }
  return { post, shelf, taken, warned, clock, api }
}

describe('POST /webhooks/alertmanager', () => {
  it('keeps what fires, by its fingerprint: labels, what is said to people, since when', async () => {
    const { post, shelf } = await receiver()
    expect(await post(message(FIRING))).toEqual({ status: 200, said: '1 firing, 0 resolved' })
    expect(shelf.all().map(({ key, value }) => [key, value])).toEqual([
      [
        'c4e2b1f0a9d8e7f6',
        {
          fingerprint: 'c4e2b1f0a9d8e7f6',
          status: 'firing',
          labels: FIRING.labels,
          annotations: { summary: 'Many answers are errors' },
          startsAt: FIRING.startsAt,
          seenAt: '2026-01-01T00:00:00.000Z',
          believedUntil: '2026-01-01T09:00:00.000Z',
          app: 'web',
        },
      ],
    ])
  })

  it('is idempotent: the same message again, or by a second Alertmanager, is the same alert', async () => {
    const { post, shelf } = await receiver()
    await post(message(FIRING))
    const once = shelf.all()
    await post(message(FIRING))
    await post({ ...message(FIRING, FIRING), externalURL: 'http://other:9093' })
    expect(shelf.all()).toEqual(once)
  })

  it('takes what is resolved, and does not learn of what it never heard fire', async () => {
    const { post, shelf } = await receiver()
    const resolved = { ...FIRING, status: 'resolved', endsAt: '2026-01-01T00:05:00Z' }
    expect(await post(message(resolved))).toEqual({ status: 200, said: '0 firing, 1 resolved' })
    expect(shelf.count()).toBe(0)
    await post(message(FIRING))
    await post(message(resolved))
    expect(shelf.get(FIRING.fingerprint)).toMatchObject({ status: 'resolved', endsAt: '2026-01-01T00:05:00.000Z' })
  })

  it('is for a token with the scope alerts, or admin', async () => {
    const { post, taken } = await receiver()
    expect(await post(message(FIRING), { as: 'nobody' })).toMatchObject({ status: 401 })
    expect(await post(message(FIRING), { headers: { authorization: 'Bearer wrong' } })).toMatchObject({ status: 401 })
    expect(await post(message(FIRING), { as: 'read' })).toEqual({
      status: 403,
      said: 'the token read may read; this needs alerts',
    })
    expect(await post(message(FIRING), { as: 'reconcile' })).toMatchObject({ status: 403 })
    expect(taken).toEqual([])
    expect(await post(message(FIRING), { as: 'admin' })).toMatchObject({ status: 200 })
  })

  it('and what may send alerts may do nothing else', () => {
    const alerts = TOKENS.find(({ name }) => name === 'alerts')
    expect(SCOPES.filter((scope) => alerts && mayDo(alerts, scope))).toEqual(['alerts'])
  })

  it.each([
    ['no JSON', '{"version": "4", ', 400],
    ['nothing', '', 400],
    ['a list', [], 400],
    ['null', 'null', 400],
    ['another version', { ...message(FIRING), version: '3' }, 400],
    ['a version that is a number', { ...message(FIRING), version: 4 }, 400],
    ['alerts that are no list', { ...message(), alerts: { 0: FIRING } }, 400],
    ['an alert that is none', message('firing'), 400],
    ['another status', message({ ...FIRING, status: 'suppressed' }), 400],
    ['no labels', message({ ...FIRING, labels: undefined }), 400],
    ['a label that is no text', message({ ...FIRING, labels: { alertname: ['a'] } }), 400],
    ['a label name without end', message({ ...FIRING, labels: { ['x'.repeat(200)]: 'a' } }), 400],
    [
      'labels without end',
      message({ ...FIRING, labels: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`l${n}`, ''])) }),
      400,
    ],
    ['no time', message({ ...FIRING, startsAt: 'yesterday' }), 400],
    [
      'a poisoned object',
      JSON.stringify(message(FIRING)).replace('"labels":{', '"labels":{"__proto__":{"a":"b"},'),
      400,
    ],
    ['brackets without end', `${'['.repeat(100_000)}`, 400],
    ['too many alerts', message(...Array.from({ length: 1_001 }, () => ({}))), 400],
    ['a body without end', ' '.repeat(1024 * 1024 + 1), 413],
  ])('refuses %s', async (_name, body, status) => {
    const { post, taken } = await receiver()
    expect(await post(body)).toMatchObject({ status })
    expect(taken).toEqual([])
  })

  it('says what is wrong with a message, and keeps what is right of it: one bad alert hides no other', async () => {
    const { post, warned, taken } = await receiver()
    const other = { ...FIRING, fingerprint: 'c0ffee' }
    expect(await post(message(FIRING, { ...FIRING, status: 'bad' }, other))).toEqual({
      status: 400,
      said: 'alerts[1]: the status is "bad", neither firing nor resolved; the others of its message are kept',
    })
    expect(taken.map(({ fingerprint }) => fingerprint)).toEqual([FIRING.fingerprint, 'c0ffee'])
    expect(warned).toEqual([expect.objectContaining({ by: 'alerts', from: '127.0.0.1' })])
  })

  it('takes JSON only', async () => {
    const { post } = await receiver()
    expect(await post(message(FIRING), { headers: { 'content-type': 'text/plain' } })).toMatchObject({ status: 415 })
  })

  it('keeps no more of a text than somebody reads', async () => {
    const { post, taken } = await receiver()
    const long = 'x'.repeat(10_000)
    await post(message({ ...FIRING, labels: { alertname: long }, annotations: { summary: long } }))
    expect(taken[0]?.labels.alertname).toHaveLength(512)
    expect(taken[0]?.annotations.summary).toHaveLength(2_048)
  })

  it('takes no key of the database from others: a fingerprint that can be none is made of the labels', async () => {
    const { post, shelf } = await receiver()
    await post(message({ ...FIRING, fingerprint: '../../x' }, { ...FIRING, fingerprint: undefined }))
    expect(shelf.all().map(({ key }) => key)).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)])
  })

  it('answers 503 where too many fire at once, so that Alertmanager sends them again', async () => {
    const { post, shelf } = await receiver()
    const many = Array.from({ length: 21 }, (_, n) => ({ ...FIRING, fingerprint: n.toString(16).padStart(16, '0') }))
    expect(await post(message(...many))).toMatchObject({ status: 503 })
    expect(shelf.count()).toBe(0)
    expect(await post(message(...many.slice(0, 20)))).toMatchObject({ status: 200 })
    // Those that are known may still end.
    expect(await post(message({ ...many[0], status: 'resolved' }))).toMatchObject({ status: 200 })
  })

  it('answers 5xx where nothing could be kept', async () => {
    const down = await receiver({
      take: () => {
        throw new Error('disk full')
      },
    })
    expect(await down.post(message(FIRING))).toMatchObject({ status: 500 })
    const locked = await receiver({
      take: () => {
        throw new ReconcileError('StoreLocked', { message: 'another one writes' })
      },
    })
    expect(await locked.post(message(FIRING))).toMatchObject({ status: 503 })
  })

  it('takes so many a minute and no more, and few wrong tokens', async () => {
    const { post } = await receiver({ limits: { writesPerMinute: 3, failuresPerMinute: 2 } })
    const taken = [await post(message()), await post(message()), await post(message()), await post(message())]
    expect(taken.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    const wrong = [1, 2, 3].map(() => post(message(), { as: 'nobody' }))
    expect((await Promise.all(wrong)).map(({ status }) => status).sort()).toEqual([401, 401, 429])
  })
})
