import { describe, expect, test } from 'vitest'
import { problemsOf } from './expand-world.ts'
import { documents, job, service, validate } from './real-world.ts'

const problems = (...texts: readonly string[]) => problemsOf(validate({ 'apps/a/a.yaml': documents(...texts) }))

describe('what is accepted and does nothing says so where it is written', () => {
  test('keeper and target of a check that runs nowhere', () => {
    const check = 'kind: Check\nname: c\ntcp: { host: a, port: 1 }\ntarget: prod\nkeeper: { drift: heal }\n'
    expect(problems(check)).toEqual([
      'apps/a/a.yaml:4:9 warning: /target: only a command runs on a target: this check is made from where swarmkeeper runs, and this has no effect',
      'apps/a/a.yaml:5:9 warning: /keeper: a check is nothing on a target: this has no effect',
    ])
    expect(problems('kind: Check\nname: c\ntarget: prod\ncommand: { image: "c:1", command: ls }\n')).toEqual([])
  })

  test('suspend of what cannot rest', () => {
    const suspend = 'keeper: { suspend: true }\n'
    expect(problems(job('j') + suspend, `kind: Network\nname: n\n${suspend}`, service('s', suspend))).toEqual([
      'apps/a/a.yaml:4:20 warning: /keeper/suspend: a Job cannot rest: this has no effect',
      'apps/a/a.yaml:8:20 warning: /keeper/suspend: a Network cannot rest: this has no effect',
    ])
  })

  test('how to treat, and what to keep of, what is external', () => {
    const secret = 'kind: Secret\nname: s\nexternal: true\nlabels: { a: b }\nkeep: 3\nkeeper: { prune: keep }\n'
    const why = 'what is external is not ours, and never changed: this has no effect'
    expect(problems(secret)).toEqual([
      `apps/a/a.yaml:4:9 warning: /labels: ${why}`,
      `apps/a/a.yaml:5:7 warning: /keep: ${why}`,
      `apps/a/a.yaml:6:9 warning: /keeper: ${why}`,
    ])
  })

  test('the key and the credential of a Swarm that asks for none', () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4m4kGRHYfLK8sYJpCj7hCuAcHNcSsHkQnwGSiaF1Ms'
    const swarm = (endpoint: string) =>
      problemsOf(
        validate({
          'targets/prod.yaml': `kind: Swarm\nname: prod\nendpoints: [${endpoint}]\ncredential: c\nhostKey: ${key}\n`,
        }),
      ).map((line) => line.split(': ')[1])
    expect(swarm('"unix:///x"')).toEqual(['/credential', '/hostKey'])
    expect(swarm('"tcp://h:2376"')).toEqual(['/hostKey'])
    expect(swarm('"ssh://u@h"')).toEqual([])
  })
})
