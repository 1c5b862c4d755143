import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseAddressEntry } from '../../src/lib/addresses.ts'
import type { DesiredTarget } from '../../src/model/desired.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import type { SupervisorState } from '../../src/model/supervisor.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { createSupervisor } from '../../src/supervisors/supervisor.ts'
import { type HalNode, type HalStub, halCost, startHalStub } from '../support/hal-stub.ts'

const ask = { signal: new AbortController().signal }
const NOON = new Date('2026-11-21T12:00:00Z')
const well: HalNode = { status: 'online', logins: { opencode: 'authenticated' }, sync: 'in_sync' }
let hal: HalStub

beforeEach(async () => {
  hal = await startHalStub()
})
afterEach(async () => {
  expect(hal.violations).toEqual([])
  await hal.dispose()
})

const settings = (
  token = hal.token,
  addresses = ['127.0.0.1'],
): Pick<Settings, 'credentials' | 'allowedAddresses'> => ({
  allowedAddresses: [],
  credentials: new Map([
    ['hal', { type: 'token', addresses: addresses.map(parseAddressEntry), token: new Sensitive(token) }],
  ]),
})

function supervisor(config: object = {}, using = settings(), timeoutMs = 2000) {
  const origin = { path: 'targets/hal.yaml', line: 1, column: 1 }
  const declared: DesiredTarget = {
    name: 'hal',
    kind: 'AgentSupervisor',
    config: { kind: 'AgentSupervisor', name: 'hal', url: hal.url, credential: 'hal', ...config },
    origin,
  }
  return createSupervisor(declared, { settings: using, timeoutMs })
}

const look = (before?: SupervisorState, at = NOON, config = {}) => supervisor(config).look(before, at, ask)
const later = (minutes: number): Date => new Date(NOON.getTime() + minutes * 60_000)

describe('a look at an agent supervisor', () => {
  it('tells its nodes, their logins and credentials', async () => {
    hal.nodes.set('node-1', well)
    hal.nodes.set('node/2', { status: 'online', logins: { claude_code: 'manual_required' }, sync: 'drift_detected' })
    hal.nodes.set('node-3', { ...well, status: 'offline' })
    const heardAt = NOON.toISOString()
    expect((await look()).nodes).toEqual([
      { id: 'node-1', status: 'online', heardAt, logins: { opencode: 'authenticated' }, credentials: 'in_sync' },
      { id: 'node-3', status: 'offline', heardAt, credentials: 'unknown' },
      {
        id: 'node/2',
        status: 'online',
        heardAt,
        logins: { claude_code: 'manual_required' },
        credentials: 'drift_detected',
      },
    ])
  })

  it('of a release of it: what it has none of is absent, and neither nought nor fine', async () => {
    hal.nodes.set('node-1', well)
    const { absent, sessions, cost } = await look()
    expect({ sessions, cost }).toEqual({})
    expect(absent).toEqual([
      'readiness: 503: database unavailable, command_dispatcher unavailable, cost_aggregator unavailable',
      'sessions: an empty answer',
      'cost: 503 SERVICE_UNAVAILABLE',
    ])
  })

  it('as it is documented: sessions and cost as well', async () => {
    hal.nodes.set('node-1', well)
    const session = { id: 's1', node_id: 'node-1', project: 'project-1', status: 'running', tokens: 5, cost: 0.1 }
    hal.documented = { ready: true, cost: halCost(12.5), sessions: [session] }
    const { absent, sessions, cost } = await look()
    expect(absent).toEqual([])
    expect(sessions).toEqual([{ id: 's1', node: 'node-1', project: 'project-1', status: 'running' }])
    expect(cost).toEqual({ today: 12.5, byProject: { 'project-1': 6.25 }, degraded: [] })
  })

  it('asks five questions, and one for each node that is there', async () => {
    for (const id of ['a', 'b', 'c']) hal.nodes.set(id, well)
    hal.nodes.set('d', { ...well, status: 'offline' })
    await look()
    expect([...hal.requests].sort()).toEqual([
      'GET /api/v1/auth/drift',
      'GET /api/v1/cost?period=today',
      'GET /api/v1/nodes',
      'GET /api/v1/nodes/a/auth',
      'GET /api/v1/nodes/b/auth',
      'GET /api/v1/nodes/c/auth',
      'GET /api/v1/sessions?limit=100',
      'GET /readyz',
    ])
  })

  it('asks of many nodes only so many for their logins, and says so', async () => {
    for (let n = 0; n < 70; n += 1) hal.nodes.set(`n${n}`, well)
    const { absent, nodes } = await look()
    expect(hal.requests).toHaveLength(5 + 64)
    expect(absent).toContain('logins: of 64 of 70 nodes')
    expect(nodes?.filter(({ logins }) => logins === undefined)).toHaveLength(6)
  })

  it('of a provider that it could not ask, the cost is unknown', async () => {
    hal.documented = { cost: halCost(3, { degraded_providers: ['openai'] }) }
    expect((await look()).cost).toEqual({ byProject: {}, degraded: ['openai'] })
  })

  it('of no provider at all, its nought is no figure', async () => {
    hal.documented = { cost: halCost(0, { by_provider: null, by_project: null }) }
    const { cost, absent } = await look()
    expect(cost).toBeUndefined()
    expect(absent).toContain('cost: an answer of another form')
  })

  it('that is answered by something else says that of each part', async () => {
    for (const path of ['/api/v1/nodes', '/api/v1/auth/drift']) hal.instead.set(path, { status: 200, body: 'hello' })
    hal.instead.set('/api/v1/sessions', { status: 200, body: { data: { a: 1 } } })
    const { nodes, absent } = await look()
    expect(nodes).toBeUndefined()
    expect(absent).toEqual(
      expect.arrayContaining([
        'nodes: 200 without data: that is no answer of a hal-supervisor',
        'sessions: an answer of another form',
      ]),
    )
  })

  it('follows no redirect, and repeats no words of it', async () => {
    hal.always = { status: 302, body: { code: 'evil\u001b[31m', error: 'a canary' } }
    expect((await look()).absent[0]).toBe('nodes: 302')
  })
})

