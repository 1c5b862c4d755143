import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../../src/model/problem.ts'
import { expandHosts, host } from './host-world.ts'
import { documents, service, validate } from './real-world.ts'

const budget = (limit: string, project: string, name = 'daily'): string =>
  `kind: Budget\nname: ${name}\nwindow: day\nlimit: ${limit}\nspend: [{ covers: llm, reported: true }]\nproject: [${project}]\n`

const into = (env: string): string => `{ service: Service/zerg, env: ${env} }`
const seen = (...texts: readonly string[]) => validate({ 'apps/zerg/all.yaml': documents(...texts) })
const envOf = (desired: ReturnType<typeof seen>): unknown =>
  (desired.apps.get('zerg')?.wanted[0]?.spec as { readonly env: unknown } | undefined)?.env
const problems = (...texts: readonly string[]) => seen(...texts).problems.map(formatProblem)

describe('a budget that is projected', () => {
  it.each([
    ['{ cost: 12.34 }', 'cents', '1234'],
    ['{ cost: 99.5 }', 'units', '99.5'],
    ['{ cost: 0.25 }', 'micros', '250000'],
    ['{ runs: 50 }', 'runs', '50'],
    ['{ tokens: 2000000 }', 'tokens', '2000000'],
  ])('writes a limit of %s into a service as %s: %s', (limit, unit, value) => {
    const desired = seen(budget(limit, into(`{ LIMIT: ${unit} }`)), service('zerg'))
    expect(desired.problems).toEqual([])
    expect(envOf(desired)).toMatchObject({ LIMIT: value })
  })

  it('writes beside what stands there, in a map as in a list', () => {
    const daily = budget('{ cost: 1 }', into('{ LIMIT: cents }'))
    expect(envOf(seen(daily, service('zerg', 'env: { MODE: live }\n')))).toEqual({ MODE: 'live', LIMIT: '100' })
    expect(envOf(seen(daily, service('zerg', 'env: ["MODE=live"]\n')))).toEqual({ MODE: 'live', LIMIT: '100' })
  })

  it('changes the consumer when the limit changes', () => {
    const digest = (cost: number) =>
      seen(budget(`{ cost: ${cost} }`, into('{ LIMIT: cents }')), service('zerg')).apps.get('zerg')?.digest
    expect(digest(1)).not.toBe(digest(2))
  })

  it('writes into a file of a host', () => {
    const file = 'kind: File\nname: zerg-env\nhosts: [app-1]\npath: /opt/swarm/.env\nenv: { DAILY_RUNS_PER_USER: 50 }\n'
    const project = '{ file: File/zerg-env, env: { DAILY_COST_GLOBAL_CENTS: cents } }'
    const desired = expandHosts({
      'targets/app-1.yaml': host('app-1'),
      'apps/zerg/all.yaml': documents(budget('{ cost: 100 }', project), file),
    })
    expect(desired.problems.map(formatProblem)).toEqual([])
    const spec = desired.apps.get('zerg')?.wanted[0]?.spec as { readonly content: { readonly base64: string } }
    expect(Buffer.from(spec.content.base64, 'base64').toString()).toBe(
      'DAILY_RUNS_PER_USER=50\nDAILY_COST_GLOBAL_CENTS=10000\n',
    )
  })
})

describe('a mistake is told where it is written', () => {
  it('a variable that stands there already, with both places', () => {
    expect(problems(budget('{ cost: 1 }', into('{ LIMIT: cents }')), service('zerg', 'env: { LIMIT: 5 }\n'))).toEqual([
      'apps/zerg/all.yaml:6:50 /project/0/env/LIMIT: LIMIT is written already, at apps/zerg/all.yaml:11:15',
    ])
  })

  it('two budgets that write the same variable', () => {
    const all = problems(
      budget('{ cost: 1 }', into('{ LIMIT: cents }')),
      budget('{ cost: 2 }', into('{ LIMIT: cents }'), 'monthly'),
      service('zerg'),
    )
    expect(all).toEqual([expect.stringContaining('LIMIT is written already, at apps/zerg/all.yaml:6:50')])
  })

  it.each([
    ['{ cost: 1 }', '{ LIMIT: runs }', "the limit is in cost, and 'runs' says runs"],
    ['{ runs: 5 }', '{ LIMIT: cents }', "the limit is in runs, and 'cents' says cost"],
    ['{ cost: 0.005 }', '{ LIMIT: cents }', 'a limit of 0.005 is no whole number of cents'],
  ])('a limit of %s as %s', (limit, env, message) => {
    expect(problems(budget(limit, into(env)), service('zerg')).join()).toContain(message)
  })

  it('a consumer that this app does not declare', () => {
    const all = problems(budget('{ cost: 1 }', '{ service: Service/zreg, env: { LIMIT: cents } }'), service('zerg'))
    expect(all.join()).toContain("this app has no document 'Service/zreg'; did you mean 'Service/zerg'?")
  })

  it('a file and a service at once', () => {
    const both = '{ service: Service/zerg, file: File/a, env: { LIMIT: cents } }'
    expect(problems(budget('{ cost: 1 }', both), service('zerg')).join()).toContain('exactly one of')
  })
})
