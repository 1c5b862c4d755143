import { describe, expect, test } from 'vitest'
import { appOf, problemsOf } from './expand-world.ts'
import { documents, service, validate } from './real-world.ts'

const undeclared = (kind: string, name: string): string =>
  `no ${kind} '${name}' is declared; one that exists and is not ours needs a document with \`external: true\``
const dependsOn = (...names: readonly string[]): string => `keeper: { dependsOn: [${names.join(', ')}] }\n`
const errorsOf = (texts: Parameters<typeof validate>[0]) => problemsOf(validate(texts))

describe('all mistakes of a document are told at once', () => {
  test('every reference that leads nowhere', () => {
    const text = service(
      'web',
      `secrets: [s1, s2]\nconfigs: [c1]\nnetworks: [n1]\nenvFile: no.env\n${dependsOn('Service/database', 'Job/y')}`,
    )
    expect(errorsOf({ 'apps/a/a.yaml': text })).toEqual([
      `apps/a/a.yaml:4:11 /secrets/0: ${undeclared('Secret', 's1')}`,
      `apps/a/a.yaml:4:15 /secrets/1: ${undeclared('Secret', 's2')}`,
      `apps/a/a.yaml:5:11 /configs/0: ${undeclared('Config', 'c1')}`,
      `apps/a/a.yaml:6:12 /networks/0: ${undeclared('Network', 'n1')}`,
      "apps/a/a.yaml:7:10 /envFile: there is no file 'apps/a/no.env' in the repository",
      "apps/a/a.yaml:8:23 /keeper/dependsOn/0: no document declares 'Service/database'",
      "apps/a/a.yaml:8:41 /keeper/dependsOn/1: no document declares 'Job/y'",
    ])
  })

  test('what the schema cannot say, field by field, beside them', () => {
    const text = service('web', 'ports: ["1:2:3:4"]\nmounts: ["a:b:c:d:e"]\nconstraints: [one, two]\nsecrets: [s]\n')
    expect(errorsOf({ 'apps/a/a.yaml': text }).map((line) => line.split(': ')[0])).toEqual([
      'apps/a/a.yaml:4:9 /ports/0',
      'apps/a/a.yaml:5:10 /mounts/0',
      'apps/a/a.yaml:6:15 /constraints/0',
      'apps/a/a.yaml:6:20 /constraints/1',
      'apps/a/a.yaml:7:11 /secrets/0',
    ])
  })

  test('references of a document that its schema refuses, with the nearest', () => {
    const config = 'kind: Config\nname: conf\ncontent: x\n'
    const text = documents(
      service('web', `replcas: 2\nsecrets: [s]\nconfigs: [{ source: cnof }]\nnetworks: [5, host]\n`),
      config,
    )
    expect(errorsOf({ 'apps/a/a.yaml': text })).toEqual([
      "apps/a/a.yaml:4:1 /replcas: unknown key 'replcas'; did you mean 'replicas'?",
      "apps/a/a.yaml:5:11 /secrets/0: no document declares 'Secret/s'",
      "apps/a/a.yaml:6:11 /configs/0: no document declares 'Config/cnof'; did you mean 'Config/conf'?",
      expect.stringContaining('apps/a/a.yaml:7:12 /networks/0: expected'),
    ])
  })

  test('references and files of a job that its schema refuses', () => {
    const job =
      'kind: Job\nname: j\nwhen: now\ntriggers: [Service/x]\nservice: { image: j:1, secrets: [s], envFile: [no.env] }\n'
    expect(errorsOf({ 'apps/a/a.yaml': job })).toEqual([
      "apps/a/a.yaml:3:7 /when: 'now' is not one of before, after",
      "apps/a/a.yaml:4:12 /triggers/0: no document declares 'Service/x'",
      "apps/a/a.yaml:5:34 /service/secrets/0: no document declares 'Secret/s'",
      "apps/a/a.yaml:5:48 /service/envFile/0: there is no file 'apps/a/no.env' in the repository",
    ])
  })

  test('variables that are not set, and what the schema has against the rest', () => {
    const text = service('web', `hostname: "\${NOPE}"\nreplicas: \${NONE}\nreplcas: 2\nports: ["\${P}:80"]\n`)
    expect(errorsOf({ 'apps/a/a.yaml': text })).toEqual([
      "apps/a/a.yaml:4:11 /hostname: the variable 'NOPE' is not set",
      "apps/a/a.yaml:5:11 /replicas: the variable 'NONE' is not set",
      "apps/a/a.yaml:6:1 /replcas: unknown key 'replcas'; did you mean 'replicas'?",
      "apps/a/a.yaml:7:9 /ports/0: the variable 'P' is not set",
    ])
  })
})

