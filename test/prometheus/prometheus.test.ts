import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseAddressEntry } from '../../src/lib/addresses.ts'
import { ReconcileError } from '../../src/model/error.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { createPrometheus, type PrometheusOptions } from '../../src/prometheus/prometheus.ts'

interface Asked {
  readonly line: string
  readonly form: Readonly<Record<string, string>>
  readonly authorization: string | undefined
}

const asked: Asked[] = []
let answer: (request: IncomingMessage, response: ServerResponse) => void
let server: Server

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    asked.push({
      line: `${request.method} ${request.url}`,
      form,
      authorization: request.headers.authorization,
    })
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

beforeEach(() => {
  asked.length = 0
})

const options = (over: Partial<PrometheusOptions> = {}): PrometheusOptions => ({
  name: 'main',
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  allowed: [parseAddressEntry('127.0.0.1')],
  ...over,
})
const client = (over: Partial<PrometheusOptions> = {}) => createPrometheus(options(over))
const { signal } = new AbortController()
const answers =
  (status: number, body: unknown): typeof answer =>
  (_request, response) =>
    void response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
const data = (value: unknown, more = {}) => answers(200, { status: 'success', data: value, ...more })
const caught = async (promise: Promise<unknown>): Promise<ReconcileError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ReconcileError)
  return error as ReconcileError
}

describe('a query', () => {
  it('gives a vector with its labels and values', async () => {
    answer = data({
      resultType: 'vector',
      result: [{ metric: { __name__: 'up', job: 'a' }, value: [1700000000.5, '1'] }],
    })
    expect(await client().query('up', { signal })).toEqual({
      type: 'vector',
      series: [{ labels: { __name__: 'up', job: 'a' }, point: { at: 1700000000.5, value: 1 } }],
      warnings: [],
    })
    expect(asked).toEqual([{ line: 'POST /api/v1/query', form: { query: 'up' }, authorization: undefined }])
  })

  it('asks as of a time, and gives the raw samples of a selector with a range', async () => {
    const values = [
      [1, '1'],
      [2, '+Inf'],
      [3, '-Inf'],
      [4, 'NaN'],
    ]
    answer = data({ resultType: 'matrix', result: [{ metric: {}, values }] })
    const { type, ...rest } = await client().query('cost[1h]', { signal, time: new Date(1_500) })
    expect(asked[0]?.form).toEqual({ query: 'cost[1h]', time: '1.5' })
    const points = [1, Infinity, -Infinity, Number.NaN].map((value, index) => ({ at: index + 1, value }))
    expect({ type, ...rest }).toEqual({ type: 'matrix', series: [{ labels: {}, points }], warnings: [] })
  })

  it('tells nothing found from an error, and passes warnings on', async () => {
    answer = data({ resultType: 'vector', result: [] }, { warnings: ['remote read failed'] })
    expect(await client().query('nope', { signal })).toEqual({
      type: 'vector',
      series: [],
      warnings: ['remote read failed'],
    })
  })

  it('gives scalars and texts', async () => {
    answer = data({ resultType: 'scalar', result: [5, '2.5'] })
    expect(await client().query('2.5', { signal })).toMatchObject({ type: 'scalar', point: { at: 5, value: 2.5 } })
    answer = data({ resultType: 'string', result: [5, 'a'] })
    expect(await client().query('"a"', { signal })).toMatchObject({ type: 'string', text: 'a' })
  })
})

