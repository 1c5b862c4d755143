import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/app.ts'
import { type } from '../cli/cli-world.ts'
import { CANARIES, type CanaryWorld, canaryWorld, FORMS } from './canary-world.ts'

/** Every secret that stands in a text, by the name of its place. */
const leaksIn = (text: string): readonly string[] => [
  ...new Set(FORMS.filter(([, form]) => text.includes(form)).map(([name]) => name)),
]

const files = (port: string, image: string): Record<string, string> => ({
  'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\n',
  'targets/prod.yaml': `kind: Swarm\nname: prod\nendpoints: [${port}]\ncredential: engine\nregistries: [registry]\n`,
  'targets/app-1.yaml':
    'kind: Host\nname: app-1\naddress: 127.0.0.1\nport: 1\nuser: root\nhostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtFBf6hfxUjNTqlFmH0VZ3hFZkMlyjNlI9q0fJXQjB5\ncredential: fleet-key\n',
  'apps/web/web.yaml': [
    `kind: Service\nname: web\ntarget: prod\nimage: registry.test:5000/${image}\nsecrets: [db, file]\nkeeper: { stableFor: 0s, bake: 0s, timeout: 3s }`,
    'kind: Secret\nname: db\ntarget: prod\nfrom: settings:DB_PASSWORD',
    'kind: Secret\nname: file\ntarget: prod\nfile: file.secret',
  ].join('\n---\n'),
  'apps/web/file.secret': CANARIES.FILE_SECRET,
  'apps/host/env.yaml':
    'kind: File\nname: env\nhosts: [app-1]\npath: /etc/web.env\nsecret: { from: "settings:DB_PASSWORD" }\nmode: "0600"\n',
})

/** What a pull request may try in order to have a secret said in its comment. */
const HOSTILE: Readonly<Record<string, string>> = {
  'apps/evil/evil.yaml': [
    'kind: Service\nname: evil\ntarget: prod\nimage: a:1\nenv: { A: "settings:DB_PASSWORD", B: "$$DB_PASSWORD" }\nsecrets: [db2]',
    'kind: Secret\nname: db2\ntarget: prod\nfrom: settings:DB_PASSWORD',
    'kind: Secret\nname: guess\ntarget: prod\nfile: guess.secret',
    'kind: Config\nname: c\ntarget: prod\nfrom: settings:DB_PASSWORD',
  ].join('\n---\n'),
  'apps/evil/guess.secret': 'another secret',
  'apps/web/file.secret': `${CANARIES.FILE_SECRET} and more`,
}

