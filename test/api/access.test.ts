import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { mayDo, tokenOf } from '../../src/api/tokens.ts'
import { ROUTES } from '../../src/api/v1.ts'
import { ReconcileError } from '../../src/model/error.ts'
import { type ApiWorld, apiWorld, tokenFor, type WorldOptions } from './api-world.ts'
import { DOCUMENT } from './validate-answer.ts'

let world: ApiWorld
const open = async (options: WorldOptions = {}) => {
  world = await apiWorld(options)
  return world
}
afterEach(() => world?.close())

const said = async (answer: Response) => ({ status: answer.status, body: await answer.json() })

describe('a bearer token', () => {
  const tokens = [
    { name: 'a', sha256: createHash('sha256').update('alpha').digest('hex'), scopes: ['read'] as const },
    { name: 'b', sha256: createHash('sha256').update('beta').digest('hex'), scopes: ['admin'] as const },
  ]

  it('is known by its hash', () => {
    expect(tokenOf('Bearer alpha', tokens)?.name).toBe('a')
    expect(tokenOf('bearer  beta', tokens)?.name).toBe('b')
  })

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic alpha',
    'alpha',
    'Bearer alpha beta',
    'Bearer alph',
    'Bearer alpha\n',
    `Bearer ${'x'.repeat(5_000)}`,
  ])('is none of ours as %j (SEC-26: empty is nobody)', (header) => {
    const empty = { name: 'empty', sha256: createHash('sha256').update('').digest('hex'), scopes: ['admin'] as const }
    expect(tokenOf(header, [...tokens, empty])).toBeUndefined()
  })

  it('may do what its scopes include: reconcile reads, admin does everything', () => {
    const may = (scope: 'read' | 'reconcile' | 'admin') =>
      (['read', 'reconcile', 'admin'] as const).map((needed) =>
        mayDo({ name: 't', sha256: '', scopes: [scope] }, needed),
      )
    expect([may('read'), may('reconcile'), may('admin')]).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ])
  })
})

describe('without a token', () => {
  it('nothing under /api/v1 tells whether it is there', async () => {
    const { ask } = await open({ limits: { failuresPerMinute: 1_000 } })
    const routes = ROUTES.map(({ method, path }) => [method, path] as const)
    const nowhere = [
      ['GET', '/no-such'],
      ['POST', '/status'],
      ['GET', ''],
    ] as const
    for (const [method, path] of [...routes, ...nowhere]) {
      const body = method === 'POST' ? { body: {} } : {}
      expect(await said(await ask(`/api/v1${path}`, { as: 'nobody', method, ...body }))).toEqual({
        status: 401,
        body: {
          error: {
            reason: 'NotAllowed',
            message: 'this needs a token',
            todo: 'send `Authorization: Bearer TOKEN`; `swarmkeeper token` makes one',
            retryable: false,
          },
        },
      })
    }
  })

  it('and with no token in the settings, nobody may ask, and is told what to do', async () => {
    const listen = { at: { host: '127.0.0.1', port: 0 } }
    const { ask } = await open({
      settings: { install: 'main', listen, tokens: [], auditRetentionMs: 1e9, pollIntervalMs: 60_000 },
    })
    const { status, body } = await said(await ask('/api/v1/status', { as: 'admin' }))
    expect([status, body]).toEqual([
      401,
      {
        error: expect.objectContaining({
          message: 'the API has no tokens yet, so nobody may ask',
          todo: '`swarmkeeper token` makes one, and says what to write into the settings',
        }),
      },
    ])
  })
})

describe('SEC-25: what is not there, and what is not ours', () => {
  it('is answered alike', async () => {
    // The engine knows what it owns and what is declared, and nothing else: both are the same to it.
    const { ask } = await open({
      engine: {
        show: async (id) => {
          throw new ReconcileError('NotFound', { message: `no resource '${id}'` })
        },
      },
    })
    const about = async (id: string) => {
      const answer = await ask(`/api/v1/resources/${encodeURIComponent(id)}`)
      return { status: answer.status, body: (await answer.text()).replaceAll(id, 'ID') }
    }
    expect(await about('prod/Service/not-ours')).toEqual(await about('prod/Service/not-there'))
  })

  it('is a path that is none of ours, whoever asks', async () => {
    const { ask } = await open()
    const paths = [
      '/api/v1/no-such',
      '/api/v1/apps/x/y/z',
      '/api/v2/status',
      '/',
      '/setup',
      '/github-app/exchange-code',
      '/status',
      '/api/v1/resources',
    ]
    const answers = await Promise.all(paths.map(async (path) => said(await ask(path, { as: 'admin' }))))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]?.status).toBe(404)
  })

  it('is refused by its scope before anybody looks whether it is there', async () => {
    const { ask } = await open()
    const post = async (app: string) => said(await ask(`/api/v1/apps/${app}/rollback`, { method: 'POST', body: {} }))
    expect(await post('there')).toEqual(await post('not-there'))
  })
})