describe('what is declared with errors is declared', () => {
  const broken = 'kind: Secret\nname: db\nfile: 5\n'
  const errors = 'apps/a/a.yaml:3:7 /file: expected'

  test('so who uses it in the same app is told nothing', () => {
    const found = errorsOf({
      'apps/a/a.yaml': broken,
      'apps/a/web.yaml': documents(service('web', 'secrets: [db]\n'), service('w2', dependsOn('Secret/db'))),
    })
    expect(found).toEqual([expect.stringContaining(errors)])
  })

  test('and in another app, that it has errors, and where', () => {
    const desired = validate({
      'apps/a/a.yaml': broken,
      'apps/b/b.yaml': documents(service('web', 'secrets: [db]\n'), service('w2', dependsOn('Secret/db'))),
    })
    expect(problemsOf(desired)).toEqual([
      expect.stringContaining(errors),
      'apps/b/b.yaml:1:1 it uses prod/Secret/db, which has errors (apps/a/a.yaml:1:1)',
      "apps/b/b.yaml:9:23 /keeper/dependsOn/0: 'Secret/db' is declared with errors, see apps/a/a.yaml:1:1",
    ])
    expect(appOf(desired, 'b').broken).toBe(true)
  })

  test('also where its file is no YAML, as far as it could be read', () => {
    const found = errorsOf({
      'apps/a/a.yaml': 'kind: Network\nname: front\n---\nkind: Network\nname: back\noptions: [\n',
      'apps/a/web.yaml': service('web', 'networks: [front, back]\n'),
    })
    expect(found.filter((line) => !line.startsWith('apps/a/a.yaml'))).toEqual([])
    expect(found.length).toBeGreaterThan(0)
  })

  test('what nobody is known to declare may stand in what could not be read, and the message says so', () => {
    const found = errorsOf({ 'apps/a/a.yaml': 'kind: [\n', 'apps/b/b.yaml': service('web', dependsOn('Service/x')) })
    expect(found).toContain(
      "apps/b/b.yaml:4:23 /keeper/dependsOn/0: no document declares 'Service/x'; apps/a/a.yaml could not be read, and may declare it",
    )
  })

  test('also where its target is not there', () => {
    const found = errorsOf({
      'apps/a/a.yaml': documents(
        'kind: Network\nname: front\ntarget: nowhere\n',
        service('web', dependsOn('Network/front')),
      ),
    })
    expect(found).toEqual(["apps/a/a.yaml:3:9 /target: no target is called 'nowhere'"])
  })

  test('and a check, too', () => {
    const found = errorsOf({
      'apps/a/a.yaml': 'kind: Check\nname: smoke\nhttp: { url: 5 }\n',
      'apps/a/web.yaml': service('web', 'keeper: { checks: [Check/smoke, Check/other] }\n'),
    })
    expect(found).toEqual([
      expect.stringContaining('apps/a/a.yaml:3:14 /http/url: expected'),
      "apps/a/web.yaml:4:33 /keeper/checks/1: no document declares 'Check/other'",
    ])
  })

  test('its name is taken: nobody else may declare it, and so take what it owns', () => {
    const desired = validate({ 'apps/a/a.yaml': service('web', 'replcas: 1\n'), 'apps/b/b.yaml': service('web') })
    expect(problemsOf(desired)).toEqual([
      "apps/a/a.yaml:4:1 /replcas: unknown key 'replcas'; did you mean 'replicas'?",
      'apps/b/b.yaml:2:7 /name: prod/Service/web is already declared at apps/a/a.yaml:1:1',
    ])
    expect(appOf(desired, 'b').wanted).toEqual([])
  })

  test('but it is the newcomer where the name is owned by the other', () => {
    const owners = new Map([['prod/Service/web', 'b']])
    const texts = { 'apps/a/a.yaml': service('web', 'replcas: 1\n'), 'apps/b/b.yaml': service('web') }
    const desired = validate(texts, owners)
    expect(appOf(desired, 'b')).toMatchObject({ broken: false, wanted: [{ id: 'prod/Service/web' }] })
    expect(problemsOf(desired)).toContain(
      'apps/a/a.yaml:2:7 /name: prod/Service/web is already declared at apps/b/b.yaml:1:1',
    )
  })

  test('nor by a kind that shares its names with it, whatever else is wrong with either', () => {
    const job = 'kind: Job\nname: web\nwhen: now\nservice: { image: j:1 }\n'
    const found = errorsOf({ 'apps/a/a.yaml': service('web', 'secrets: [s]\n'), 'apps/b/b.yaml': job })
    expect(found).toEqual([
      `apps/a/a.yaml:4:11 /secrets/0: ${undeclared('Secret', 's')}`,
      expect.stringContaining('apps/b/b.yaml:2:7 /name: prod/Service/web has the same name, see apps/a/a.yaml:1:1'),
      "apps/b/b.yaml:3:7 /when: 'now' is not one of before, after",
    ])
  })

  test('its ports are taken, too', () => {
    const found = errorsOf({
      'apps/a/a.yaml': service('a', 'secrets: [s]\nports: ["80:80"]\n'),
      'apps/b/b.yaml': service('b', 'ports: ["80:80"]\n'),
    })
    expect(found).toEqual([
      `apps/a/a.yaml:4:11 /secrets/0: ${undeclared('Secret', 's')}`,
      expect.stringContaining('apps/b/b.yaml:4:9 /ports/0: port 80/tcp is published by prod/Service/a already'),
    ])
  })

  test('mistakes under `keeper` are told of a document that has others', () => {
    const text = service('web', 'secrets: [s]\nkeeper: { checks: [Check/none] }\n')
    expect(errorsOf({ 'apps/a/a.yaml': text })).toEqual([
      `apps/a/a.yaml:4:11 /secrets/0: ${undeclared('Secret', 's')}`,
      "apps/a/a.yaml:5:20 /keeper/checks/0: no document declares 'Check/none'",
    ])
  })
})

