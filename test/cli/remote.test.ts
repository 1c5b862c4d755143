import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Engine } from '../../src/model/engine.ts'
import { ReconcileError } from '../../src/model/error.ts'
import type { FleetStatus } from '../../src/model/outcome.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { type ApiWorld, apiWorld, tokenFor } from '../api/api-world.ts'
import {
  appPlan,
  create,
  fleetOutcome,
  fleetPlan,
  id,
  image,
  outcome,
  plan,
  prune,
  REVISION,
  secret,
  update,
  wanted,
} from '../report/samples.ts'
import { type Typed, type } from './cli-world.ts'

const AT = '2026-01-01T00:00:00.000Z'
const web = id('Service', 'web')
const byHand = { path: '/env/LEFT', from: 'left by hand', effect: 'restart' as const }
const state = { app: 'hello', failures: 0, restarts: {} }

const status: FleetStatus = {
  at: AT,
  revision: REVISION,
  stale: false,
  apps: [
    {
      state: { ...state, lastApplied: { revision: REVISION, at: AT } },
      health: 'degraded',
      attention: [{ about: 'blocked', message: 'stalled: refused', todo: 'swarmkeeper retry hello' }],
      resources: [{ id: web, app: 'hello', state: 'present', health: 'degraded', message: '0/1 running' }],
    },
  ],
  targets: [{ name: 'prod', reachable: true }],
  orphans: [id('Config', 'old')],
  orphanedTargets: [],
}

const held = { id: web, why: 'held-back' as const, message: 'failed before', diffs: [image, byHand] }
const done = fleetOutcome([
  outcome({
    outcome: 'rolled-back',
    reason: 'HealthCheckFailed',
    message: 'no answer',
    todo: 'mend it',
    steps: [{ id: web, action: 'update', cause: 'revision', step: 'applied' }],
    diagnosis: ['exit 1', 'last line'],
    plan: plan({ held: [held] }),
  }),
])

/** Answers everything, with what is hard to carry over: specs, secrets, values set by hand, what is held. */
function engine(): Partial<Engine> {
  const acts = async () => done
  return {
    status: async () => status,
    plan: async ({ app }) =>
      fleetPlan([
        appPlan(
          {
            app: app ?? 'hello',
            stages: [
              { changes: [create(id('Network', 'front')), create(web)], gates: [], pauseMs: 0 },
              {
                changes: [update(id('Service', 'api'), [image, secret])],
                gates: [{ name: 'smoke' } as never],
                pauseMs: 60_000,
              },
              {
                changes: [update(id('Service', 'drifted'), [byHand], 'drift'), prune(id('Config', 'old'))],
                gates: [],
                pauseMs: 0,
              },
            ],
            settled: [{ action: 'unchanged', id: web, cause: 'revision', diffs: [], to: wanted(web) }],
            held: [held],
          },
          { guards: [{ name: 'prune:hello', message: 'more than a share' }] },
        ),
      ]),
    history: async () => [
      { seq: 1, at: AT, app: 'hello', revision: REVISION, what: 'proven', message: 'baked', by: 'ana' },
    ],
    drift: async () => ({
      revision: REVISION,
      at: AT,
      items: [
        {
          id: web,
          app: 'hello',
          policy: 'safe',
          next: 'reported',
          message: 'restarts',
          diffs: [image, byHand, secret],
          origin: { path: 'apps/hello/hello.yaml', line: 3, column: 1 },
        },
      ],
      unknown: [],
    }),
    show: async () => ({
      id: web,
      app: 'hello',
      status: { id: web, app: 'hello', state: 'present', health: 'healthy' },
      wanted: wanted(web),
      observed: {
        state: 'present',
        live: { image: 'web:2', env: { LEFT: 'left by hand' } },
        owner: { who: 'us', app: 'hello', digest: 'd' as never },
        health: { status: 'healthy' },
        version: '7',
      },
    }),
    logs: async () => ['one', 'two'],
    explain: async () => ({
      id: web,
      app: 'hello',
      revision: REVISION,
      change: update(web, [image, secret]),
      guards: [],
      after: [id('Network', 'front')],
      state,
      followers: [update(id('Service', 'api'), [image])],
    }),
    desired: async () => ({
      fleet: { drift: 'safe', maxFailedApps: 3, canary: [], windows: [] },
      targets: [],
      apps: new Map([
        [
          'hello',
          {
            app: 'hello',
            wanted: [wanted(id('Network', 'front'))],
            gates: [],
            broken: false,
            dependsOnApps: [],
            digest: 'd' as never,
          },
        ],
      ]),
      brokenTargets: [],
      problems: [],
      agents: [],
      budgets: [],
      standing: [],
      policies: [],
      addresses: new Map(),
    }),
    rollback: acts,
    unpin: acts,
    suspend: acts,
    resume: acts,
    retry: acts,
    restart: acts,
    runJob: acts,
    freeze: async () => undefined,
    unfreeze: async () => undefined,
    forget: async () => [id('Config', 'old')],
  }
}

