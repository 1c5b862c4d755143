import { describe, expect, test } from 'vitest'
import { appOf, expand, problemsOf, service, wantedOf } from './expand-world.ts'

const network = (name: string, rest = '') => `kind: Network\nname: ${name}\n${rest}`
const dependsOn = (...names: string[]) => `keeper: { dependsOn: [${names.join(', ')}] }\n`

describe('a reference', () => {
  test('by dependsOn and by use becomes an order', () => {
    const desired = expand({
      'apps/a/a.yaml': [
        service('web', `networks: [front]\n${dependsOn('Service/api', 'prod/Service/db')}`),
        service('api'),
        service('db'),
        network('front'),
      ].join('---\n'),
    })
    expect(wantedOf(desired, 'prod/Service/web').after).toEqual([
      'prod/Network/front',
      'prod/Service/api',
      'prod/Service/db',
    ])
  })

  test('to something that nobody declares is an error where it is written, with the nearest', () => {
    const desired = expand({ 'apps/a/a.yaml': `${service('web', dependsOn('Service/apo'))}---\n${service('api')}` })
    expect(problemsOf(desired)).toEqual([
      "apps/a/a.yaml:4:23 /keeper/dependsOn/0: no document declares 'Service/apo'; did you mean 'Service/api'?",
    ])
  })

  test('to an undeclared network is an error at its name', () => {
    const desired = expand({ 'apps/a/a.yaml': `${service('web', 'networks: [fornt]\n')}---\n${network('front')}` })
    expect(problemsOf(desired)).toEqual([
      "apps/a/a.yaml:4:12 /networks/0: no document declares 'prod/Network/fornt'; did you mean 'prod/Network/front'?",
    ])
  })

  test('to an undeclared secret, which the kind refuses, says the nearest too', () => {
    const secret = 'kind: Secret\nname: db\nfrom: settings:DB_PASSWORD\n'
    const desired = expand({ 'apps/a/a.yaml': `${service('web', 'secrets: [bd]\n')}---\n${secret}` })
    expect(problemsOf(desired)).toEqual([
      "apps/a/a.yaml:4:11 /secrets/0: no Secret 'bd' is declared; did you mean 'Secret/db'?",
    ])
  })

  test('across targets must say the target where two have the name', () => {
    const swarm = (name: string) => `kind: Swarm\nname: ${name}\nendpoints: [unix:///x]\n`
    const other = (reference: string) =>
      expand({
        'targets/all.yaml': ['one', 'two'].map(swarm).join('---\n'),
        'apps/a/a.yaml': [
          service('web', `target: prod\n${dependsOn(reference)}`),
          service('db', 'target: one\n'),
          service('db', 'target: two\n'),
        ].join('---\n'),
      })
    expect(problemsOf(other('Service/db'))).toEqual([
      "apps/a/a.yaml:5:23 /keeper/dependsOn/0: 'Service/db' is on several targets; write one of one/Service/db, two/Service/db",
    ])
    expect(wantedOf(other('two/Service/db'), 'prod/Service/web').after).toEqual(['two/Service/db'])
  })

  test('to another app orders the apps; to an external thing it orders nothing', () => {
    const desired = expand({
      'apps/web/web.yaml': `${service('web', `networks: [front, host]\n`)}---\n${network('host', 'external: true\n')}`,
      'apps/base/base.yaml': network('front'),
      'apps/other/other.yaml': `${service('other', 'networks: [host]\n')}---\n${network('host', 'external: true\n')}`,
    })
    expect(problemsOf(desired)).toEqual([])
    expect(appOf(desired, 'web').dependsOnApps).toEqual(['base'])
    expect(wantedOf(desired, 'prod/Service/web').after).toEqual(['prod/Network/front'])
    expect(appOf(desired, 'other').dependsOnApps).toEqual([])
  })
})

