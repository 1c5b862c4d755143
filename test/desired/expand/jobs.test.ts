import { describe, expect, test } from 'vitest'
import { appOf, expand, problemsOf, service, wantedOf } from './expand-world.ts'

const network = 'kind: Network\nname: back\n'
const job = (name: string, rest = '', inside = '') =>
  `kind: Job\nname: ${name}\n${rest}service: { image: tool:1${inside} }\n`
const app = (...documents: string[]) => expand({ 'apps/a/a.yaml': documents.join('---\n') })

describe('a job', () => {
  test('runs before the services of its app, and after what it uses', () => {
    const desired = app(job('migrate', '', ', networks: [back]'), service('web'), service('api'), network)
    expect(wantedOf(desired, 'prod/Job/migrate').after).toEqual(['prod/Network/back'])
    expect(wantedOf(desired, 'prod/Service/web').after).toEqual(['prod/Job/migrate'])
    expect(wantedOf(desired, 'prod/Service/api').after).toEqual(['prod/Job/migrate'])
    expect(wantedOf(desired, 'prod/Network/back').after).toEqual([])
  })

  test('leaves services of other apps alone', () => {
    const desired = expand({ 'apps/a/a.yaml': job('migrate'), 'apps/b/b.yaml': service('web') })
    expect(wantedOf(desired, 'prod/Service/web').after).toEqual([])
  })

  test('comes after the services that it depends on, and before the others', () => {
    const migrate = job('migrate', 'keeper: { dependsOn: [Service/db] }\n')
    const desired = app(
      migrate,
      service('db', 'keeper: { dependsOn: [Service/disk] }\n'),
      service('disk'),
      service('web'),
    )
    expect(problemsOf(desired)).toEqual([])
    expect(wantedOf(desired, 'prod/Job/migrate').after).toEqual(['prod/Service/db'])
    expect(wantedOf(desired, 'prod/Service/disk').after).toEqual([])
    expect(wantedOf(desired, 'prod/Service/web').after).toEqual(['prod/Job/migrate'])
  })

  test('and another that need different services do not wait for each other', () => {
    const needs = (name: string, of: string) => job(name, `keeper: { dependsOn: [Service/${of}] }\n`)
    const desired = app(needs('one', 'a'), needs('two', 'b'), service('a'), service('b'))
    expect(problemsOf(desired)).toEqual([])
  })

  test('with when: after comes last, but for what depends on it', () => {
    const desired = app(
      job('seed', 'when: after\n'),
      job('migrate'),
      service('web'),
      service('report', 'keeper: { dependsOn: [Job/seed] }\n'),
      network,
    )
    expect(problemsOf(desired)).toEqual([])
    expect(wantedOf(desired, 'prod/Job/seed').after).toEqual(['prod/Job/migrate', 'prod/Service/web'])
    expect(wantedOf(desired, 'prod/Service/report').after).toEqual(['prod/Job/migrate', 'prod/Job/seed'])
  })
})

describe('a trigger', () => {
  const triggered = (image: string, rest = '') =>
    app(job('migrate', 'triggers: [Service/web]\n'), `kind: Service\nname: web\nimage: ${image}\n${rest}`)

  test('is the digest of what it names, by its address', () => {
    const desired = triggered('web:1')
    const { digest } = wantedOf(desired, 'prod/Service/web')
    expect(wantedOf(desired, 'prod/Job/migrate').spec).toMatchObject({ triggers: { 'prod/Service/web': digest } })
    expect(wantedOf(desired, 'prod/Service/web').after).toEqual(['prod/Job/migrate'])
  })

  test('changes the digest of the job with that of the resource, and with nothing else', () => {
    const digest = (image: string, rest?: string) => wantedOf(triggered(image, rest), 'prod/Job/migrate').digest
    expect(digest('web:2')).not.toBe(digest('web:1'))
    expect(digest('web:1', 'keeper: { bake: 9m }\n')).toBe(digest('web:1'))
  })

  test('follows triggers of triggers', () => {
    const digest = (image: string) => {
      const chain = [job('one', 'triggers: [Job/two]\n'), job('two', 'triggers: [Service/web]\n')]
      return wantedOf(app(...chain, `kind: Service\nname: web\nimage: ${image}\n`), 'prod/Job/one').digest
    }
    expect(digest('web:2')).not.toBe(digest('web:1'))
  })

  test('of another app orders the apps', () => {
    const desired = expand({
      'apps/a/a.yaml': job('migrate', 'triggers: [Service/db]\n'),
      'apps/b/b.yaml': service('db'),
    })
    expect(appOf(desired, 'a').dependsOnApps).toEqual(['b'])
  })

  test('in a circle is an error that names it', () => {
    const desired = app(job('one', 'triggers: [Job/two]\n'), job('two', 'triggers: [Job/one]\n'))
    expect(problemsOf(desired)).toEqual([
      'apps/a/a.yaml:3:12 these wait for each other: prod/Job/one (apps/a/a.yaml:3:12) -> ' +
        'prod/Job/two (apps/a/a.yaml:8:12) -> prod/Job/one',
    ])
  })

  test('cannot be an external thing', () => {
    const desired = app(job('one', 'triggers: [Network/front]\n'), 'kind: Network\nname: front\nexternal: true\n')
    expect(problemsOf(desired)).toEqual([
      'apps/a/a.yaml:3:12 /triggers/0: prod/Network/front is external: its changes are not seen',
    ])
  })
})