describe('a verb that a daemon answers', () => {
  let world: ApiWorld
  const asked: string[] = []
  beforeEach(async () => {
    asked.length = 0
    const real = engine()
    const noted = Object.fromEntries(
      Object.entries(real).map(([name, answer]) => [
        name,
        (...args: unknown[]) => {
          const { signal: _signal, ...rest } = args.at(-1) as Record<string, unknown>
          asked.push(JSON.stringify([name, ...args.slice(0, -1), rest]))
          return (answer as (...args: unknown[]) => unknown)(...args)
        },
      ]),
    )
    world = await apiWorld({ engine: noted, reconcile: async () => done })
  })
  afterEach(() => world.close())

  const remotely = (args: readonly string[], as: 'read' | 'admin' = 'admin'): Promise<Typed> =>
    type(args, { daemon: { url: world.url, token: new Sensitive(tokenFor(as)) } })

  it.each([
    'status',
    'status --format json',
    'plan',
    'plan --app hello --format json',
    'plan --offline --format markdown',
    'history',
    'history --app hello --limit 7 --format json',
    'drift',
    'drift --as-patch',
    'drift --app hello --format json',
    'show Service/web',
    'show prod/Service/web --format json',
    'logs Service/web -n 20',
    'explain Service/web',
    'explain Service/web --format json',
    'rollback hello --to 1a2b --reason calm',
    'rollback hello --format json',
    'unpin hello --format markdown',
    'suspend hello --for 90m --reason moving',
    'resume hello',
    'retry hello',
    'restart Service/web --reason stuck',
    'run-job Job/migrate',
    'freeze --reason tonight',
    'unfreeze',
    'forget old-host',
  ])('says what it would say on that machine, with the same exit code: %s', async (line) => {
    const args = line.split(' ')
    const [here, there] = [await type(args, { engine: engine() }), await remotely(args)]
    expect(there).toEqual(here)
    expect(here.err).not.toContain('fault of swarmkeeper')
  })

  it('asks as it was typed, in the name of who types, and of the token', async () => {
    await remotely(['rollback', 'hello', '--to', '1a2b', '--reason', 'calm'])
    await remotely(['suspend', 'hello', '--for', '90m', '--reason', 'moving'])
    await remotely(['restart', 'app-1/Unit/web@a%20b.service'])
    const by = 'ana@desk (token admin)'
    expect(asked.filter((line) => !line.startsWith('["desired"')).map((line) => JSON.parse(line))).toEqual([
      ['rollback', { by, app: 'hello', to: '1a2b', reason: 'calm' }],
      ['suspend', { by, app: 'hello', reason: 'moving', forMs: 5_400_000 }],
      ['restart', 'app-1/Unit/web@a%20b.service', { by }],
    ])
  })

  it('carries no value that may not be shown', async () => {
    const said = await Promise.all(['plan', 'drift', 'explain Service/web'].map((line) => remotely(line.split(' '))))
    const raw = await Promise.all(
      ['/plan', `/drift`, `/resources/${encodeURIComponent(web)}/explanation`].map(async (path) =>
        (await world.ask(`/api/v1${path}`, { headers: { accept: 'application/vnd.swarmkeeper.whole+json' } })).text(),
      ),
    )
    for (const text of [...said.map(({ out }) => out), ...raw]) expect(text).not.toMatch(/left by hand|"a1"|"b2"/)
  })

  it('is refused as the daemon refuses it, with what to do', async () => {
    expect(await remotely(['freeze'], 'read')).toMatchObject({
      code: 1,
      err: 'error: the token read may read; this needs admin\n  => use a token with the scope that this needs, or ask somebody who may\n',
    })
    const nobody = await type(['status'], { daemon: { url: world.url } })
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('error: this needs a token') })
  })

  it('shows what happens meanwhile', async () => {
    let release = (): void => undefined
    await world.close()
    world = await apiWorld({
      engine: {
        retry: () =>
          new Promise((resolve) => {
            release = () => resolve(done)
            const change = { type: 'change', action: 'update', cause: 'revision', step: 'applied' } as const
            world.loop.emit({ ...change, app: 'hello', id: web })
            world.loop.emit({ ...change, app: 'other', id: id('Service', 'other') })
            world.loop.emit({ type: 'proof:waiting', app: 'hello', ids: [web], message: '0/1 running' })
            setImmediate(release)
          }),
      },
    })
    const { err } = await remotely(['retry', 'hello'])
    expect(err).toContain('~ prod/Service/web  applied')
    expect(err).not.toContain('other')
  })

  it('reconciles: asks and goes, or waits for what becomes of it', async () => {
    const asks = await remotely(['reconcile', 'hello', '--token', 'job-7', '--retry'])
    expect(asks).toEqual({
      code: 0,
      out: 'asked for; `swarmkeeper reconcile --wait --token job-7` tells what became of it\n',
      err: '',
    })
    const waits = await remotely(['reconcile', '--wait', '--confirm', 'prune:hello', '--format', 'json'])
    expect([waits.code, JSON.parse(waits.out).apps[0].outcome]).toEqual([3, 'rolled-back'])
    expect(world.loop.asked.map(({ signal: _signal, ...rest }) => rest)).toEqual([
      { by: 'ana@desk (token admin)', app: 'hello', token: 'job-7', retry: true },
      { by: 'ana@desk (token admin)', confirm: ['prune:hello'] },
    ])
  })

  it('is not asked with --local, and never gets the token of another daemon', async () => {
    const token = new Sensitive(tokenFor('admin'))
    const daemon = { url: 'http://127.0.0.1:1', token }
    const local = await type(['--local', 'status'], { daemon, engine: engine() })
    expect(local.code).toBe(0)
    const other = await type(['--remote', world.url, 'status'], { daemon })
    expect(other.err).toContain('this needs a token')
    const same = await type(['--remote', `${world.url}/`, 'status'], { daemon: { url: world.url, token } })
    expect(same.code).toBe(0)
  })
})