describe('a cycle', () => {
  test('is named as a whole, with positions', () => {
    const desired = expand({
      'apps/a/a.yaml': `${service('x', dependsOn('Service/y'))}---\n${service('y', dependsOn('Service/x'))}`,
      'apps/b/b.yaml': service('z', dependsOn('Service/x')),
    })
    expect(problemsOf(desired)).toEqual([
      'apps/a/a.yaml:4:23 these wait for each other: prod/Service/x (apps/a/a.yaml:4:23) -> ' +
        'prod/Service/y (apps/a/a.yaml:9:23) -> prod/Service/x',
    ])
    expect(appOf(desired, 'a').broken).toBe(true)
    expect(appOf(desired, 'b').broken).toBe(false)
  })

  test('of one document with itself is one too', () => {
    const desired = expand({ 'apps/a/a.yaml': service('x', dependsOn('Service/x')) })
    expect(problemsOf(desired)).toEqual([
      'apps/a/a.yaml:4:23 these wait for each other: prod/Service/x (apps/a/a.yaml:4:23) -> prod/Service/x',
    ])
  })

  test('of apps is an error of each of them', () => {
    const desired = expand({
      'apps/a/a.yaml': `${service('a1', dependsOn('Service/b1'))}---\n${service('a2')}`,
      'apps/b/b.yaml': `${service('b1')}---\n${service('b2', dependsOn('Service/a2'))}`,
      'apps/c/c.yaml': service('c', dependsOn('Service/a2')),
    })
    const message =
      'these apps wait for each other: a (prod/Service/a1 needs prod/Service/b1, apps/a/a.yaml:4:23) -> ' +
      'b (prod/Service/b2 needs prod/Service/a2, apps/b/b.yaml:8:23) -> a'
    expect(problemsOf(desired)).toEqual([`apps/a/a.yaml:4:23 ${message}`, `apps/b/b.yaml:8:23 ${message}`])
    expect(['a', 'b', 'c'].map((app) => appOf(desired, app).broken)).toEqual([true, true, false])
  })
})

describe('an id', () => {
  test('declared twice is an error of the newcomer, and the first one is unaffected', () => {
    const desired = expand({
      'apps/a/a.yaml': service('web'),
      'apps/b/b.yaml': `${service('other')}---\n${service('web')}`,
    })
    expect(problemsOf(desired)).toEqual([
      'apps/b/b.yaml:6:7 /name: prod/Service/web is already declared at apps/a/a.yaml:1:1',
    ])
    expect(appOf(desired, 'a')).toMatchObject({ broken: false, wanted: [{ id: 'prod/Service/web' }] })
    expect(appOf(desired, 'b')).toMatchObject({ broken: true, wanted: [{ id: 'prod/Service/other' }] })
  })

  test('is what the thing is called live: two documents with one live name are twice the same', () => {
    const desired = expand({
      'apps/a/a.yaml': service('web', 'hostname: site\n'),
      'apps/b/b.yaml': service('page', 'hostname: site\n'),
    })
    expect(problemsOf(desired)).toEqual([
      'apps/b/b.yaml:2:7 /name: prod/Service/web has the same name on its target, prod/Service/site; see apps/a/a.yaml:1:1',
    ])
    expect(appOf(desired, 'a')).toMatchObject({ broken: false, wanted: [{ id: 'prod/Service/site' }] })
    expect(appOf(desired, 'b')).toMatchObject({ broken: true, wanted: [] })
  })
})

describe('an error', () => {
  test('breaks its own app, of which the rest is still rendered', () => {
    const desired = expand({
      'apps/a/a.yaml': `kind: Service\nname: bad\nimage: bad\n---\n${service('good')}`,
      'apps/b/b.yaml': service('fine'),
    })
    expect(problemsOf(desired)).toEqual(['apps/a/a.yaml:3:8 /image: that is a bad image'])
    expect(appOf(desired, 'a')).toMatchObject({ broken: true, wanted: [{ id: 'prod/Service/good' }] })
    expect(appOf(desired, 'b').broken).toBe(false)
  })

  test('of what an app uses is its error too, saying where', () => {
    const desired = expand({
      'apps/a/a.yaml': 'kind: Secret\nname: db\nfrom: settings:NOPE\n',
      'apps/b/b.yaml': service('web', 'secrets: [db]\n'),
    })
    expect(problemsOf(desired)).toEqual([
      "apps/a/a.yaml:3:7 /from: the operator's settings have no secret 'NOPE'",
      'apps/b/b.yaml:1:1 it uses prod/Secret/db, which has errors (apps/a/a.yaml:1:1)',
    ])
  })

  test('is a kind that nobody makes resources of', () => {
    const desired = expand({ 'apps/a/a.yaml': 'kind: Node\nname: n\navailability: drain\n' })
    expect(problemsOf(desired)).toEqual(["apps/a/a.yaml:1:7 /kind: 'Node' is no kind of an app"])
  })
})