describe('a supervisor that cannot be asked', () => {
  it('is unreachable, and its nodes are unknown with what was told last', async () => {
    hal.nodes.set('node-1', { ...well, status: 'offline' })
    const before = await look()
    hal.always = 'cut'
    const { unreachable, nodes, at } = await look(before, later(5))
    expect(unreachable).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/api\/v1\/nodes: /)
    expect(at).toBe(later(5).toISOString())
    expect(nodes).toEqual([
      {
        id: 'node-1',
        status: 'unknown',
        credentials: 'unknown',
        last: { at: NOON.toISOString(), status: 'offline', credentials: 'unknown' },
      },
    ])
  })

  it('that never answers costs its time and no more', async () => {
    hal.always = 'hang'
    const state = await supervisor({}, settings(), 50).look(undefined, NOON, ask)
    expect(state.unreachable).toContain('no answer within 0.05 s')
    expect(hal.requests).toHaveLength(1)
  })

  it('that does not accept the token says what to do, and the token stands nowhere', async () => {
    const state = await supervisor({}, settings('wrong-canary-4711')).look(undefined, NOON, ask)
    expect(state).toMatchObject({ unreachable: 'it does not accept the token (401)', absent: [] })
    expect(state.todo).toContain('server.auth_token')
    expect(JSON.stringify(state)).not.toContain('canary')
  })

  it('gets no token at an address that the operator did not bind it to', async () => {
    const state = await supervisor({}, settings(hal.token, ['10.0.0.11'])).look(undefined, NOON, ask)
    expect(state.unreachable).toMatch(/^the credential 'hal' may be used for 10\.0\.0\.11, not for 127\.0\.0\.1:\d+$/)
    expect(hal.requests).toEqual([])
  })

  it.each([
    ['without a credential, where the settings allow nothing', { credential: undefined }, /do not allow 127\.0\.0\.1/],
    ['with a credential that is not there', { credential: 'hel' }, /no credential 'hel'; did you mean 'hal'\?/],
    ['at what is no URL', { url: 'http://[x' }, /is no URL/],
  ])('%s says that', async (_name, config, expected) => {
    expect((await look(undefined, NOON, config)).unreachable).toMatch(expected)
  })

  it('ends when it is told to', async () => {
    hal.always = 'hang'
    const stop = new AbortController()
    const looking = supervisor().look(undefined, NOON, { signal: stop.signal })
    stop.abort(new Error('stop'))
    await expect(looking).rejects.toThrow('stop')
  })
})

