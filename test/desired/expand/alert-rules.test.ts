import { describe, expect, it } from 'vitest'
import { alertRulesComposite } from '../../../src/desired/expand/alert-rules.ts'
import { expandDesired } from '../../../src/desired/expand/expand.ts'
import { hostComposite } from '../../../src/desired/expand/hosts.ts'
import { readRuleFile } from '../../../src/engine/rule-files.ts'
import { normalizeCheck } from '../../../src/kinds/check/normalize.ts'
import { HOST_KINDS } from '../../../src/kinds/host-registry.ts'
import { KINDS } from '../../../src/kinds/registry.ts'
import type { RuleFileSpec } from '../../../src/kinds/rule-file/spec.ts'
import type { Desired } from '../../../src/model/desired.ts'
import { formatProblem } from '../../../src/model/problem.ts'
import { read, type Texts } from '../read.ts'
import { mac } from './expand-world.ts'
import { host } from './host-world.ts'

const PROMETHEUS = 'kind: Prometheus\nname: main\nurl: http://127.0.0.1:9090\n'
const ON_HOST = `${PROMETHEUS}rules: { host: mon-1, dir: /etc/prometheus/rules.d/ }\n`
const RULES = `groups:
- name: web
  interval: 30s
  rules:
  - record: job:errors:rate5m
    expr: sum by (job) (rate(errors_total{code=~"5.."}[5m]))
  - alert: Errors
    expr: job:errors:rate5m > 0.5 unless on (job) absent(deploying)
    for: 10m
    labels: { severity: page }
    annotations: { summary: "{{ $value }} errors a second" }
`
const document = (more = '') => `kind: AlertRules\nname: web\ntarget: main\nfile: web.rules.yaml\n${more}`

function expand(texts: Texts): Desired {
  const all: Texts = {
    'targets/hosts.yaml': host('mon-1'),
    'targets/main.yaml': ON_HOST,
    'apps/web/rules.yaml': document(),
    'apps/web/web.rules.yaml': RULES,
    ...texts,
  }
  const find = (path: string) => {
    const text = all[path]
    return text === undefined ? undefined : { oid: path, content: Buffer.from(text) }
  }
  return expandDesired({
    documents: read(all),
    files: { paths: Object.keys(all), read: find },
    kinds: KINDS,
    composites: [alertRulesComposite(readRuleFile), ...[...HOST_KINDS.keys()].map(hostComposite)],
    normalizeCheck,
    mac,
    settingsSecret: () => undefined,
  })
}

const wantedOf = (desired: Desired) => desired.apps.get('web')?.wanted ?? []
const problemsOf = (desired: Desired) => desired.problems.map(formatProblem)
const FILE = 'mon-1/File//etc/prometheus/rules.d/web.yaml'
const RULE_FILE = 'main/RuleFile//etc/prometheus/rules.d/web.yaml'

