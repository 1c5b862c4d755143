import { describe, expect, test } from 'vitest'
import { appOf, problemsOf } from './expand-world.ts'
import { documents, service, validate } from './real-world.ts'

const ports = (name: string, ...written: readonly string[]) => service(name, `ports: [${written.join(', ')}]\n`)
const taken = (port: string, owner: string, where: string): string =>
  `port ${port} is published by prod/${owner} already, see ${where}: Swarm refuses it, for the whole Swarm has it once`

describe('a port of the ingress is one for the whole Swarm', () => {
  test('so the newcomer is refused where it is written, and the first is unaffected', () => {
    const desired = validate({
      'apps/a/a.yaml': ports('a', '"8080:80"'),
      'apps/b/b.yaml': ports('b', '"9090:90"', '"8080:81"'),
    })
    expect(problemsOf(desired)).toEqual([
      `apps/b/b.yaml:4:20 /ports/1: ${taken('8080/tcp', 'Service/a', 'apps/a/a.yaml:1:1')}`,
    ])
    expect([appOf(desired, 'a').broken, appOf(desired, 'b').broken]).toEqual([false, true])
  })

  test('also for what publishes it on its nodes, and for a job', () => {
    const host = '{ target: 80, published: 8080, mode: host }'
    const desired = validate({
      'apps/a/a.yaml': documents(ports('a', '"8080:80"'), ports('b', host)),
      'apps/c/c.yaml': 'kind: Job\nname: c\nservice: { image: c:1, ports: ["8080:80"] }\n',
    })
    expect(problemsOf(desired)).toEqual([
      `apps/a/a.yaml:9:9 /ports/0: ${taken('8080/tcp', 'Service/a', 'apps/a/a.yaml:1:1')}`,
      `apps/c/c.yaml:3:32 /service/ports/0: ${taken('8080/tcp', 'Service/a', 'apps/a/a.yaml:1:1')}`,
    ])
  })

  test('whose it is already keeps it', () => {
    const files = { 'apps/a/a.yaml': ports('a', '"8080:80"'), 'apps/b/b.yaml': ports('b', '"8080:80"') }
    const desired = validate(files, new Map([['prod/Service/b', 'b']]))
    expect([appOf(desired, 'a').broken, appOf(desired, 'b').broken]).toEqual([true, false])
  })
})

test('what the engine takes is not refused: another protocol, another target, nodes alone, a port that Swarm chooses', () => {
  const host = '{ target: 80, published: 8080, mode: host }'
  const other = (name: string) => `${ports(name, '"7070:80"')}target: other\n`
  const desired = validate({
    'targets/other.yaml': 'kind: Swarm\nname: other\nendpoints: [unix:///x]\n',
    'apps/a/a.yaml': documents(
      ...[ports('a', '"53:53/tcp"'), ports('b', '"53:53/udp"'), ports('c', host), ports('d', host)].map(
        (text) => `${text}target: prod\n`,
      ),
      `${ports('e', '"7070:80"', '"80"')}target: prod\n`,
      `${ports('f', '"80"')}target: prod\n`,
      other('g'),
    ),
  })
  expect(problemsOf(desired)).toEqual([])
})