describe('nodes that it does not list', () => {
  it('are unknown until their agents reconnect, if they were known before its restart', async () => {
    hal.nodes.set('node-1', well)
    const before = await look()
    hal.nodes.clear()
    const after = await look(before, later(1))
    expect(after.nodes).toMatchObject([{ id: 'node-1', status: 'unknown', last: { status: 'online' } }])
    expect(after.absent).toContain('nodes: an empty list, as after a restart until its agents reconnect')
    hal.nodes.set('node-1', well)
    expect((await look(after, later(2))).nodes).toMatchObject([{ id: 'node-1', status: 'online' }])
  })

  it('are unknown if they are declared, from the first look on', async () => {
    const { nodes } = await look(undefined, NOON, { nodes: ['node-9'] })
    expect(nodes).toEqual([{ id: 'node-9', status: 'unknown', credentials: 'unknown' }])
  })

  it('keep what was told of them over several looks, and are forgotten after a day unless they are declared', async () => {
    hal.nodes.set('gone', { ...well, logins: { codex: 'unauthenticated' } })
    hal.nodes.set('kept', well)
    let state = await look(undefined, NOON, { nodes: ['kept'] })
    hal.nodes.clear()
    for (const minutes of [1, 2]) state = await look(state, later(minutes), { nodes: ['kept'] })
    expect(state.nodes?.[0]?.last).toEqual({
      at: NOON.toISOString(),
      status: 'online',
      logins: { codex: 'unauthenticated' },
      credentials: 'in_sync',
    })
    const { nodes } = await look(state, later(24 * 60 + 1), { nodes: ['kept'] })
    expect(nodes?.map(({ id }) => id)).toEqual(['kept'])
  })

  it('where none is declared or known, an empty list says nothing', async () => {
    const { nodes, absent } = await look()
    expect(nodes).toBeUndefined()
    expect(absent[0]).toMatch(/^nodes: an empty list/)
  })
})

describe('what was paid today', () => {
  const cost = (project?: string) => supervisor().costToday(project, ask)

  it('is told in total and per project, in micro-dollars', async () => {
    hal.documented = { cost: halCost(0.1 + 0.2) }
    expect(await cost()).toEqual({ micros: 300_000 })
    expect(await cost('project-1')).toEqual({ micros: 150_000 })
  })

  it('is unknown, and why, where it does not tell', async () => {
    expect(await cost()).toEqual({ unknown: '503 SERVICE_UNAVAILABLE' })
    hal.documented = { cost: halCost(3, { degraded_providers: ['openai'] }) }
    expect(await cost()).toEqual({ unknown: 'it could not ask openai' })
    hal.documented = { cost: halCost(3) }
    expect(await cost('project-x')).toEqual({ unknown: "it tells nothing of the project 'project-x'" })
    hal.documented = { cost: { ...(halCost(3) as object), total_cost_usd: '3' } }
    expect(await cost()).toMatchObject({ unknown: expect.any(String) })
    hal.always = 'cut'
    expect(await cost()).toMatchObject({ unknown: expect.stringContaining('/api/v1/cost') })
  })
})

describe('what doctor says of it', () => {
  const examine = (using = settings()) => supervisor({}, using).examine(ask)

  it('answers and accepts the token, or why not, and what to do', async () => {
    expect(await examine()).toMatchObject([{ subject: 'supervisor hal', level: 'ok' }])
    expect(await examine(settings('wrong'))).toMatchObject([
      { level: 'error', message: 'it does not accept the token (401)', todo: expect.any(String) },
    ])
    hal.always = { status: 404, body: {} }
    expect(await examine()).toMatchObject([{ level: 'error', message: 'it does not list its nodes: 404' }])
    hal.always = 'cut'
    expect(await examine()).toMatchObject([{ level: 'error', todo: expect.stringContaining('hal-supervisor') }])
  })
})
