import { describe, expect, it } from 'vitest'
import { checkRuleFile } from '../../src/promql/check-rule-file.ts'

const saidOf = (text: string) =>
  checkRuleFile({ text, path: 'r.yml' }).problems.map(
    ({ severity, position, message }) =>
      `${position.line}:${position.column} ${severity === 'warning' ? 'warning: ' : ''}${message}`,
  )

const rule = (lines: string) => `groups:\n- name: g\n  rules:\n  - ${lines.trim().replaceAll('\n', '\n    ')}\n`

describe('a rule file', () => {
  it('is read with what it holds and where that stands', () => {
    const text = rule('alert: Down\nexpr: up == 0\nfor: 1m30s\nlabels: {severity: critical}')
    const { groups, problems } = checkRuleFile({ text, path: 'r.yml' })
    expect(problems).toEqual([])
    const [group] = groups
    expect(group).toMatchObject({ name: 'g', interval: 0, limit: 0, position: { path: 'r.yml', line: 2, column: 9 } })
    const [down] = group?.rules ?? []
    expect(down).toMatchObject({ type: 'alert', name: 'Down', for: 90_000, expr: { text: 'up == 0' } })
    expect(down?.labels.map(({ name, value }) => [name.text, value.text, value.position.column])).toEqual([
      ['severity', 'critical', 24],
    ])
  })

  it('is nothing where it is empty, and only its first document counts', () => {
    expect(saidOf('')).toEqual([])
    expect(saidOf('# nothing yet\n')).toEqual([])
    expect(saidOf('groups: []\n---\nwhatever: [\n')).toEqual([])
  })

  it.each([
    ['groups:\n- rules: []\n', '2:3 a group needs a name'],
    ['groups:\n- name: a\n- name: a\n', "3:9 there is a group 'a' above"],
    ['group: []\n', "1:1 a rule file has no 'group'; did you mean 'groups'?"],
    ['groups: x\n', "1:9 'x' is no list"],
    [
      'groups:\n- name: a\n  interval: 1.5h\n',
      "3:13 '1.5h' is no duration of Prometheus: whole numbers with y, w, d, h, m, s, ms in this order",
    ],
    ['groups:\n- name: a\n  limit: many\n', "3:10 'many' is no whole number"],
    ['groups:\n- name: a\n  limit: 9223372036854775808\n', "3:10 '9223372036854775808' is no whole number"],
    [rule('alert: A\nrecord: b\nexpr: up'), "4:12 a rule has either 'alert' or 'record'"],
    [rule('expr: up'), "4:5 a rule needs 'alert' or 'record'"],
    [rule('alert: A'), "4:5 a rule needs an 'expr'"],
    [rule('record: a-b\nexpr: up'), "4:13 'a-b' is no name for a metric"],
    [rule('record: b\nexpr: up\nfor: 1m'), "4:13 a recording rule has no 'for'"],
    [rule('alert: A\nexpr: up\nfor: 1m\nfor: 1m'), "7:5 the key 'for' stands here a second time"],
    [rule('alert: A\nexpr: up\nlabels: {a-b: c}'), "6:14 'a-b' is no name for a label"],
    [
      rule('alert: A\nexpr: up\nlabels: {__name__: c}'),
      "6:14 the label '__name__' is the metric's name, which 'record' sets",
    ],
    [
      rule('alert: A\nexpr: up\npartial_response_strategy: warn'),
      "6:5 a rule has no 'partial_response_strategy'; it may have record, alert, expr, for, keep_firing_for, labels, annotations",
    ],
    [rule('alert: A\nexpr: *up'), "5:11 there is no anchor '&up' above this alias"],
    [
      rule('alert: A\nexpr: up\nannotations: {a: "{{ $vale }}"}'),
      "6:26 the template is refused: there is no variable '$vale'; did you mean '$value'?",
    ],
    [
      rule('alert: A\nexpr: |\n  sum(\n    rate(up))'),
      '7:14 rate() takes a range vector (a selector with [5m], or a subquery), not an instant vector',
    ],
    ['groups:\n\t- name: a\n', '2:1 a tab may not indent: use spaces'],
  ])('that is wrong is told where: %j', (text, said) => {
    expect(saidOf(text)).toEqual([said])
  })

  it('is read as libyaml does, where YAML 1.2 says otherwise', () => {
    expect(
      saidOf(
        rule('alert: A\nexpr: up\nannotations:\n  summary: "a text\nthat goes on here"').replace('    that', 'that'),
      ),
    ).toEqual([])
    expect(saidOf('%YAML 1.2\n---\ngroups: []\n')).toEqual(['1:1 Prometheus reads YAML 1.1 and needs no %YAML'])
    expect(saidOf(rule('alert: !custom A\nexpr: !custom up'))).toEqual([])
  })

  it('that is a bomb costs little', () => {
    const deep = `groups: ${'['.repeat(100_000)}`
    expect(saidOf(deep)[0]).toContain('nested deeper than 200 levels')
    const lines = Array.from(
      { length: 30 },
      (_, at) => `    a${at + 1}: &a${at + 1} {<<: [*a${at}, *a${at}, *a${at}, *a${at}]}`,
    )
    const bomb = `groups:\n- name: a\n  rules:\n  - expr: up\n    labels: &a0 {a: b}\n${lines.join('\n')}\n`
    expect(saidOf(bomb).length).toBeGreaterThan(0)
    const wrong = Array.from({ length: 50_000 }, (_, at) => `a${at}: 1`)
    expect(saidOf(`groups:\n- {${wrong.join(', ')}}\n`)).toHaveLength(100)
  })
})

