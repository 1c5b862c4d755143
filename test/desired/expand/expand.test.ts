import { describe, expect, test } from 'vitest'
import { defaultHandling } from '../../../src/model/resource.ts'
import { appOf, expand, problemsOf, service, wantedOf } from './expand-world.ts'

describe('an app', () => {
  const desired = expand({ 'apps/hello/hello.yaml': service('hello') })

  test('is the folder, with its resources, their digests and where they are written', () => {
    const app = appOf(desired, 'hello')
    expect(app).toMatchObject({ app: 'hello', broken: false, dependsOnApps: [], gates: [] })
    expect(app.wanted).toMatchObject([
      {
        id: 'prod/Service/hello',
        kind: 'Service',
        app: 'hello',
        spec: { image: 'hello:1' },
        after: [],
        origin: { path: 'apps/hello/hello.yaml', line: 1, column: 1 },
      },
    ])
    expect(problemsOf(desired)).toEqual([])
  })

  test('has another digest when a resource changes, and the same when only its treatment changes', () => {
    const digest = (text: string) => appOf(expand({ 'apps/hello/hello.yaml': text }), 'hello').digest
    const before = digest(service('hello'))
    expect(digest(service('hello', 'networks: []\n'))).toBe(before)
    expect(digest(service('hello', 'keeper: { timeout: 9m }\n'))).toBe(before)
    expect(digest('kind: Service\nname: hello\nimage: hello:2\n')).not.toBe(before)
  })

  test('is known by its addresses, generations resolved', () => {
    const secret = 'kind: Secret\nname: db\nfrom: settings:DB_PASSWORD\n'
    const { addresses } = expand({ 'apps/hello/all.yaml': `${service('hello')}---\n${secret}` })
    expect(addresses.get('prod/Service/hello')).toEqual(['prod/Service/hello'])
    expect(addresses.get('prod/Secret/db')).toEqual([expect.stringMatching(/^prod\/Secret\/db_[0-9a-f]{12}$/)])
  })
})

describe('the fleet', () => {
  test('has defaults', () => {
    expect(expand({}).fleet).toEqual({ drift: 'safe', maxFailedApps: 3, canary: [], windows: [] })
  })

  test('names its canaries by folder, and a missing one is a warning that breaks nothing', () => {
    const desired = expand({
      'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\ncanary: [apps/hello, apps/helo]\nmaxFailedApps: 1\ndrift: heal\n',
      'apps/hello/hello.yaml': service('hello'),
    })
    expect(desired.fleet).toMatchObject({ canary: ['hello', 'helo'], maxFailedApps: 1, drift: 'heal' })
    expect(problemsOf(desired)).toEqual([
      "swarmkeeper.yaml:3:22 warning: /canary/1: there is no app 'helo' to be the canary; did you mean 'hello'?",
    ])
    expect(appOf(desired, 'hello').broken).toBe(false)
  })

  test('an app follows another one of this fleet, and neither itself nor one that is missing', () => {
    const follows = (app: string) => `${service('x')}keeper: { after: { app: ${app}, healthyFor: 30m } }\n`
    const desired = expand({
      'apps/hello/hello.yaml': service('hello'),
      'apps/prod/x.yaml': follows('apps/hello'),
    })
    expect(appOf(desired, 'prod').wanted[0]?.handling.follows).toEqual({ app: 'hello', healthyForMs: 1_800_000 })
    expect(problemsOf(expand({ 'apps/prod/x.yaml': follows('prod') })).join()).toContain('prod cannot follow itself')
    const missing = expand({ 'apps/hello/hello.yaml': service('hello'), 'apps/prod/x.yaml': follows('helo') })
    expect(problemsOf(missing).join()).toContain("there is no app 'helo'; did you mean 'hello'?")
  })
})

