import { afterEach, describe, expect, it } from 'vitest'
import type { Desired } from '../../src/model/desired.ts'
import type { Engine, Explanation, ResourceView } from '../../src/model/engine.ts'
import { ReconcileError } from '../../src/model/error.ts'
import { makeId } from '../../src/model/id.ts'
import type { FleetStatus } from '../../src/model/outcome.ts'
import { appPlan, create, fleetPlan, id, image, REVISION, secret, update, wanted } from '../report/samples.ts'
import { type ApiWorld, apiWorld, tokenFor } from './api-world.ts'

let world: ApiWorld
const open = async (engine: Partial<Engine>) => {
  world = await apiWorld({ engine })
  return world
}
afterEach(() => world.close())

const AT = '2026-01-01T00:00:00.000Z'
const web = id('Service', 'web')

/** Everything that an engine may answer of one app, secrets of the engine's own included. */
const status: FleetStatus = {
  at: AT,
  revision: REVISION,
  stale: false,
  attention: [{ about: 'blocked', message: 'frozen', todo: 'unfreeze' }],
  apps: [
    {
      state: {
        app: 'shop/front',
        failures: 0,
        restarts: { [web]: 'token' },
        lastApplied: { revision: REVISION, at: AT },
        attempt: {
          id: 'a',
          revision: REVISION,
          at: AT,
          cause: 'revision',
          goal: 'desired',
          before: 'healthy',
          phase: 'baking',
          changed: [{ id: web, digest: null }],
          created: [],
          good: { resources: [wanted(web)], older: {} },
        },
        pin: { revision: REVISION, at: AT, by: 'ana', reason: 'calm', app: { app: 'shop/front' } as never },
      },
      health: 'degraded',
      resources: [
        {
          id: web,
          app: 'shop/front',
          state: 'present',
          health: 'degraded',
          drift: { firstSeen: AT, lastSeen: AT, healed: [] },
        },
      ],
    },
  ],
  targets: [{ name: 'prod', reachable: false, message: 'no answer', todo: 'mend it' }],
  orphans: [],
  orphanedTargets: [],
}