describe('what is loaded', () => {
  it('gives groups with their rules, each with what Prometheus says of it', async () => {
    const alerting = {
      ...{ type: 'alerting', name: 'A', query: 'up == 0', duration: 90, keepFiringFor: 5, state: 'pending' },
      ...{
        labels: { severity: 'page' },
        annotations: { summary: 's' },
        alerts: [],
        health: 'err',
        lastError: 'many-to-many',
      },
    }
    const recording = { type: 'recording', name: 'r', query: 'sum(up)', health: 'unknown' }
    answer = data({ groups: [{ name: 'g', file: '/r/a.yaml', interval: 60, limit: 3, rules: [alerting, recording] }] })
    expect(await client().rules({ signal })).toEqual([
      {
        ...{ name: 'g', file: '/r/a.yaml', intervalSeconds: 60, limit: 3 },
        rules: [
          {
            ...{ type: 'alerting', name: 'A', query: 'up == 0', forSeconds: 90, keepFiringForSeconds: 5 },
            ...{ labels: { severity: 'page' }, annotations: { summary: 's' }, state: 'pending' },
            ...{ health: 'err', lastError: 'many-to-many' },
          },
          {
            ...{ type: 'recording', name: 'r', query: 'sum(up)', forSeconds: 0, keepFiringForSeconds: 0 },
            ...{ labels: {}, annotations: {}, health: 'unknown' },
          },
        ],
      },
    ])
  })

  it('no groups may be null', async () => {
    answer = data({ groups: null })
    expect(await client().rules({ signal })).toEqual([])
  })

  it('alerts, and the word on the last reload; a version that does not say it leaves it unknown', async () => {
    answer = data({
      alerts: [
        { labels: { alertname: 'A' }, annotations: {}, state: 'firing', activeAt: '2026-01-01T00:00:00Z', value: '1' },
      ],
    })
    expect(await client().alerts({ signal })).toEqual([
      { labels: { alertname: 'A' }, annotations: {}, state: 'firing', activeAt: '2026-01-01T00:00:00Z' },
    ])
    answer = data({ reloadConfigSuccess: false, lastConfigTime: 't' })
    expect(await client().runtime({ signal })).toMatchObject({ reloadOk: false, lastConfigTime: 't' })
    answer = data({})
    expect(await client().runtime({ signal })).toMatchObject({ reloadOk: undefined })
  })
})

describe('what else it knows', () => {
  it('its own word against an expression, which nothing is computed for', async () => {
    answer = answers(400, { status: 'error', errorType: 'bad_data', error: 'parse error: unknown function "info"' })
    expect(await client().parseError('info(up)', { signal })).toBe('parse error: unknown function "info"')
    expect(asked[0]?.form).toEqual({ query: 'info(up)', time: '1' })
    answer = data({ resultType: 'vector', result: [] })
    expect(await client().parseError('up', { signal })).toBeUndefined()
    answer = answers(405, 'method not allowed')
    expect(await caught(client().parseError('up', { signal }))).toMatchObject({ reason: 'TargetRefused' })
  })

  it('the names of its metrics, and how often it evaluates what says nothing of it', async () => {
    answer = data(['a', 'up'])
    expect(await client().metricNames({ signal, since: new Date(2_000) })).toEqual(['a', 'up'])
    expect(asked[0]?.line).toBe('GET /api/v1/label/__name__/values?start=2')
    const yaml = (interval: string) => `global:\n  scrape_interval: 1s\n${interval}rule_files:\n- a\n`
    answer = data({ yaml: yaml('  evaluation_interval: 1m30s\n') })
    expect(await client().evaluationInterval({ signal })).toBe(90)
    answer = data({ yaml: yaml('') })
    expect(await client().evaluationInterval({ signal })).toBeUndefined()
  })
})

describe('whether a selector has series', () => {
  it('counts them first, and asks for those of the past only where there are none', async () => {
    answer = data({ resultType: 'vector', result: [{ metric: {}, value: [1, '7'] }] })
    expect(await client().hasSeries('up{job="a"}', { signal, since: new Date(1000) })).toBe(true)
    expect(asked.map(({ line, form }) => [line, form.query])).toEqual([['POST /api/v1/query', 'count(up{job="a"})']])
  })

  it('looks back as far as it is asked to', async () => {
    answer = (request, response) =>
      request.url === '/api/v1/query'
        ? data({ resultType: 'vector', result: [] })(request, response)
        : data([{ __name__: 'up' }])(request, response)
    expect(await client().hasSeries('up', { signal })).toBe(false)
    expect(await client().hasSeries('up', { signal, since: new Date(1000) })).toBe(true)
    expect(asked.at(-1)?.form).toEqual({ 'match[]': 'up', start: '1', limit: '1' })
  })
})

