import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webhookRoutes } from '../../src/api/webhook.ts'
import { Sensitive } from '../../src/model/sensitive.ts'
import { type ApiWorld, apiWorld, tokenFor } from '../api/api-world.ts'

let world: ApiWorld
beforeEach(async () => {
  const routes = webhookRoutes({
    secrets: [new Sensitive('secret of the webhook')],
    repository: { owner: 'acme', repo: 'fleet' },
    branch: 'main',
    deliveries: {
      get: () => undefined,
      put: () => {},
      drop: () => {},
      all: () => [],
      newest: () => [],
      count: () => 0,
      dropBefore: () => 0,
    },
    clock: { now: () => new Date(0), monotonic: () => 0, sleep: async () => {} },
    nudge: () => {},
  })
  world = await apiWorld({
    plugins: [routes],
    engine: {
      status: async () => ({ apps: [], targets: [], orphans: [], orphanedTargets: [], at: '', stale: false }) as never,
    },
  })
})
afterEach(() => world.close())

const asked = async (method: string, path: string, token?: string) => {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: token }
  const answer = await fetch(`${world.url}${path}`, { method, headers })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

describe('SEC-17: without a token', () => {
  /** Everything that is served, as the router knows it. */
  const served = (): readonly string[] =>
    [...world.server.fastify.printRoutes({ commonPrefix: false }).matchAll(/(\/\S*) \(([A-Z, ]+)\)/g)].map(
      ([, path, methods]) => `${methods} ${path}`,
    )

  it('four paths are served, and no more: an allow-list', async () => {
    const open: string[] = []
    for (const path of new Set(served().map((route) => route.split(' ').at(-1) ?? ''))) {
      for (const method of ['GET', 'POST']) {
        const { status } = await asked(method, path.replace(/:\w+/g, 'x'))
        if (status !== 401 && status !== 404) open.push(`${method} ${path} ${status}`)
      }
    }
    expect(open.sort()).toEqual(['GET /healthz 200', 'GET /metrics 200', 'GET /readyz 200'])
    // Which says 401 to what is not signed.
    expect((await asked('POST', '/webhooks/github')).status).toBe(401)
  })

  it.each([
    '/setup',
    '/github-app/setup',
    '/github-app/exchange-code',
    '/status',
    '/api',
    '/api/v2/status',
    '/debug',
    '/.env',
    '/api/v1/../../etc/passwd',
  ])('there is no %s', async (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      if (method === 'TRACE') continue // fetch refuses to send it
      expect([401, 404]).toContain((await asked(method, path)).status)
    }
  })

  it('health says these words and no others', async () => {
    expect(JSON.parse((await asked('GET', '/healthz')).text)).toEqual({ status: 'ok' })
    expect(JSON.parse((await asked('GET', '/readyz')).text)).toEqual({
      ready: true,
      checks: { tick: 'ok', database: 'ok', source: 'ok' },
    })
  })

  it('no header says what serves it', async () => {
    const { headers } = await asked('GET', '/healthz')
    expect([...headers.keys()].filter((name) => /server|powered|version/.test(name))).toEqual([])
  })
})

describe('SEC-25: what is there and what is not, to whoever may not see it', () => {
  it('is told in the same words: of resources, apps and paths', async () => {
    const paths = [
      '/api/v1/apps/web',
      '/api/v1/apps/none',
      '/api/v1/none',
      '/api/v1/resources/prod%2FService%2Fweb',
      '/api/v1/resources/x',
      '/api/v1/apps/web/rollback',
    ]
    for (const token of [undefined, 'Bearer wrong', 'Basic YTpi']) {
      const answers = await Promise.all(paths.map((path) => asked('GET', path, token)))
      const told = answers.map(({ status, text }) => `${status} ${text.replace(/"request":"[^"]*"/, '')}`)
      expect(new Set(told).size).toBe(1)
      expect(told[0]).toMatch(/^401 /)
      expect(told[0]).not.toMatch(/web|none|resource|app\b/)
    }
  })
})

describe('SEC-26: a token that is empty', () => {
  it.each([
    'Bearer ',
    'Bearer',
    '',
    'Bearer undefined',
    'Bearer null',
    ' ',
    `Bearer ${' '.repeat(600)}${tokenFor('admin')}`,
    `bearer,${tokenFor('admin')}`,
  ])('is none: %j', async (token) => {
    expect((await asked('GET', '/api/v1/status', token)).status).toBe(401)
  })

  it('is none, where no token is set up either', async () => {
    const empty = await apiWorld({
      settings: {
        install: 'main',
        listen: { at: { host: '127.0.0.1', port: 0 } },
        tokens: [],
        auditRetentionMs: 1,
        pollIntervalMs: 1,
      },
    })
    try {
      for (const authorization of ['', 'Bearer ', 'Bearer x']) {
        expect((await fetch(`${empty.url}/api/v1/status`, { headers: { authorization } })).status).toBe(401)
      }
    } finally {
      await empty.close()
    }
  })
})
