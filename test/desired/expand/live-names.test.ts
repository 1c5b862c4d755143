import { describe, expect, test } from 'vitest'
import { appOf, problemsOf } from './expand-world.ts'
import { documents, job, service, validate } from './real-world.ts'

const taken = (owner: string, where: string, one: string, other: string): string =>
  `/name: prod/${owner} has the same name, see ${where}: a ${one} and a ${other} share their names on a target, ` +
  'give one another name'

describe('a job and a service of one name on one target would replace each other', () => {
  test('so the newcomer of two apps is refused, and named where the other stands', () => {
    const desired = validate({ 'apps/a/a.yaml': service('web'), 'apps/b/b.yaml': documents(service('x'), job('web')) })
    expect(problemsOf(desired)).toEqual([
      `apps/b/b.yaml:6:7 ${taken('Service/web', 'apps/a/a.yaml:1:1', 'Job', 'Service')}`,
    ])
    expect(appOf(desired, 'a')).toMatchObject({ broken: false, wanted: [{ id: 'prod/Service/web' }] })
    expect(appOf(desired, 'b')).toMatchObject({ broken: true, wanted: [{ id: 'prod/Service/x' }] })
  })

  test('within one app, too', () => {
    const desired = validate({ 'apps/a/a.yaml': documents(job('web'), service('web')) })
    expect(problemsOf(desired)).toEqual([
      `apps/a/a.yaml:6:7 ${taken('Job/web', 'apps/a/a.yaml:1:1', 'Service', 'Job')}`,
    ])
  })

  test('whose name it is already keeps it, whatever its file is called', () => {
    const desired = validate(
      { 'apps/a/a.yaml': service('web'), 'apps/b/b.yaml': job('web') },
      new Map([['prod/Job/web', 'b']]),
    )
    expect(problemsOf(desired)).toEqual([
      `apps/a/a.yaml:2:7 ${taken('Job/web', 'apps/b/b.yaml:1:1', 'Service', 'Job')}`,
    ])
    expect(appOf(desired, 'b').broken).toBe(false)
  })

  test('on two targets they have nothing to do with each other', () => {
    const other = 'kind: Swarm\nname: other\nendpoints: [unix:///x]\n'
    const desired = validate({
      'targets/other.yaml': other,
      'apps/a/a.yaml': documents(service('web', 'target: prod\n'), `${job('web')}target: other\n`),
    })
    expect(problemsOf(desired)).toEqual([])
  })

  test('kinds that are different things keep their own names', () => {
    const network = 'kind: Network\nname: web\n'
    const config = 'kind: Config\nname: web\ncontent: x\n'
    expect(problemsOf(validate({ 'apps/a/a.yaml': documents(service('web'), network, config) }))).toEqual([])
  })
})