describe('handling', () => {
  test('is all defaults where keeper says nothing, with the drift policy of the fleet', () => {
    const desired = expand({
      'swarmkeeper.yaml': 'kind: Fleet\nversion: 1\ndrift: report\n',
      'apps/hello/hello.yaml': service('hello'),
    })
    expect(wantedOf(desired, 'prod/Service/hello').handling).toEqual({ ...defaultHandling, drift: 'report' })
  })

  test('takes everything that keeper says', () => {
    const keeper = `keeper:
  adopt: true
  moved: { from: old-hello }
  prune: keep
  drift: ignore
  ignore: [{ field: /replicas, reason: scaled by hand }]
  suspend: true
  rollback: hold
  onFirstFailure: remove
  stableFor: 30s
  bake: 1h
  timeout: 2m30s
  checks: [{ tcp: { host: h, port: 1 } }, { name: port, tcp: { host: h, port: 2 } }]
`
    const desired = expand({ 'apps/hello/hello.yaml': service('hello', keeper) })
    expect(wantedOf(desired, 'prod/Service/hello').handling).toMatchObject({
      adopt: 'stamp',
      movedFrom: 'old-hello',
      prune: 'keep',
      drift: 'ignore',
      ignore: [{ field: '/replicas', reason: 'scaled by hand' }],
      suspend: true,
      rollback: 'hold',
      onFirstFailure: 'remove',
      stableForMs: 30_000,
      bakeMs: 3_600_000,
      timeoutMs: 150_000,
      checks: [
        { name: 'hello check 1', probe: { port: 1 } },
        { name: 'port', probe: { port: 2 } },
      ],
    })
  })

  test.each([
    ['true', 'stamp'],
    ['converge', 'converge'],
    ['false', 'no'],
  ])('adopt: %s means %s', (written, adopt) => {
    const desired = expand({ 'apps/hello/hello.yaml': service('hello', `keeper: { adopt: ${written} }\n`) })
    expect(wantedOf(desired, 'prod/Service/hello').handling.adopt).toBe(adopt)
  })

  test('keeps two older generations of a secret, or as many as it says', () => {
    const secret = 'kind: Secret\nfrom: settings:DB_PASSWORD\n'
    const desired = expand({ 'apps/a/a.yaml': `${secret}name: two\n---\n${secret}name: five\nkeep: 5\n` })
    expect(appOf(desired, 'a').wanted.map((wanted) => wanted.handling.keep)).toEqual([5, 2])
  })

  test('refuses a time that is none, where it is written', () => {
    const desired = expand({ 'apps/hello/hello.yaml': service('hello', 'keeper: { bake: soon }\n') })
    expect(problemsOf(desired)).toEqual([
      "apps/hello/hello.yaml:4:17 /keeper/bake: 'soon' is not a duration like 5s, 1m30s, 500ms or 1h",
    ])
    expect(appOf(desired, 'hello').broken).toBe(true)
  })
})

describe('checks', () => {
  const smoke = 'kind: Check\nname: smoke\ntcp: { host: h, port: 80 }\n'

  test('of an app are its gates', () => {
    const desired = expand({ 'apps/a/a.yaml': `${service('a')}---\n${smoke}---\n${smoke.replace('smoke', 'ping')}` })
    expect(appOf(desired, 'a').gates.map((check) => check.name)).toEqual(['Check/ping', 'Check/smoke'])
  })

  test('may be named by a resource', () => {
    const desired = expand({ 'apps/a/a.yaml': `${service('a', 'keeper: { checks: [Check/smoke] }\n')}---\n${smoke}` })
    expect(wantedOf(desired, 'prod/Service/a').handling.checks).toMatchObject([{ name: 'Check/smoke' }])
  })

  test('of the same name live in two apps, and each app means its own', () => {
    const app = (port: number) =>
      `${service(`s${port}`, 'keeper: { checks: [Check/smoke] }\n')}---\n${smoke.replace('80', String(port))}`
    const desired = expand({ 'apps/a/a.yaml': app(1), 'apps/b/b.yaml': app(2) })
    expect(problemsOf(desired)).toEqual([])
    expect(wantedOf(desired, 'prod/Service/s2').handling.checks).toMatchObject([{ probe: { port: 2 } }])
  })

  test('that nobody declares are an error with the nearest', () => {
    const desired = expand({ 'apps/a/a.yaml': `${service('a', 'keeper: { checks: [Check/smoek] }\n')}---\n${smoke}` })
    expect(problemsOf(desired)).toEqual([
      "apps/a/a.yaml:4:20 /keeper/checks/0: no document declares 'Check/smoek'; did you mean 'Check/smoke'?",
    ])
  })
})
