import { afterEach, describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../src/api/audit.ts'
import type { Engine } from '../../src/model/engine.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { Loop } from '../../src/model/loop.ts'
import type { FleetOutcome } from '../../src/model/outcome.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { fleetOutcome, id, outcome } from '../report/samples.ts'
import { type ApiWorld, apiWorld, type WorldOptions } from './api-world.ts'

let world: ApiWorld
const open = async (options: WorldOptions) => {
  world = await apiWorld(options)
  return world
}
afterEach(() => world.close())

const done = fleetOutcome([outcome({ outcome: 'applied' }), outcome({ app: 'front', outcome: 'rolled-back' })])

type Body = Readonly<Record<string, unknown>>

async function post(path: string, body: unknown = undefined, as: 'read' | 'reconcile' | 'admin' | 'nobody' = 'admin') {
  const headers = { 'x-swarmkeeper-user': 'ana@desk' }
  const answer = await world.ask(`/api/v1${path}`, {
    method: 'POST',
    as,
    headers,
    ...(body === undefined ? {} : { body }),
  })
  return { status: answer.status, body: (await answer.json()) as Body }
}

/** Newest first, without what differs from run to run. */
const audited = async (): Promise<readonly Partial<AuditEntry>[]> => {
  const answer = await world.ask('/api/v1/audit', { as: 'admin' })
  const { entries } = (await answer.json()) as { readonly entries: readonly (AuditEntry & { readonly at: string })[] }
  return entries.map(({ at: _at, endedAt: _ended, from: _from, user: _user, message: _message, ...rest }) => rest)
}

/** Polls: what nobody waits for ends some time. */
async function until(ended: () => Promise<boolean>): Promise<void> {
  for (let times = 0; times < 500; times++) {
    if (await ended()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('it did not end')
}

describe('POST reconcile', () => {
  it('asks, and does not wait: who wants the outcome asks again under the token', async () => {
    const { loop } = await open({ reconcile: async () => done })
    const asked = await post('/reconcile', { app: 'hello' }, 'reconcile')
    expect(asked).toEqual({ status: 202, body: { format: 1, accepted: true, token: expect.any(String) } })
    const { signal: _signal, ...ask } = loop.asked[0] ?? {}
    expect(ask).toEqual({ by: 'ana@desk (token reconcile)', app: 'hello', token: asked.body.token })
  })

  it('what failed while nobody waited is told to who asks under its token, before anything is done under it', async () => {
    let times = 0
    const reconcile = async () => {
      times += 1
      if (times === 1) throw new ReconcileError('NotFound', { message: "no app 'hellp'" })
      return done
    }
    await open({ reconcile })
    const { token } = (await post('/reconcile', { app: 'hellp' }, 'reconcile')).body
    const told = await post('/reconcile', { token, wait: true }, 'reconcile')
    expect(told).toMatchObject({ status: 404, body: { error: { message: "no app 'hellp'" } } })
    expect(times).toBe(1)
    expect((await post('/reconcile', { token, wait: true }, 'reconcile')).status).toBe(200)
  })

  it('waits where that is asked for, and hands the token on', async () => {
    const { loop } = await open({ reconcile: async () => done })
    const { status, body } = await post('/reconcile', { token: 'job-7', retry: true, wait: true }, 'reconcile')
    expect([status, (body.apps as Body[]).map((app) => app.outcome)]).toEqual([200, ['applied', 'rolled-back']])
    expect(loop.asked[0]).toMatchObject({ token: 'job-7', retry: true })
    expect(loop.asked[0]).not.toHaveProperty('wait')
  })

  it('goes on when whoever waits has gone, and what became of it is written down', async () => {
    let finish = (_outcome: FleetOutcome): void => undefined
    let begun = (): void => undefined
    const started = new Promise<void>((resolve) => {
      begun = resolve
    })
    const reconcile: Loop['reconcile'] = ({ signal }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        finish = resolve
        begun()
      })
    await open({ reconcile })
    const leave = new AbortController()
    const asked = world
      .ask('/api/v1/reconcile', { method: 'POST', as: 'admin', body: { wait: true }, signal: leave.signal })
      .catch(() => 'gone')
    await started
    leave.abort()
    expect(await asked).toBe('gone')
    expect(await audited()).toMatchObject([{ operation: 'reconcile', outcome: 'asked' }])
    finish(done)
    await until(async () => (await audited())[0]?.outcome === 'done')
  })

  it.each([
    ['confirm', { confirm: ['prune:hello'] }],
    ['adopt', { adopt: ['prod/Service/web'] }],
    ['another revision', { revision: 'feature' }],
  ])('past guards, or to what is not merged, is for admins: %s', async (_what, body) => {
    await open({ reconcile: async () => done })
    expect((await post('/reconcile', body, 'reconcile')).status).toBe(403)
    expect((await post('/reconcile', { ...body, wait: true }, 'admin')).status).toBe(200)
    expect(world.loop.asked).toHaveLength(1)
  })

  it.each([
    ['a folder', { from: '/etc' }],
    ['what nobody knows', { force: true }],
    ['a list that is none', { confirm: 'prune' }],
    ['a word for a truth value', { retry: 'true' }],
    ['too many', { confirm: Array.from({ length: 101 }, () => 'x') }],
    ['an empty name', { app: '' }],
    ['null', null],
    ['a list', []],
  ])('is refused with %s, before anything is asked of the loop', async (_what, body) => {
    await open({ reconcile: async () => done })
    const { status, body: told } = await post('/reconcile', body)
    expect([status, told.error]).toEqual([400, expect.objectContaining({ reason: 'Usage' })])
    expect(world.loop.asked).toEqual([])
  })
})

describe('decisions', () => {
  type Asked = readonly unknown[]
  const noting = (asked: Asked[]): Partial<Engine> => {
    const note =
      (name: string) =>
      async (...args: unknown[]): Promise<FleetOutcome> => {
        const { signal: _signal, ...ask } = args.pop() as Record<string, unknown>
        asked.push([name, ...args, ask])
        return done
      }
    return {
      rollback: note('rollback'),
      unpin: note('unpin'),
      suspend: note('suspend'),
      resume: note('resume'),
      retry: note('retry'),
      restart: note('restart'),
      runJob: note('runJob'),
    }
  }
  const by = 'ana@desk (token admin)'

  it.each([
    [
      '/apps/shop%2Ffront/rollback',
      { to: '1a2b', reason: 'calm' },
      ['rollback', { by, app: 'shop/front', to: '1a2b', reason: 'calm' }],
    ],
    ['/apps/hello/unpin', {}, ['unpin', { by, app: 'hello' }]],
    [
      '/apps/hello/suspend',
      { for: '1h30m', reason: 'moving' },
      ['suspend', { by, app: 'hello', forMs: 5_400_000, reason: 'moving' }],
    ],
    ['/apps/hello/resume', undefined, ['resume', { by, app: 'hello' }]],
    ['/apps/hello/retry', { reason: 'mended' }, ['retry', { by, app: 'hello', reason: 'mended' }]],
    ['/resources/app-1%2FUnit%2Fweb@a%2520b.service/restart', {}, ['restart', 'app-1/Unit/web@a%20b.service', { by }]],
    [
      '/resources/prod%2FJob%2Fmigrate/run-job',
      { reason: 'again' },
      ['runJob', 'prod/Job/migrate', { by, reason: 'again' }],
    ],
  ] as const)('are carried out before they are answered: %s', async (path, body, expected) => {
    const asked: Asked[] = []
    await open({ engine: noting(asked) })
    expect((await post(path, body)).status).toBe(200)
    expect(asked).toEqual([expected])
  })

  it('do not wait where that is said', async () => {
    await open({ engine: noting([]) })
    expect(await post('/apps/hello/retry', { wait: false })).toEqual({
      status: 202,
      body: { format: 1, accepted: true },
    })
  })

  it('freeze and thaw the fleet, and let go of a target', async () => {
    await open({
      engine: {
        freeze: async () => undefined,
        unfreeze: async () => undefined,
        forget: async () => [id('Config', 'old')],
      },
    })
    expect((await post('/freeze', { reason: 'tonight' })).body).toEqual({ format: 1, frozen: true })
    expect((await post('/unfreeze')).body).toEqual({ format: 1, frozen: false })
    expect((await post('/targets/old%20host/forget')).body).toEqual({ format: 1, ids: ['prod/Config/old'] })
  })

  it('that cannot be understood or carried out say why', async () => {
    const frozen = new ReconcileError('GuardHeld', {
      message: 'the fleet is frozen by ana',
      todo: 'swarmkeeper unfreeze',
    })
    await open({
      engine: {
        suspend: async () => done,
        unpin: async () => {
          throw frozen
        },
      },
    })
    expect((await post('/apps/hello/suspend', { for: 'long', reason: 'x' })).body).toMatchObject({
      error: { reason: 'Usage', message: "'long' is not a duration like 5s, 1m30s, 500ms or 1h" },
    })
    expect((await post('/apps/hello/suspend', { for: '1h' })).status).toBe(400)
    expect(await post('/apps/hello/unpin')).toMatchObject({
      status: 409,
      body: { error: { reason: 'GuardHeld', todo: 'swarmkeeper unfreeze' } },
    })
  })

  it.each(['rollback', 'unpin', 'suspend', 'resume'])('of the kind `%s` are for admins', async (verb) => {
    await open({ engine: noting([]) })
    expect((await post(`/apps/hello/${verb}`, { reason: 'x', for: '1h' }, 'reconcile')).status).toBe(403)
  })

  it('bring forward what git says with the scope `reconcile`, and nothing with `read`', async () => {
    await open({ engine: noting([]), reconcile: async () => done })
    expect((await post('/apps/hello/retry', {}, 'reconcile')).status).toBe(200)
    expect((await post('/apps/hello/retry', {}, 'read')).status).toBe(403)
    expect((await post('/reconcile', {}, 'read')).status).toBe(403)
  })
})

describe('the audit', () => {
  it('says who did what, with what came of it, and who was refused', async () => {
    await open({
      reconcile: async () => done,
      engine: {
        unpin: async () => {
          throw new ReconcileError('Usage', { message: 'hello is not pinned' })
        },
        resume: async () => {
          throw new TypeError('a fault')
        },
      },
    })
    await post('/reconcile', { app: 'hello', wait: true }, 'reconcile')
    await post('/apps/hello/unpin', { reason: 'calm' })
    await post('/apps/hello/resume')
    await post('/apps/hello/rollback', { to: 'x' }, 'read')
    await post('/freeze', { canary: 'not understood' })
    await post('/freeze', { canary: 'nobody' }, 'nobody')
    await post('/no-such-thing', { canary: 'nowhere' })
    // What is refused is written down as soon as it is answered.
    await until(async () => (await audited()).filter(({ outcome }) => outcome !== 'asked').length === 7)
    const entries = [...(await audited())].reverse()
    expect(entries).toEqual([
      {
        actor: 'reconcile',
        operation: 'reconcile',
        params: {},
        body: { app: 'hello', wait: true },
        outcome: 'done',
        status: 200,
        apps: { hello: 'applied', front: 'rolled-back' },
      },
      {
        actor: 'admin',
        operation: 'unpinApp',
        params: { app: 'hello' },
        body: { reason: 'calm' },
        outcome: 'refused',
        status: 400,
        reason: 'Usage',
      },
      {
        actor: 'admin',
        operation: 'resumeApp',
        params: { app: 'hello' },
        body: {},
        outcome: 'failed',
        status: 500,
        reason: 'Internal',
      },
      {
        actor: 'read',
        operation: 'rollbackApp',
        params: { app: 'hello' },
        outcome: 'refused',
        status: 403,
        reason: 'NotAllowed',
      },
      { actor: 'admin', operation: 'freeze', params: {}, outcome: 'refused', status: 400, reason: 'Usage' },
      { operation: 'freeze', params: {}, outcome: 'refused', status: 401, reason: 'NotAllowed' },
      { actor: 'admin', operation: 'POST (no such route)', params: {}, outcome: 'refused', status: 404 },
    ])
    expect(JSON.stringify(entries)).not.toContain('canary')
  })

  it('says from where, in whose name, and when', async () => {
    const { store } = await open({ engine: { unfreeze: async () => undefined } })
    await post('/unfreeze')
    const [{ value, at } = { value: undefined, at: '' }] = store.shelf<AuditEntry>('audit').all()
    expect([at, value]).toEqual([
      '2026-01-01T00:00:00.000Z',
      expect.objectContaining({ from: '127.0.0.1', user: 'ana@desk', endedAt: '2026-01-01T00:00:00.000Z' }),
    ])
  })

  it('is written before anything is done: what cannot be written down is not done', async () => {
    const store = createMemoryStore()
    const shelf: typeof store.shelf = (name) => ({
      ...store.shelf(name),
      put: () => {
        throw new Error('SQLITE_FULL')
      },
    })
    await open({ store: { ...store, shelf }, reconcile: async () => done })
    expect(await post('/reconcile', {})).toMatchObject({
      status: 503,
      body: {
        error: { reason: 'Aborted', message: 'what was asked cannot be written into the audit, so it is not done' },
      },
    })
    expect(world.loop.asked).toEqual([])
  })

  it('is kept for as long as the settings say', async () => {
    const { clock, store } = await open({ engine: { unfreeze: async () => undefined } })
    await post('/unfreeze')
    await clock.advance(90 * 86_400_000 + 1)
    await post('/unfreeze')
    expect(store.shelf('audit').count()).toBe(1)
  })

  it('is for admins', async () => {
    await open({})
    expect((await world.ask('/api/v1/audit', { as: 'reconcile' })).status).toBe(403)
  })

  it('keeps of a flood no more than the failures that are answered', async () => {
    await open({ limits: { failuresPerMinute: 5 } })
    const answers: number[] = []
    for (let times = 0; times < 20; times++) answers.push((await post('/freeze', {}, 'nobody')).status)
    expect(answers.filter((status) => status === 401)).toHaveLength(5)
    expect(answers.filter((status) => status === 429)).toHaveLength(15)
    await until(async () => world.store.shelf('audit').count() >= 5)
    expect(world.store.shelf('audit').count()).toBe(5)
  })
})