describe('what goes wrong', () => {
  it('a refused query is refused in its words', async () => {
    answer = answers(400, { status: 'error', errorType: 'bad_data', error: 'parse error: unclosed left parenthesis' })
    const error = await caught(client().query('sum(', { signal }))
    expect(error).toMatchObject({ reason: 'TargetRefused', retryable: false })
    expect(error.message).toContain('parse error: unclosed left parenthesis')
  })

  it('a reload that is switched off says what to do', async () => {
    answer = answers(403, 'Lifecycle API is not enabled.')
    const error = await caught(client().reload({ signal }))
    expect(error).toMatchObject({ reason: 'TargetRefused', todo: expect.stringContaining('reload: sighup') })
  })

  it('a reload that fails has its words', async () => {
    answer = answers(500, 'failed to reload config: one or more errors occurred\n')
    expect((await caught(client().reload({ signal }))).message).toMatch(/500: failed to reload config: one or more/)
  })

  it('one that starts, or a proxy without it, may be asked again', async () => {
    answer = answers(503, 'Service Unavailable')
    expect(await caught(client().rules({ signal }))).toMatchObject({ reason: 'TargetUnreachable', retryable: true })
    expect(await client().ready({ signal })).toBe(false)
  })

  it('an answer of something else is no answer', async () => {
    answer = answers(200, '<html>')
    expect(await caught(client().rules({ signal }))).toMatchObject({ reason: 'TargetRefused' })
    answer = data({ groups: [{ name: 1 }] })
    expect((await caught(client().rules({ signal }))).message).toContain('none of Prometheus')
  })

  it.each([
    [401, 'no', 'name a `credential` of type token in its document, or correct that credential in the settings'],
    [302, '', 'see what answers at the `url` of its document: redirects are not followed'],
    [200, '<html>', 'see what answers at the `url` of its document: redirects are not followed'],
  ])('says what to do about %i %j', async (status, body, todo) => {
    answer = answers(status, body)
    expect(await caught(client().rules({ signal }))).toMatchObject({ todo })
  })

  it('no answer in time, or more of it than is read', async () => {
    answer = () => {}
    const late = await caught(client({ timeoutMs: 50 }).rules({ signal }))
    expect(late).toMatchObject({ reason: 'TargetUnreachable', retryable: true })
    answer = data({ groups: [], padding: 'x'.repeat(5_000) })
    expect((await caught(client({ mostBytes: 1_000 }).rules({ signal }))).message).toContain('more than 1000 bytes')
  })

  it('a signal ends it with its own reason', async () => {
    answer = () => {}
    const stop = new AbortController()
    const asking = client().rules({ signal: stop.signal })
    stop.abort(new Error('stopped'))
    await expect(asking).rejects.toThrow('stopped')
  })
})

describe('where it is asked (SEC-19)', () => {
  it('nowhere that the operator does not allow', async () => {
    const error = await caught(client({ allowed: [parseAddressEntry('10.0.0.0/8')] }).rules({ signal }))
    expect(error.message).toContain('allowedAddresses')
    expect(asked).toEqual([])
  })

  it('with its token, which is in no message', async () => {
    answer = answers(401, 'no')
    const error = await caught(client({ token: new Sensitive('s3cret') }).rules({ signal }))
    expect(error.reason).toBe('LoginRefused')
    expect(asked[0]?.authorization).toBe('Bearer s3cret')
    expect(`${error.message}${error.stack}`).not.toContain('s3cret')
  })

  it('below a path, where it stands behind a proxy', async () => {
    answer = data({ alerts: [] })
    await client({ url: `${options().url}/prometheus/` }).alerts({ signal })
    expect(asked[0]?.line).toBe('GET /prometheus/api/v1/alerts')
  })
})