const json = async (path: string, options?: Parameters<ApiWorld['ask']>[1]) => {
  const answer = await world.ask(path, options)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

describe('what is read', () => {
  it('is the status, without what only the engine works with', async () => {
    await open({ status: async () => status })
    const { body } = await json('/api/v1/status')
    const [app] = body.apps as { state: Record<string, object> }[]
    expect(body.format).toBe(1)
    expect(app?.state.attempt).toMatchObject({ phase: 'baking' })
    expect(app?.state.attempt).not.toHaveProperty('good')
    expect(app?.state.pin).toEqual({ revision: REVISION, at: AT, by: 'ana', reason: 'calm' })
  })

  it('is each app in a few words, and one in full: its slashes are encoded', async () => {
    await open({ status: async () => status })
    expect((await json('/api/v1/apps')).body.apps).toEqual([
      {
        app: 'shop/front',
        health: 'degraded',
        lastApplied: { revision: REVISION, at: AT },
        attention: [],
        resources: 1,
      },
    ])
    const one = await json('/api/v1/apps/shop%2Ffront')
    expect(one.body).toMatchObject({ at: AT, app: { health: 'degraded' } })
    expect(await json('/api/v1/apps/shop%2Ffrnt')).toMatchObject({
      status: 404,
      body: { error: { reason: 'NotFound', message: "no app 'shop/frnt'; did you mean 'shop/front'?" } },
    })
  })

  it('is the plan of an app and of all, which are the JSON of `plan --format json`', async () => {
    const asked: unknown[] = []
    await open({
      plan: async ({ signal: _signal, by, ...ask }) => {
        asked.push({ by, ...ask })
        return fleetPlan([
          appPlan({ stages: [{ changes: [create(web), update(web, [image, secret])], gates: [], pauseMs: 0 }] }),
        ])
      },
    })
    const { body } = await json('/api/v1/apps/shop%2Ffront/plan?offline=true')
    expect(body).toMatchObject({
      verdict: 'changes',
      apps: [{ app: 'hello', stages: [{ changes: [{ action: 'create' }, {}] }] }],
    })
    await json('/api/v1/plan')
    expect(asked).toEqual([{ by: 'token read', app: 'shop/front', offline: true }, { by: 'token read' }])
  })

  it('is the plan of a revision that nobody merged for admins only, for it may name anything', async () => {
    await open({ plan: async () => fleetPlan([]) })
    expect(await json('/api/v1/plan?revision=feature', { as: 'reconcile' })).toMatchObject({
      status: 403,
      body: { error: { reason: 'NotAllowed', message: 'the token reconcile may reconcile; this needs admin' } },
    })
    expect((await json('/api/v1/plan?revision=feature', { as: 'admin' })).status).toBe(200)
  })

  it('is the history of an app and of all, as long as it is asked for', async () => {
    const asked: unknown[] = []
    await open({
      history: async ({ app, limit }) => {
        asked.push([app, limit])
        return [
          {
            seq: 1,
            at: AT,
            app: 'web',
            revision: REVISION,
            what: 'operator',
            message: 'm',
            by: 'ana',
            detail: { not: 'told' },
          },
        ]
      },
    })
    const { body } = await json('/api/v1/history?limit=7')
    await json('/api/v1/apps/web/history')
    expect(asked).toEqual([
      [undefined, 7],
      ['web', 20],
    ])
    expect(body.entries).toEqual([
      { seq: 1, at: AT, app: 'web', revision: REVISION, what: 'operator', message: 'm', by: 'ana' },
    ])
  })

  it.each([
    ['a path', '/opt/web/.env'],
    ['a space', 'web@a b.service'],
    ['signs of a URL', '/50%25 off?#&=+;ü'],
    ['2 kB', `/${'x/'.repeat(1_000)}end`],
  ])('finds a resource by an id of any letters and length: %s', async (_what, name) => {
    const asked = makeId({ target: 'app-1/a', kind: 'File', name })
    const seen: string[] = []
    const view: ResourceView = { id: asked, app: 'web', status: { id: asked, app: 'web', state: 'absent' } }
    await open({
      show: async (one) => {
        seen.push(one)
        return view
      },
      logs: async (one, { lines }) => {
        seen.push(one)
        return [`${lines} lines`]
      },
    })
    const path = `/api/v1/resources/${encodeURIComponent(asked)}`
    expect((await json(path)).body.id).toBe(asked)
    expect((await json(`${path}/logs?lines=3`)).body.lines).toEqual(['3 lines'])
    expect(seen).toEqual([asked, asked])
  })

  it('is why a resource would change, and with what specs where the command line asks', async () => {
    const explanation: Explanation = {
      id: web,
      app: 'hello',
      revision: REVISION,
      change: update(web, [image, secret]),
      guards: [],
      after: [],
      state: { app: 'hello', failures: 0, restarts: {} },
    }
    await open({ explain: async () => explanation })
    const path = `/api/v1/resources/${encodeURIComponent(web)}/explanation`
    expect((await json(path)).body.change).not.toHaveProperty('to')
    const whole = await json(path, { headers: { accept: 'application/vnd.swarmkeeper.whole+json' } })
    expect(whole.body).toMatchObject({ format: 1, explanation: { change: { to: { spec: { image: 'web:2' } } } } })
    expect(JSON.stringify(whole.body)).not.toMatch(/"a1"|"b2"/)
  })

  it('is the drift, of one app where it is named, and what is declared', async () => {
    const asked: unknown[] = []
    await open({
      drift: async ({ app }) => {
        asked.push(app)
        const env = { path: '/env/LEFT', from: 'canary-by-hand', effect: 'restart' as const }
        const item = { id: web, app: 'hello', policy: 'safe' as const, next: 'reported' as const, diffs: [env] }
        return { revision: REVISION, at: AT, items: [item], unknown: [] }
      },
      desired: async () => {
        const app = { app: 'hello', wanted: [wanted(web)], gates: [], broken: false, dependsOnApps: [], digest: 'd' }
        return { fleet: { drift: 'safe' }, apps: new Map([['hello', app]]), problems: [] } as unknown as Desired
      },
    })
    const { body } = await json('/api/v1/drift?app=hello')
    expect(asked).toEqual(['hello'])
    expect(JSON.stringify(body)).not.toContain('canary-by-hand')
    expect((await json('/api/v1/desired?app=hello')).body.apps).toHaveLength(1)
    expect((await json('/api/v1/desired?app=other')).body.apps).toEqual([])
  })
})

describe('what cannot be answered', () => {
  it('says what to do, as the command line would', async () => {
    await open({
      status: async () => {
        throw new ReconcileError('SourceUnreachable', { message: 'git.test does not answer', retryable: true })
      },
    })
    expect(await json('/api/v1/status')).toEqual({
      status: 502,
      body: {
        error: {
          reason: 'SourceUnreachable',
          message: 'git.test does not answer',
          todo: 'check the url of the repository, the network and its credential',
          retryable: true,
        },
      },
    })
  })

  it('says nothing of a fault of ours but where it stands in the log', async () => {
    const { lines } = await open({
      status: async () => {
        throw new TypeError('canary: cannot read properties of undefined')
      },
    })
    const { status: code, body } = await json('/api/v1/status')
    expect([code, JSON.stringify(body)]).toEqual([500, expect.not.stringContaining('canary')])
    const { request } = body.error as { request: string }
    expect(lines.filter((line) => line.level === 'error')).toEqual([expect.objectContaining({ request })])
  })

  it.each(['limit=0', 'limit=99999', 'limit=x', 'limit=1&limit=2', 'other=1'])(
    'is refused by its query: %s',
    async (query) => {
      await open({ history: async () => [] })
      expect((await json(`/api/v1/history?${query}`)).status).toBe(400)
    },
  )

  it('stops when whoever asked has gone', async () => {
    let begun = (): void => undefined
    const started = new Promise<void>((resolve) => {
      begun = resolve
    })
    const ended = new Promise<unknown>((resolve) => {
      void open({
        status: ({ signal }) => {
          signal.addEventListener('abort', () => resolve(signal.reason))
          begun()
          return new Promise(() => undefined)
        },
      }).then(async ({ url }) => {
        const leave = new AbortController()
        const asked = fetch(`${url}/api/v1/status`, {
          headers: { authorization: `Bearer ${tokenFor('read')}` },
          signal: leave.signal,
        }).catch(() => 'gone')
        await started
        leave.abort()
        return asked
      })
    })
    expect(await ended).toMatchObject({ reason: 'Aborted', message: 'whoever asked has gone' })
  })
})
