import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../../src/model/problem.ts'
import { validate } from './real-world.ts'

const check = (more: string): string => `kind: Check\nname: smoke\ntcp: { host: db, port: 5432 }\n${more}`
const validated = (more: string) => validate({ 'apps/web/check.yaml': check(more) })
const problems = (more: string): readonly string[] => validated(more).problems.map(formatProblem)

describe('a Check with an interval', () => {
  it('is a standing check, which fails after three failures in a row, and loudly', () => {
    const { standing, apps } = validated('interval: 60s\n')
    expect(standing).toMatchObject([
      {
        ...{ app: 'web', name: 'smoke', intervalMs: 60_000, severity: 'critical' },
        failAfter: { failures: 3, of: 3 },
        spec: { name: 'Check/smoke', probe: { type: 'tcp' } },
      },
    ])
    expect(apps.get('web')?.gates.map(({ name }) => name)).toEqual(['Check/smoke'])
  })

  it('says how often, how loud, and of how many', () => {
    const text = 'interval: 10s\nseverity: warning\nfailAfter: { failures: 2, of: 5 }\n'
    expect(validated(text).standing).toMatchObject([
      { intervalMs: 10_000, severity: 'warning', failAfter: { failures: 2, of: 5 } },
    ])
  })

  it('without one is a gate alone', () => {
    expect(validated('').standing).toEqual([])
  })

  it.each([
    ['interval: 0s\n', '4:11', 'must be at least 1s'],
    ['interval: 999ms\n', '4:11', 'must be at least 1s'],
    ['interval: 60\n', '4:11', ''],
    ['interval: 60s\nfailAfter: 0\n', '5:12', ''],
    ['interval: 60s\nfailAfter: { failures: 6, of: 5 }\n', '5:24', 'of 5 attempts no 6 can fail'],
    ['interval: 60s\nfailAfter: { failures: 2 }\n', '5:12', ''],
    ['interval: 60s\nfailAfter: { failures: 2, of: 101 }\n', '5:31', ''],
    ['interval: 60s\nseverity: page\n', '5:11', ''],
    ['failAfter: 2\n', '4:12', 'means something only with an `interval`: without one this is a gate'],
    ['severity: info\n', '4:11', 'means something only with an `interval`: without one this is a gate'],
  ])('%j is refused where it stands', (more, place, message) => {
    const [first = '', ...others] = problems(more)
    expect(others).toEqual([])
    expect(first).toContain(`apps/web/check.yaml:${place}`)
    expect(first).toContain(message)
    expect(validated(more).standing).toEqual([])
  })

  it.each(['promql: { target: main, query: up, latency: 1s }', 'command: { command: true, latency: 1s }'])(
    'no latency is measured of %s',
    (probe) => {
      const text = `kind: Check\nname: smoke\n${probe}\n`
      const found = validate({ 'apps/web/check.yaml': text }).problems.map(formatProblem)
      expect(found.join('\n')).toContain("unknown key 'latency'")
    },
  )
})

describe('a Check that asks a Prometheus', () => {
  const prometheus = 'kind: Prometheus\nname: main\nurl: http://127.0.0.1:9090\n'
  const found = (probe: string, targets = prometheus): readonly string[] =>
    validate({
      'targets/main.yaml': targets,
      'apps/web/check.yaml': `kind: Check\nname: calm\n${probe}\n`,
    }).problems.map(formatProblem)

  it.each([
    'promql: { target: main, query: up }',
    'alerts: { target: main, none: { severity: critical } }',
    // Answered by what was sent to the daemon.
    'alerts: { none: { severity: critical } }',
  ])('%s is as it should be', (probe) => {
    expect(found(probe)).toEqual([])
  })

  it.each([
    [
      'promql: { target: mian, query: up }',
      "3:19 /promql/target: no Prometheus is called 'mian'; did you mean 'main'?",
    ],
    [
      'alerts: { target: prod, none: {} }',
      "3:19 /alerts/target: the target 'prod' is no Prometheus: its kind is Swarm",
    ],
    ['promql: { query: up }', '/promql'],
    ['alerts: { target: main }', '/alerts'],
  ])('%s names none', (probe, problem) => {
    expect(found(probe)).toEqual([expect.stringContaining(problem)])
  })

  it('is told of a Prometheus that has errors, and not that there is none', () => {
    const broken = found('alerts: { target: main, none: {} }', prometheus.replace('url', 'uri'))
    expect(broken).toContainEqual(expect.stringContaining("/alerts/target: the target 'main' is declared with errors"))
  })

  it('also beside a resource', () => {
    const text =
      'kind: Service\nname: web\nimage: hello:1\nkeeper: { checks: [{ promql: { target: none, query: up } }] }\n'
    expect(validate({ 'apps/web/web.yaml': text }).problems.map(formatProblem)).toEqual([
      expect.stringContaining("/keeper/checks/0/promql/target: no Prometheus is called 'none'"),
    ])
  })
})