describe('rules that Prometheus accepts and that will not do what they say', () => {
  const lintOf = (expr: string) => saidOf(rule(`alert: A\nexpr: ${expr}`))

  it.each([
    [
      'rate(http_requests_total{status=~"5.."}[5m]) / rate(http_requests_total[5m]) > 0.05',
      'every series of http_requests_total is divided by itself',
    ],
    ['histogram_quantile(0.95, rate(latency_bucket[5m])) > 2', 'a quantile of each series alone'],
    ['histogram_quantile(0.95, sum by (job) (rate(latency_bucket[5m])))', "needs the label 'le'"],
    [
      '(container_memory_usage_bytes / container_spec_memory_limit_bytes) > 0.9',
      'container_spec_memory_limit_bytes is 0 for a container without a limit',
    ],
  ])('%s', (expr, message) => {
    const [said, ...rest] = lintOf(expr)
    expect(said).toMatch(/^5:\d+ warning: /)
    expect(said).toContain(message)
    expect(rest).toEqual([])
  })

  it.each([
    'sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05',
    'sum by (job) (rate(a{b="c"}[5m])) / on (job) group_left () sum by (job) (rate(a[5m]))',
    'rate(a{b="c"}[5m]) / ignoring (b) rate(a{d="e"}[5m])',
    'a_used{b="c"} / a_size',
    'histogram_quantile(0.95, sum by (job, le) (rate(latency_bucket[5m])))',
    'histogram_quantile(0.95, sum without (instance) (rate(latency_bucket[5m])))',
    'histogram_quantile(0.95, rate(a_native_histogram[5m]))',
    'container_memory_usage_bytes / (container_spec_memory_limit_bytes > 0) > 0.9',
    'container_memory_usage_bytes / container_spec_memory_limit_bytes > 0.9 and container_spec_memory_limit_bytes > 0',
  ])('and these do: %s', (expr) => {
    expect(lintOf(expr)).toEqual([])
  })

  it('a rule that stands there twice', () => {
    const twice = `${rule('record: a\nexpr: b')}  - record: a\n    expr: c\n`
    expect(saidOf(twice)).toEqual(["6:13 warning: there is a rule 'a' with the same labels above"])
  })
})