describe('alert rules of a Prometheus on a host', () => {
  it('become the file, as it is, and after it what Prometheus makes of it', () => {
    const desired = expand({})
    expect(problemsOf(desired)).toEqual([])
    expect(wantedOf(desired).map(({ id, after }) => [id, after])).toEqual([
      [RULE_FILE, [FILE]],
      [FILE, []],
    ])
    const file = wantedOf(desired).find(({ id }) => id === FILE)
    expect(file?.spec).toMatchObject({
      ...{ path: '/etc/prometheus/rules.d/web.yaml', mode: '0644' },
      content: { base64: Buffer.from(RULES).toString('base64') },
    })
    expect(desired.addresses.get('main/RuleFile/web')).toEqual([RULE_FILE])
  })

  it('say what each rule reads, and where: what records, and what is asked not to be there, is left out', () => {
    const specs = wantedOf(expand({})).map(({ spec }) => spec as RuleFileSpec)
    const { groups = [], expectAbsent } = specs[0] ?? {}
    expect(expectAbsent).toEqual([])
    expect(groups).toMatchObject([{ name: 'web', interval: 30, limit: 0 }])
    expect(groups[0]?.rules).toMatchObject([
      {
        ...{ type: 'record', name: 'job:errors:rate5m', for: 0 },
        at: 'apps/web/web.rules.yaml:6:11',
        selectors: [{ text: 'errors_total{code=~"5.."}', metric: 'errors_total', at: 'apps/web/web.rules.yaml:6:30' }],
      },
      {
        ...{ type: 'alert', name: 'Errors', for: 600, keepFiringFor: 0, labels: { severity: 'page' } },
        annotations: { summary: '{{ $value }} errors a second' },
        selectors: [{ text: 'job:errors:rate5m', metric: 'job:errors:rate5m', at: 'apps/web/web.rules.yaml:8:11' }],
      },
    ])
  })

  it('do not stay where the first of them is refused, unless their document says so', () => {
    const handlings = (more?: string) =>
      wantedOf(expand({ 'apps/web/rules.yaml': document(more) })).map(({ handling }) => handling.onFirstFailure)
    expect(handlings()).toEqual(['remove', 'remove'])
    expect(handlings('keeper: { onFirstFailure: stay }\n')).toEqual(['stay', 'stay'])
  })

  it('are treated as their document says: whose the file is, of the file alone; what is checked, once it is loaded', () => {
    const more = `expectAbsent: [errors_total]
keeper: { adopt: true, bake: 1m, drift: report, checks: [{ alerts: { target: main, none: { severity: page } } }] }
`
    const [rules, file] = wantedOf(expand({ 'apps/web/rules.yaml': document(more) }))
    expect(rules?.spec).toMatchObject({ expectAbsent: ['errors_total'] })
    expect(file?.handling).toMatchObject({ adopt: 'stamp', bakeMs: 60_000, drift: 'report', checks: [] })
    expect(rules?.handling).toMatchObject({ adopt: 'no', bakeMs: 60_000, drift: 'report' })
    expect(rules?.handling.checks).toMatchObject([{ probe: { type: 'alerts', target: 'main' } }])
  })

  it('that move their name move their file', () => {
    const [, file] = wantedOf(expand({ 'apps/web/rules.yaml': document('keeper: { moved: { from: old } }\n') }))
    expect(file?.handling.movedFrom).toBe('/etc/prometheus/rules.d/old.yaml')
  })

  it('go to this machine where it is declared as a host', () => {
    const desired = expand({
      'targets/hosts.yaml': 'kind: Host\nname: here\naddress: local\n',
      'targets/main.yaml': `${PROMETHEUS}rules: { local: /srv/rules }\n`,
    })
    expect(problemsOf(desired)).toEqual([])
    expect(wantedOf(desired).map(({ id }) => id)).toEqual([
      'here/File//srv/rules/web.yaml',
      'main/RuleFile//srv/rules/web.yaml',
    ])
  })
})

describe('alert rules of a Prometheus in a Swarm', () => {
  const SWARM_RULES = `${PROMETHEUS}rules: { swarm: { service: Service/prometheus, dir: /etc/prometheus/rules } }\n`
  const service = `kind: Service
name: prometheus
target: prod
image: prometheus:2
configs: [{ source: conf, target: /etc/prometheus/prometheus.yml }]
---
kind: Config
name: conf
target: prod
content: "rule_files: [/etc/prometheus/rules/*.yaml]"
`

  it('are a config of their own, mounted into the service, which starts again; then they are loaded', () => {
    const desired = expand({ 'targets/main.yaml': SWARM_RULES, 'apps/web/prometheus.yaml': service })
    expect(problemsOf(desired)).toEqual([])
    const wanted = wantedOf(desired)
    const ids = wanted.map(({ id }) => id.replace(/[0-9a-f]{12}$/, '*'))
    expect(ids).toEqual([
      'main/RuleFile//etc/prometheus/rules/web.yaml',
      'prod/Config/conf_*',
      'prod/Config/main-web.rules_*',
      'prod/Service/prometheus',
    ])
    const [rules, , , prometheus] = wanted
    expect(rules?.after).toEqual(['prod/Service/prometheus'])
    expect(JSON.stringify(prometheus?.spec)).toContain('"/etc/prometheus/rules/web.yaml"')
    expect(JSON.stringify(prometheus?.spec)).toContain('main-web.rules_')
  })

  it('need that service in their own app', () => {
    expect(problemsOf(expand({ 'targets/main.yaml': SWARM_RULES }))).toEqual([
      expect.stringContaining("the app 'web' declares no such Service"),
    ])
  })

  it('find nothing else in their place', () => {
    const taken = service.replace('/etc/prometheus/prometheus.yml', '/etc/prometheus/rules/web.yaml')
    const desired = expand({ 'targets/main.yaml': SWARM_RULES, 'apps/web/prometheus.yaml': taken })
    expect(problemsOf(desired).join('\n')).toContain(
      'Service/prometheus mounts something at /etc/prometheus/rules/web.yaml already',
    )
  })
})

