import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Connection, createConnection } from '../../../src/targets/swarm/connection.ts'
import { type FakeEngine, type FakeEngineOptions, startFakeEngine } from './fake-engine.ts'

const signal = new AbortController().signal
const engines: FakeEngine[] = []
const connections: Connection[] = []

const engine = async (options: FakeEngineOptions = {}): Promise<FakeEngine> => {
  const one = await startFakeEngine(options)
  engines.push(one)
  return one
}

const connect = (...endpoints: readonly string[]): Connection => {
  const connection = createConnection({
    config: { name: 'prod', endpoints: endpoints.map((url) => ({ url })), registries: [] },
    credentials: {
      endpoint: () => ({}),
      registry: () => ({ addresses: [], username: '', password: undefined as never }),
    },
    timeoutMs: 300,
  })
  connections.push(connection)
  return connection
}

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const connection of connections.splice(0)) connection.close()
  for (const one of engines.splice(0)) await one.close()
})

const GONE = 'unix:///nonexistent/docker.sock'
const create = { method: 'POST', path: '/services/create', body: { Name: 'web' } } as const

describe('a connection to a Swarm', () => {
  it.each([
    ['1.41', '/v1.41/services?'],
    ['1.44', '/v1.44/services?'],
    ['1.99', '/v1.50/services?'],
  ])('speaks the older of what both know: an engine of %s hears %s', async (apiVersion, url) => {
    const { endpoint, asked } = await engine({ apiVersion })
    await connect(endpoint).get('/services', signal)
    expect(asked.at(-1)?.url.replace(/\?$/, '')).toBe(url.replace(/\?$/, ''))
  })

  it('refuses an engine that is too old', async () => {
    const { endpoint } = await engine({ apiVersion: '1.40' })
    await expect(connect(endpoint).identity(signal)).rejects.toMatchObject({
      reason: 'TargetRefused',
      todo: 'use Docker Engine 20.10 or newer',
    })
  })

  it.each([
    ['an engine in no Swarm', { LocalNodeState: 'inactive' }, /in no Swarm/],
    ['a worker', { LocalNodeState: 'active', ControlAvailable: false }, /is a worker/],
  ])('refuses %s, and says what to do', async (_, swarm, message) => {
    const { endpoint } = await engine({ swarm })
    const error = await connect(endpoint)
      .identity(signal)
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      reason: 'TargetRefused',
      message: expect.stringMatching(message),
      todo: expect.any(String),
    })
  })

  it('takes the first manager that can be reached, and passes over a worker', async () => {
    const worker = await engine({ swarm: { LocalNodeState: 'active', ControlAvailable: false } })
    const manager = await engine()
    expect(await connect(GONE, worker.endpoint, manager.endpoint).identity(signal)).toBe('cluster-1')
  })

  it('goes on reading at the next manager when one dies, and stays there', async () => {
    const [a, b] = [await engine(), await engine()]
    const connection = connect(a.endpoint, b.endpoint)
    await connection.get('/services', signal)
    await a.close()
    await connection.get('/services', signal)
    await connection.get('/services', signal)
    expect(b.asked.filter(({ url }) => url.includes('/services')).length).toBe(2)
    expect(b.asked.filter(({ url }) => url.includes('/info')).length).toBe(1)
  })

  it('leaves a manager that is none any more (503)', async () => {
    const [a, b] = [
      await engine({ answer: () => ({ status: 503, body: { message: 'not a manager' } }) }),
      await engine(),
    ]
    await connect(a.endpoint, b.endpoint).write(create)
    expect(b.asked.at(-1)).toMatchObject({ method: 'POST', body: { Name: 'web' } })
  })

  it('sends a write elsewhere only when nothing was sent', async () => {
    const [a, b] = [await engine({ answer: () => 'drop' }), await engine()]
    await expect(connect(a.endpoint, b.endpoint).write(create)).rejects.toMatchObject({
      reason: 'TargetUnreachable',
      status: 0,
      sent: true,
    })
    expect(b.asked).toEqual([])
    const dead = connect(GONE)
    await expect(dead.write(create)).rejects.toMatchObject({ sent: false })
  })

  it('refuses managers of two Swarms under one name', async () => {
    const a = await engine()
    const other = { LocalNodeState: 'active', ControlAvailable: true, Cluster: { ID: 'cluster-2' } }
    const b = await engine({ swarm: other })
    const connection = connect(a.endpoint, b.endpoint)
    await connection.identity(signal)
    await a.close()
    await expect(connection.get('/services', signal)).rejects.toMatchObject({ reason: 'TargetMismatch' })
  })

  it('tries again after it could not connect at all', async () => {
    const connection = connect(GONE)
    await expect(connection.identity(signal)).rejects.toMatchObject({ reason: 'TargetUnreachable' })
    await expect(connection.identity(signal)).rejects.toMatchObject({ reason: 'TargetUnreachable' })
  })

  it('gives up a call that gets no answer, and says so', async () => {
    const { endpoint } = await engine({ answer: () => 'hang' })
    await expect(connect(endpoint).get('/services', signal)).rejects.toMatchObject({
      reason: 'TargetUnreachable',
      message: expect.stringContaining('GET /services on unix://'),
    })
  })

  it('stops reading with the signal, and rejects with its reason', async () => {
    const { endpoint } = await engine({ answer: () => 'hang' })
    const controller = new AbortController()
    const connection = connect(endpoint)
    await connection.identity(signal)
    const reading = expect(connection.get('/services', controller.signal)).rejects.toThrow('a newer revision')
    controller.abort(new Error('a newer revision'))
    await reading
  })

  it('goes where it was told, whatever DOCKER_HOST says (SEC-20)', async () => {
    const { endpoint } = await engine()
    vi.stubEnv('DOCKER_HOST', 'tcp://192.0.2.1:2376')
    vi.stubEnv('DOCKER_TLS_VERIFY', '1')
    vi.stubEnv('DOCKER_PATH_PREFIX', '/elsewhere')
    expect(await connect(endpoint).identity(signal)).toBe('cluster-1')
  })
})

describe('what an engine answers', () => {
  it.each([
    [400, 'bad parameter', 'TargetRefused'],
    [404, 'service web not found', 'NotFound'],
    [409, 'name conflicts with an existing object', 'Conflict'],
    [500, 'rpc error: code = Unknown desc = update out of sequence', 'VersionConflict'],
    [500, 'something else', 'TargetRefused'],
    [501, 'renaming services is not supported', 'TargetRefused'],
  ])('swarm.md 8: %d %s is %s', async (status, message, reason) => {
    const { endpoint } = await engine({ answer: () => ({ status, body: { message } }) })
    await expect(connect(endpoint).write(create)).rejects.toMatchObject({
      reason,
      status,
      message: `POST /services/create on ${endpoint}: ${status} ${message}`,
    })
  })
})