describe('what follows from a mistake that was told is not told again', () => {
  const user = service('web', 'networks: [front]\n')

  test.each([
    ['a misspelt kind', 'kind: Netwrk\nname: front\n', "1:7 /kind: unknown kind 'Netwrk'; did you mean 'Network'?"],
    ['a kind that is missing', 'name: front\n', "1:1 the key 'kind' is missing"],
    ['a misspelt key', 'knd: Network\nname: front\n', "1:1 /knd: unknown key 'knd'; did you mean 'kind'?"],
  ])('%s: who refers to what it declares is not told that nobody does', (_what, broken, message) => {
    expect(errorsOf({ 'apps/a/a.yaml': documents(broken, user) })).toEqual([`apps/a/a.yaml:${message}`])
  })

  test('a kind that nobody can guess may be the one, but not under another name', () => {
    const [first, ...others] = errorsOf({ 'apps/a/a.yaml': documents('kind: Lan\nname: front\n', user) })
    expect(first).toContain("/kind: unknown kind 'Lan'; known here:")
    expect(others).toEqual([])
    expect(errorsOf({ 'apps/a/a.yaml': documents('kind: Lan\nname: back\n', user) })).toContain(
      `apps/a/a.yaml:7:12 /networks/0: ${undeclared('Network', 'front')}`,
    )
  })

  test('another app that needs it waits, and is told where it stands', () => {
    expect(errorsOf({ 'apps/a/a.yaml': 'kind: Netwrk\nname: front\n', 'apps/b/b.yaml': user })).toEqual([
      "apps/a/a.yaml:1:7 /kind: unknown kind 'Netwrk'; did you mean 'Network'?",
      'apps/b/b.yaml:1:1 it uses prod/Network/front, which has errors (apps/a/a.yaml:1:1)',
    ])
  })

  test('a target that was not read rightly is missed once by each app', () => {
    const texts = { 'targets/prod.yaml': 'kind: Swarm\nname: prod\n' }
    const apps = { 'apps/a/a.yaml': documents(service('x'), service('y')), 'apps/b/b.yaml': service('z') }
    const desired = validate({ ...texts, ...apps })
    expect(problemsOf(desired)).toEqual([
      'apps/a/a.yaml:1:1 no Swarm is declared under targets/ (something under targets/ could not be read)',
      'apps/b/b.yaml:1:1 no Swarm is declared under targets/ (something under targets/ could not be read)',
      expect.stringContaining("the key 'endpoints' is missing"),
    ])
    expect([appOf(desired, 'a').broken, appOf(desired, 'b').broken]).toEqual([true, true])
  })
})