describe('SEC-17: what is open to everybody', () => {
  it('is three routes, and none that sets anything up', () => {
    const open = Object.entries(DOCUMENT.paths).filter(([, operations]) =>
      Object.values(operations).some((one) => JSON.stringify((one as { security?: unknown }).security) === '[]'),
    )
    expect(open.map(([path]) => path)).toEqual(['/healthz', '/readyz', '/metrics'])
  })

  it('is what the document describes, and nothing else: every route of the server stands in it', async () => {
    const { server } = await open()
    const printed = server.fastify.printRoutes({ commonPrefix: false })
    const described = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${path} (${method.toUpperCase()})`),
    )
    const heads = ['/healthz (HEAD)', '/readyz (HEAD)']
    expect(routesIn(printed)).toEqual([...described, ...heads].sort())
  })

  it('tells no version, no fleet and no words of errors before the first tick', async () => {
    const { ask, loop } = await open()
    loop.set({ firstTickAt: undefined, sourceAt: undefined, failure: 'canary: clone of https://user:pw@git failed' })
    for (const path of ['/healthz', '/readyz']) {
      const answer = await ask(path, { as: 'nobody' })
      const text = (await answer.text()) + JSON.stringify([...answer.headers])
      expect(text).not.toMatch(/canary|1\.2\.3|fastify|hello/i)
    }
  })

  it('is not kept by caches', async () => {
    const { ask } = await open({ engine: { logs: async () => [] } })
    const { headers } = await ask('/api/v1/resources/x/logs')
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff'])
  })
})

/** `├── /api/v1/status (GET)` nested by two signs a level, whole paths without common prefixes. */
function routesIn(printed: string): readonly string[] {
  const parents: string[] = []
  return printed
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', path = '', methods] = /^((?:[│ ] {3})*(?:[├└]── ))(\S+)(?: \(([^)]*)\))?/.exec(line) ?? []
      if (path === '') return []
      const depth = indent.length / 4
      parents.length = depth - 1
      const whole = parents.join('') + path
      parents.push(path)
      return methods === undefined
        ? []
        : methods.split(', ').map((method) => `${whole.replace(/:(\w+)/g, '{$1}')} (${method})`)
    })
    .sort()
}

describe('how often one may ask', () => {
  it('is limited by token, for reads and for writes apart', async () => {
    const { ask } = await open({
      limits: { readsPerMinute: 3, writesPerMinute: 1 },
      engine: { logs: async () => [], unfreeze: async () => undefined },
    })
    const read = async (as: 'read' | 'admin') => (await ask('/api/v1/resources/x/logs', { as })).status
    expect([await read('admin'), await read('admin'), await read('admin'), await read('admin')]).toEqual([
      200, 200, 200, 429,
    ])
    expect(await read('read')).toBe(200)
    const write = () => ask('/api/v1/unfreeze', { method: 'POST', as: 'admin' })
    expect((await write()).status).toBe(200)
    const refused = await write()
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
  })

  it('is limited by source for those who guess; health is answered all the same', async () => {
    const { ask, url } = await open({ limits: { failuresPerMinute: 2 }, engine: { logs: async () => [] } })
    const guess = async () =>
      (await fetch(`${url}/api/v1/status`, { headers: { authorization: 'Bearer guess' } })).status
    expect([await guess(), await guess(), await guess()]).toEqual([401, 401, 429])
    expect((await ask('/healthz', { as: 'nobody' })).status).toBe(200)
    expect((await ask('/api/v1/resources/x/logs')).status).toBe(200)
  })

  it('never puts a token into the log', async () => {
    const { ask, lines } = await open({ engine: { logs: async () => [] } })
    await ask('/api/v1/resources/x/logs')
    await fetch(`${world.url}/api/v1/status?token=${tokenFor('admin')}`, {
      headers: { authorization: `Bearer ${tokenFor('admin')}x` },
    })
    expect(JSON.stringify(lines)).not.toMatch(/-token-of-the-tests/)
  })
})
