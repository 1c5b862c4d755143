import { describe, expect, test } from 'vitest'
import { repo } from '../../support/repository.ts'
import { appOf, expand, expandRepository, problemsOf, service, wantedOf } from './expand-world.ts'
import { expandHosts, host } from './host-world.ts'

const swarm = (name: string) => `kind: Swarm\nname: ${name}\nendpoints: [unix:///var/run/docker.sock]\n`

describe('the target of a resource', () => {
  test('is the only Swarm of the fleet where the document names none', () => {
    const desired = expand({ 'apps/a/a.yaml': service('a') })
    expect(wantedOf(desired, 'prod/Service/a').app).toBe('a')
    expect(desired.targets).toMatchObject([
      { name: 'prod', kind: 'Swarm', config: { endpoints: ['unix:///var/run/docker.sock'] } },
    ])
  })

  test('must be said where the fleet has several', () => {
    const desired = expand({ 'targets/test.yaml': swarm('test'), 'apps/a/a.yaml': service('a') })
    expect(problemsOf(desired)).toEqual(['apps/a/a.yaml:1:1 say the target: the fleet has the Swarms prod, test'])
    expect(appOf(desired, 'a')).toMatchObject({ broken: true, wanted: [] })
  })

  test('is an error with the nearest name where it is unknown', () => {
    const desired = expand({ 'apps/a/a.yaml': service('a', 'target: prdo\n'), 'apps/b/b.yaml': service('b') })
    expect(problemsOf(desired)).toEqual(["apps/a/a.yaml:4:9 /target: no target is called 'prdo'; did you mean 'prod'?"])
    expect(appOf(desired, 'b').broken).toBe(false)
  })

  test('is not guessed while a file of targets cannot be read: the fleet may have another Swarm', () => {
    const { documents, files } = repo({
      'apps/a/a.yaml': service('a'),
      'apps/b/b.yaml': service('b', 'target: prod\n'),
    })
    const position = { path: 'targets/test.yaml', line: 1, column: 1 }
    const problem = { severity: 'error', position, pointer: '', message: 'is not YAML' } as const
    const desired = expandRepository({ documents: { ...documents, problems: [problem] }, files })
    expect(desired.brokenTargets).toEqual(['a file under targets/'])
    expect(problemsOf(desired)).toEqual([
      "apps/a/a.yaml:1:1 say the target, for example 'target: prod' (something under targets/ could not be read)",
      'targets/test.yaml:1:1 is not YAML',
    ])
    expect(appOf(desired, 'a').broken).toBe(true)
    expect(appOf(desired, 'b').broken).toBe(false)
  })

  test('that is declared with errors breaks what uses it, and nothing else', () => {
    const { documents, files } = repo({
      'apps/a/a.yaml': service('a', 'target: test\n'),
      'apps/b/b.yaml': service('b', 'target: prod\n'),
    })
    const desired = expandRepository({ documents: { ...documents, brokenTargets: new Set(['test']) }, files })
    expect(problemsOf(desired)).toEqual(["apps/a/a.yaml:4:9 /target: the target 'test' is declared with errors"])
    expect(appOf(desired, 'b').broken).toBe(false)
  })

  test('is not used when it is declared twice: a guess would write to the wrong place', () => {
    const desired = expand({ 'targets/again.yaml': swarm('prod'), 'apps/a/a.yaml': service('a', 'target: prod\n') })
    expect(desired.targets).toEqual([])
    expect(desired.brokenTargets).toEqual(['prod'])
    expect(problemsOf(desired)).toEqual([
      "apps/a/a.yaml:4:9 /target: the target 'prod' is declared with errors",
      "targets/prod.yaml:2:7 /name: the target 'prod' is already declared at targets/again.yaml:1:1; neither is used",
    ])
    expect(appOf(desired, 'a').broken).toBe(true)
  })
})

test('two hosts of one address are neither used: each would own what the other does', () => {
  const machine = (name: string, more = '') => host(name).replace(`${name}.test`, `10.0.0.11${more}`)
  const desired = expandHosts({
    'targets/a.yaml': machine('app-1'),
    'targets/b.yaml': machine('app-2', '\nport: 22'),
    'targets/c.yaml': machine('app-3', '\nport: 2222'),
  })
  expect(problemsOf(desired)).toEqual([
    "targets/b.yaml:1:1 /address: this is the address of the host 'app-1', at targets/a.yaml:1:1; a machine has one document: neither is used",
  ])
  expect(desired.targets.map(({ name }) => name)).toEqual(['app-3'])
  expect(desired.brokenTargets).toEqual(['app-1', 'app-2'])
})

test('without a readable fleet document every app waits: its windows and policies are not known', () => {
  const { documents, files } = repo({ 'swarmkeeper.yaml': '', 'apps/a/a.yaml': service('a') })
  const desired = expandRepository({ documents, files })
  expect(appOf(desired, 'a')).toMatchObject({ broken: true, wanted: [{ id: 'prod/Service/a' }] })
})
