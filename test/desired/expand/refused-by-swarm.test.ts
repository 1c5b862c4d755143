import { describe, expect, test } from 'vitest'
import { problemsOf } from './expand-world.ts'
import { service, validate } from './real-world.ts'

/** Each of these was sent to an engine, which refused it, or started no container. */
describe('what Swarm would refuse is found offline, where it is written', () => {
  const problems = (text: string) => problemsOf(validate({ 'apps/a/a.yaml': text }))
  const named = (kind: string, name: string, rest = '') => `kind: ${kind}\nname: ${name}\n${rest}`

  test.each([
    [
      service('a').replace('hello:1', 'UPPER/case:1'),
      "3:8 /image: 'UPPER/case:1' is not an image reference like registry.example:5000/name:tag: the name of a repository is in lower case",
    ],
    [service('a').replace('hello:1', 'hello:1@sha256:abc'), "3:8 /image: 'sha256:abc' is not a digest"],
    [service('a', 'ports: ["70000:80"]\n'), "4:9 /ports/0: '70000' is not a range of ports"],
    [service('a', 'ports: ["80:80", {target: 81, published: 80, mode: host}]\n'), 'port 80/tcp is published twice'],
    [service('a', 'ports: [{target: 0}]\n'), '4:18 /ports/0/target: must be at least 1, got 0'],
    [service('a', 'mounts: ["vx:/v", "vy:/v"]\n'), '4:19 /mounts/1: two mounts at /v'],
    [service('a', 'update: {parallelism: -1}\n'), '4:23 /update/parallelism: must be at least 0, got -1'],
    [service('a', 'update: {maxFailureRatio: 1.5}\n'), '/update/maxFailureRatio: must be at most 1, got 1.5'],
    [service('a', 'restart: {maxAttempts: -1}\n'), '/restart/maxAttempts: must be at least 0, got -1'],
    [service('a', 'endpointMode: dnsrr\nports: ["80:80"]\n'), '/endpointMode: dnsrr has no virtual address'],
    [service('a', 'healthcheck: {interval: 1us}\n'), '/healthcheck/interval: 1us is less than 1ms'],
    [service('a', 'constraints: [foo]\n'), "/constraints/0: 'foo' is not a constraint"],
    [
      service('a', 'ulimits: {nofile: {soft: 20, hard: 10}}\n'),
      'warning: /ulimits/nofile: the soft limit 20 is more than',
    ],
    [service('a', 'env: ["=x"]\n'), "/env/0: '' is not a name of a variable"],
    [service('a.b'), "2:7 /name: 'a.b' is not a valid name"],
    [service('a-'), "2:7 /name: 'a-' is not a valid name"],
    [service('a'.repeat(64)), '2:7 /name: is longer than 63 characters'],
    [named('Network', 'a.b'), "2:7 /name: 'a.b' cannot be the name of a network of a Swarm"],
    [named('Network', 'a-'), "2:7 /name: 'a-' cannot be the name of a network of a Swarm"],
    [named('Network', 'none'), "2:7 /name: 'none' is a network of the engine itself: declare it with `external: true`"],
    [named('Config', '_a', 'content: x\n'), "2:7 /name: '_a' is not a valid name"],
    [named('Config', 'a'.repeat(52), 'content: x\n'), '/name: the name has 52 characters; 51 fit'],
    [named('Config', 'a', 'content: ""\n'), 'the content is empty: Swarm takes no empty config'],
  ])('%j', (text, problem) => {
    const found = problems(text)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(problem)
  })

  test.each([
    service('A_b--c'),
    service('"1"'),
    service('a', 'ports: ["80:80/tcp", "80:80/udp"]\n'),
    service('a', 'ulimits: {nofile: {soft: 10, hard: -1}, nproc: -1}\n'),
    service('a', 'hostname: "bad host"\nstopSignal: FOO\nspread: [foo]\nconstraints: ["node.foo==x"]\n'),
    service('a', 'maxReplicasPerNode: 1\nresources: {limits: {memory: 1g}, reservations: {memory: 2g}}\n'),
    named('Network', 'a_b-c'),
    named('Network', 'a.b', 'external: true\n'),
    named('Network', 'a.b', 'driver: bridge\nscope: local\n'),
  ])('%j is accepted, for the engine takes it', (text) => {
    expect(problems(text)).toEqual([])
  })

  test('a variable that is set twice is a warning: the last one wins', () => {
    expect(problems(service('a', 'env: ["A=1", "B=1", "A=2"]\n'))).toEqual([
      'apps/a/a.yaml:4:7 warning: /env/0: A is set again in item 3, which wins',
    ])
  })
})