describe('SEC-8: a secret in every place that there is for one', () => {
  let world: CanaryWorld
  beforeAll(async () => {
    world = await canaryWorld()
    const { url } = world.engine
    world.source.commit(files(url, 'web:1'))
    const logged = (part: string) => world.lines.some((line) => line.includes(part))
    await world.until('web is applied', () => logged('web: applied') || logged('web: proven'))
    world.source.commit({ ...files(url, 'web:2'), 'apps/bad/bad.yaml': 'kind: Secret\nname: x\nfrom: settings:NONE\n' })
    world.engine.inject({ method: 'POST', path: /services/, status: 500, message: 'no', times: 2 })
    await world.until('web fails', () => logged('rolled') || logged('failed'))
    await world.until('chats are told', () =>
      ['discord', 'slack', 'plain', 'beat', '127.0.0.1'].every((host) =>
        world.sent.some(({ to }) => to.includes(host)),
      ),
    )
    const head = world.source.commit({ ...files(url, 'web:3'), ...HOSTILE }, { branch: 'topic' })
    const { world: github } = world.hub
    github.setPermission('alice', 'write')
    const pull = github.openPull({ head, files: Object.keys(HOSTILE) })
    const ours = () => github.commentsOf(pull).filter(({ author }) => author === 'fleet-bot')
    await world.until('the pull request is planned', () => ours().length > 0)
    github.comment(pull, { by: 'alice', body: '/swarmkeeper rollback web' })
    await world.until('the command is answered', () => ours().length > 1)
  }, 90_000)
  afterAll(() => world?.close())

  it('was there: it reached where it belongs', () => {
    const bodies = JSON.stringify(world.engine.writes().map(({ body, headers }) => [body, headers]))
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    expect(bodies).toContain(base64(CANARIES.DB_PASSWORD))
    expect(bodies).toContain(base64(CANARIES.FILE_SECRET))
  })

  it('is in no line of the log, although the world outside repeats it in its errors', () => {
    const leaking = world.lines.filter((line) => leaksIn(line).length > 0)
    expect(leaking.map((line) => [leaksIn(line), line.slice(0, 600)])).toEqual([])
  })

  it('is in no body that was sent to GitHub, to a chat or to the heartbeat', () => {
    expect(world.sent.flatMap(({ to, body }) => leaksIn(body).map((name) => `${name} to ${to}`))).toEqual([])
  })

  it('SEC-11: is in no comment, status or annotation of a pull request that asks for it', () => {
    const { comments, statuses, checkRuns } = world.hub.world
    const ours = comments.filter(({ author }) => author === 'fleet-bot')
    expect(ours.map(({ body }) => body).join()).toContain('evil')
    expect(leaksIn(JSON.stringify([ours, statuses, checkRuns]))).toEqual([])
  })

  it('is in no row of the database', () => {
    expect(world.database()).toContain('settings:DB_PASSWORD')
    expect(leaksIn(world.database())).toEqual([])
  })

  const id = encodeURIComponent('prod/Service/web')
  it.each([
    ...['/healthz', '/readyz', '/metrics', '/', '/webhooks/github', '/setup', '/github-app/exchange-code'],
    ...[
      'status',
      'apps',
      'apps/web',
      'apps/none',
      'plan',
      'apps/web/plan',
      'history',
      'apps/web/history',
      'drift',
      'desired',
    ].map((path) => `/api/v1/${path}`),
    ...['openapi.json', `resources/${id}`, `resources/${id}/explanation`, `resources/${id}/logs`].map(
      (path) => `/api/v1/${path}`,
    ),
    `/api/v1/resources/${encodeURIComponent('prod/Secret/db')}`,
    '/api/v1/status?whole=true',
    '/api/v1/plan?revision=none',
  ])('is in no answer of the API: %s', async (path) => {
    for (const token of [CANARIES.API_TOKEN, 'wrong', '']) {
      const { text } = await world.ask('GET', path, undefined, token)
      expect(text).not.toBe('')
      expect(leaksIn(text)).toEqual([])
    }
  })

  it.each([
    ['/api/v1/reconcile', { wait: true }],
    ['/api/v1/reconcile', { wait: true, app: 'none' }],
    ['/api/v1/apps/web/retry', { wait: true, reason: 'test' }],
    ['/api/v1/apps/web/suspend', { for: '1h', reason: 'test' }],
    ['/api/v1/apps/web/resume', {}],
    ['/webhooks/github', { ref: 'refs/heads/main' }],
  ])('is in no answer to what is asked for: %s %j', async (path, body) => {
    const { text } = await world.ask('POST', path, body)
    expect(leaksIn(text)).toEqual([])
  })

  it.each([
    ...[
      'plan',
      'plan --format json',
      'plan --format markdown',
      'plan --revision none',
      'status',
      'status --format json',
    ],
    ...['history', 'history --format json', 'drift', 'drift --as-patch', 'render', 'render --format json'],
    ...['show prod/Service/web', 'show prod/Secret/db', 'show app-1/File/env', 'explain prod/Service/web'],
    ...['explain app-1/File/env', 'doctor', 'doctor --format json'],
  ])('is in nothing that a command says: %s', async (line) => {
    const words = line.split(' ')
    const engine = createApp(world.settings, { ...world.options, emit: () => {}, warn: () => {} })
    const said = await type(words, { engine: { ...engine, dispose: async () => {} } })
    await engine.dispose()
    expect(said.out + said.err).not.toBe('')
    expect(leaksIn(said.out + said.err)).toEqual([])
  })

  it('would be seen: the answers say something, and a leak of any form is found', async () => {
    for (const path of ['/metrics', '/api/v1/status', `/api/v1/resources/${id}`, '/api/v1/desired', '/api/v1/plan']) {
      expect(await world.ask('GET', path)).toMatchObject({
        status: 200,
        text: expect.stringMatching(/web|swarmkeeper/),
      })
    }
    const basic = Buffer.from('user:canary-plain-password-b5a2').toString('base64')
    expect(leaksIn(`authorization: Basic ${basic}`)).toEqual(['PLAIN_URL'])
    expect(leaksIn(JSON.stringify(CANARIES))).toEqual(Object.keys(CANARIES))
  })

  it('is in no way to print the settings', () => {
    const { settings } = world
    const texts = [
      JSON.stringify(settings),
      inspect(settings, { depth: 20, showHidden: true }),
      `${Object.values(settings).join()}`,
    ]
    for (const text of texts) expect(leaksIn(text)).toEqual([])
  })

  it('is in nothing of the lines and rows that all this has added', () => {
    expect(world.lines.filter((line) => leaksIn(line).length > 0)).toEqual([])
    expect(leaksIn(world.database())).toEqual([])
  })
})
