import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ReconcileError } from '../../../src/model/error.ts'
import type { ApplyOptions } from '../../../src/model/target.ts'
import { create, prune, update } from '../../support/changes.ts'
import { createRecordingEngine, type RecordingEngine } from '../../support/recording-engine/recording-engine.ts'
import {
  actionsOf,
  createSwarmWorld,
  INSTALL,
  idOf,
  neverAborted,
  type SwarmWorld,
  type WantedOptions,
  wantedOf,
} from './swarm-world.ts'

const service = (name: string, fields: object = {}, options?: WantedOptions) =>
  wantedOf({ kind: 'Service', name, image: 'app:1', resolve: 'never', ...fields }, options)

describe('the Swarm target on an engine that refuses API versions below 1.44', () => {
  let engine: RecordingEngine
  let world: SwarmWorld
  beforeEach(async () => {
    engine = await createRecordingEngine()
    world = createSwarmWorld({ endpoint: engine.url })
  })
  afterEach(async () => {
    await world.target.dispose()
    await engine.dispose()
  })

  it('brings up an app, plans nothing more, and takes it down', async () => {
    const net = wantedOf({ kind: 'Network', name: 'front' })
    const config = wantedOf({ kind: 'Config', name: 'motd', content: 'hello' })
    const secret = wantedOf({ kind: 'Secret', name: 'token', from: 'settings:TOKEN' })
    const known = [net, config, secret]
    const web = service(
      'web',
      { networks: ['front'], secrets: ['token'], configs: [{ source: 'motd', target: '/m' }], ports: ['8080:80'] },
      { known, after: known.map(({ id }) => id) },
    )
    const all = [...known, web]
    await world.reconcile(all)
    expect(await world.one(web)).toMatchObject({ owner: { who: 'us' }, health: { status: 'healthy' } })
    engine.forget()
    expect(actionsOf(await world.reconcile(all))).toEqual([])
    expect(engine.writes()).toEqual([])
    await world.apply(...all.map(prune))
    for (const { id } of all) expect((await world.observe(...all)).of.get(id)).toEqual({ state: 'absent' })
  })

  it('applies a stage side by side, and a failure stops only itself', async () => {
    const many = Array.from({ length: 20 }, (_, index) => service(`web-${index}`))
    await world.observe(...many)
    engine.inject({ method: 'POST', path: '/services/create', times: 1, status: 400, message: 'bad parameter' })
    const marks = await world.apply(...many.map(create))
    const last = (step: string) => marks.filter((mark) => mark.step === step).length
    expect([last('started'), last('applied'), last('failed')]).toEqual([20, 19, 1])
  })

  it('marks each change before its write and after it, and asks for the right to write first', async () => {
    const heard: string[] = []
    const web = service('web')
    await world.observe(web)
    await world.target.apply(
      { changes: [create(web)], gates: [], pauseMs: 0 },
      {
        ...applying,
        guard: async () => void heard.push('guard'),
        mark: (_, step) => void heard.push(`${step} after ${engine.writes().length} writes`),
      },
    )
    expect(heard).toEqual(['guard', 'started after 0 writes', 'applied after 1 writes'])
  })

  it('writes nothing without the right to write', async () => {
    const marks: unknown[] = []
    const web = service('web')
    await world.target.apply(
      { changes: [create(web)], gates: [], pauseMs: 0 },
      {
        ...applying,
        guard: async () => {
          throw new ReconcileError('LeaseLost', { message: 'another one writes' })
        },
        mark: (id, step, note) => void marks.push({ id, step, note }),
      },
    )
    expect(marks).toEqual([
      { id: web.id, step: 'not-run', note: { reason: 'LeaseLost', message: 'another one writes' } },
    ])
    expect(engine.writes()).toEqual([])
  })

  it('begins no write after it was stopped', async () => {
    const marks: unknown[] = []
    await world.target.apply(
      { changes: [create(service('web'))], gates: [], pauseMs: 0 },
      {
        ...applying,
        signal: AbortSignal.abort(new Error('a newer revision')),
        mark: (_, step, note) => void marks.push({ step, note }),
      },
    )
    expect(marks).toEqual([{ step: 'not-run', note: { reason: 'Aborted', message: 'a newer revision' } }])
    expect(engine.writes()).toEqual([])
  })

  it.each(['before', 'after'] as const)('leaves a step unknown whose answer was lost (%s its effect)', async (drop) => {
    const web = service('web')
    await world.observe(web)
    engine.inject({ method: 'POST', path: '/services/create', times: 1, drop })
    expect((await world.apply(create(web))).at(-1)?.step).toBe('unknown')
    expect(actionsOf(await world.reconcile([web]))).toEqual(drop === 'before' ? ['create Service/web'] : [])
    expect((await world.one(web)).state).toBe('present')
  })

  it('says unknown of a kind whose list failed, and is sure of the others', async () => {
    const [web, net] = [service('web'), wantedOf({ kind: 'Network', name: 'front' })]
    engine.inject({ method: 'GET', path: '/services', times: 1, status: 500, message: 'out of breath' })
    const live = await world.observe(web, net)
    expect(live.of.get(web.id)).toMatchObject({ state: 'unknown', reason: expect.stringContaining('out of breath') })
    expect(live.of.get(net.id)).toEqual({ state: 'absent' })
  })

  it('does not guess whose things are while its record cannot be read', async () => {
    engine.inject({ method: 'GET', path: '/configs', times: 1, status: 500, message: 'out of breath' })
    await expect(world.observe(service('web'))).rejects.toMatchObject({ message: expect.stringContaining('/configs') })
  })

  it('makes the same calls for 10 services and for 300', async () => {
    const calls = async (count: number): Promise<readonly string[]> => {
      const many = Array.from({ length: count }, (_, index) => service(`web-${index}`))
      engine.forget()
      await world.observe(...many)
      return engine.calls.map(({ path }) => path).sort()
    }
    await calls(1)
    expect(await calls(300)).toEqual(await calls(10))
  })

  it('lists the tasks of few services only, where there are many and few are waited for', async () => {
    const many = Array.from({ length: 60 }, (_, index) => service(`web-${index}`))
    await world.observe()
    await world.apply(...many.map(create))
    engine.forget()
    const [one] = many
    const live = await world.observe(...(one ? [one] : []))
    const [call] = engine.matching('GET', '/tasks')
    expect(call?.query.get('filters')).toContain('"service"')
    expect([...live.of.values()].map(({ state }) => state)).toEqual(['present'])
    engine.forget()
    await world.observe(...many)
    expect(engine.matching('GET', '/tasks')[0]?.query.get('filters')).toBeNull()
  })

  it('keeps its record and its lease in one object, each without touching the other', async () => {
    const net = idOf('Network', 'front')
    const { digest } = wantedOf({ kind: 'Network', name: 'front' })
    const record = { install: INSTALL, apps: {}, unstamped: { [net]: { app: 'web', digest } } }
    const lease = await world.target.lease('db-1', { signal: neverAborted })
    await world.target.writeRecord(record, { signal: neverAborted })
    await lease.check({ signal: neverAborted })
    await lease.release()
    expect(await world.observe()).toMatchObject({ record })
    expect(engine.matching('POST', /create|update/).length).toBe(3)
  })

  it('takes the record of two writers from the first of them only', async () => {
    const record = { install: INSTALL, apps: {}, unstamped: {} }
    await world.target.writeRecord(record, { signal: neverAborted })
    const other = createSwarmWorld({ endpoint: engine.url })
    engine.inject({
      method: 'POST',
      path: /\/configs\/.*\/update/,
      times: 1,
      before: () => other.target.writeRecord({ ...record, apps: { b: {} } }, { signal: neverAborted }),
    })
    await expect(
      world.target.writeRecord({ ...record, apps: { a: {} } }, { signal: neverAborted }),
    ).rejects.toMatchObject({ reason: 'VersionConflict' })
    expect(await world.observe()).toMatchObject({ record: { apps: { b: {} } } })
    await other.target.dispose()
  })

  it('sends an update from the live object: what we do not model survives', async () => {
    const web = service('web', { labels: { ours: '1' } })
    await world.reconcile([web])
    const next = service('web', { labels: { ours: '2' } })
    await world.observe(next)
    await world.apply(update(next))
    expect(engine.matching('POST', /\/services\/.*\/update/).length).toBe(1)
    expect(await world.one(next)).toMatchObject({ live: { labels: { ours: '2' } }, owner: { digest: next.digest } })
  })

  it('removes the check of a killed run when the lease is taken next', async () => {
    const body = {
      Name: 'swarmkeeper-check-dead',
      Labels: { 'swarmkeeper.temporary': INSTALL },
      TaskTemplate: { ContainerSpec: { Image: 'app:1' } },
    }
    await fetch(`${engine.url.replace('tcp:', 'http:')}/services/create`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    await world.observe()
    engine.forget()
    await (await world.target.lease('db-1', { signal: neverAborted })).release()
    expect(engine.matching('DELETE', /\/services\//).length).toBe(1)
  })
})

const applying: ApplyOptions = {
  signal: neverAborted,
  record: [],
  guard: async () => {},
  mark: () => {},
  reveal: async () => {
    throw new Error('no secrets here')
  },
}