describe('mistakes in alert rules', () => {
  it('are told with their place in the rule file, and break their app alone', () => {
    const desired = expand({ 'apps/web/web.rules.yaml': RULES.replace('rate(errors_total', 'rate(errors_total[5m]') })
    const [first = ''] = problemsOf(desired)
    expect(first).toMatch(/^apps\/web\/web\.rules\.yaml:6:\d+ /)
    expect([...desired.apps.values()].map(({ app, broken }) => [app, broken])).toEqual([
      ['other', false],
      ['web', true],
    ])
  })

  it('that are no YAML are told where they stand: quotes in quotes, as an operations guide has them', () => {
    const broken = RULES.replace('"{{ $value }} errors a second"', '"{{ $value | printf "%.2f" }}%"')
    const [first = ''] = problemsOf(expand({ 'apps/web/web.rules.yaml': broken }))
    expect(first).toMatch(/^apps\/web\/web\.rules\.yaml:11:\d+ /)
  })

  it('that load and do not do what they say are warnings: a ratio of each series to itself', () => {
    const ratio = 'rate(errors_total{code=~"5.."}[5m]) / rate(errors_total[5m])'
    const text = `groups: [{ name: g, rules: [{ alert: Errors, expr: '${ratio} > 0.05' }] }]\n`
    const desired = expand({ 'apps/web/web.rules.yaml': text })
    const [first = ''] = problemsOf(desired)
    expect(first).toMatch(/^apps\/web\/web\.rules\.yaml:1:\d+ warning: .*sum/)
    expect(desired.apps.get('web')?.broken).toBe(false)
  })

  it.each([
    ['target: man', '/target', "no Prometheus is called 'man'; did you mean 'main'?"],
    ['target: mon-1', '/target', "'mon-1' is no Prometheus: its kind is Host"],
    ['file: none.yaml', '/file', 'there is no file'],
  ])('%s', (line, pointer, said) => {
    const key = line.split(':')[0] ?? ''
    const text = document().replace(new RegExp(`^${key}: .*$`, 'm'), line)
    const [problem = ''] = problemsOf(expand({ 'apps/web/rules.yaml': text }))
    expect(problem).toContain(`${pointer}: `)
    expect(problem).toContain(said)
  })

  it.each([
    ['', 'takes no rules'],
    ['rules: { host: mon-2, dir: /r }\n', "no Host is called that; did you mean 'mon-1'?"],
    ['rules: { host: mon-1 }\n', 'say no place'],
    ['rules: { local: /r }\n', 'no Host with `address: local`'],
    ['rules: { host: mon-1, dir: /r, local: /r }\n', 'more than one of host, local and swarm'],
  ])('of where they go: %s', (rules, said) => {
    expect(problemsOf(expand({ 'targets/main.yaml': `${PROMETHEUS}${rules}` })).join('\n')).toContain(said)
  })

  it('two of one name for one Prometheus', () => {
    const twice = { 'apps/shop/rules.yaml': document(), 'apps/shop/web.rules.yaml': RULES }
    const [problem = ''] = problemsOf(expand(twice)).filter((line) => line.startsWith('apps/web'))
    expect(problem).toContain('is already declared')
  })
})