describe('a daemon that does not answer', () => {
  it('is told apart from one that refuses, with what to do', async () => {
    const { code, err } = await type(['status'], { daemon: { url: 'http://127.0.0.1:1' } })
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /^error: the daemon at http:\/\/127\.0\.0\.1:1 does not answer: nobody listens there \(ECONNREFUSED\)\n {2}=> `swarmkeeper run` starts it/,
      ),
    ])
  })

  it('is named by the settings, or nothing is asked of it', async () => {
    expect(await type(['reconcile'])).toMatchObject({ code: 1, err: expect.stringContaining('no daemon is named') })
    expect(await type(['--remote', 'ftp://x', 'status'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('--remote must be http://host:port, https://host:port or unix:/path'),
    })
  })
})

describe('status --watch', () => {
  const watched = async (looks: readonly (FleetStatus | Error)[], args: readonly string[] = []): Promise<Typed> => {
    const stop = new AbortController()
    const left = [...looks]
    const next = async (): Promise<FleetStatus> => {
      const look = left.shift()
      if (left.length === 0) stop.abort()
      if (look === undefined || look instanceof Error) throw look ?? new Error('asked too often')
      return look
    }
    return type(['status', '--watch', '1ms', ...args], { engine: { status: next }, signal: stop.signal, auto: true })
  }
  const [app] = status.apps
  const well: FleetStatus = {
    ...status,
    at: '2026-01-01T00:01:00.000Z',
    apps: app ? [{ state: app.state, health: 'healthy', resources: [] }] : [],
  }

  it('says everything once into a pipe, and then a line for each change', async () => {
    const { out } = await watched([status, status, well, { ...well, frozen: 'ana: tonight', apps: [] }])
    const once = (await type(['status'], { engine: engine() })).out
    expect(out.startsWith(once)).toBe(true)
    expect(out.slice(once.length).trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^2026-01-01T00:00:00Z hello: degraded -> healthy$/),
      expect.stringMatching(/ hello: no longer blocked: stalled: refused$/),
      expect.stringMatching(/ fleet: not frozen -> frozen$/),
      expect.stringMatching(/ hello: gone$/),
    ])
  })

  it('goes on when it cannot be asked, and says so once', async () => {
    const lost = new ReconcileError('TargetUnreachable', { message: 'the daemon does not answer' })
    const { err, code } = await watched([status, lost, lost, lost, status, status])
    expect([code, err]).toEqual([0, '! the daemon does not answer\n'])
  })

  it('is JSON again only where something differs', async () => {
    const { out } = await watched([status, { ...status, at: well.at }, well, well], ['--format', 'json'])
    expect(out.match(/"format": 1/g)).toHaveLength(2)
  })
})

describe('token', () => {
  it('is shown once, alone, with the lines for the settings beside it', async () => {
    const { code, out, err } = await type(['token', '--name', 'ci', '--scope', 'reconcile'])
    expect([code, out]).toEqual([0, expect.stringMatching(/^swk_[\w-]{43}\n$/)])
    const { createHash } = await import('node:crypto')
    const sha256 = createHash('sha256').update(out.trim()).digest('hex')
    expect(err).toContain(`tokens:\n  ci:\n    sha256: ${sha256}\n    scopes: [reconcile]\n`)
  })

  it('has no scope and no name that the settings would refuse', async () => {
    expect((await type(['token', '--scope', 'root'])).err).toContain("no scope 'root'")
    expect((await type(['token', '--name', 'a b'])).err).toContain("'a b' cannot name a token")
  })
})
