import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { partsOf } from '../../src/model/id.ts'
import { changesOf } from '../../src/model/plan.ts'
import type { Host } from '../lab/host.mjs'
import { type Hosts, hostsPossible, startHosts } from '../lab/hosts.mjs'
import { prometheusPossible } from '../lab/prometheus.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createHostFleet, hostDocuments } from '../support/host-fleet.ts'
import { ask, type LiveFleet, type WrittenDocument, type WrittenFile } from '../support/live-fleet.ts'

const RULES = '/etc/prometheus/rules.d'
const keeper = { stableFor: '0s', bake: '0s', timeout: '60s' }

/** What the operations guide of the Agency Swarm declares. */
const WARNINGS = `# warning_alerts.yaml
groups:
- name: warnings
  rules:
  - alert: SlowResponseTime
    expr: histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m])) > 2
    for: 10m
    labels:
      severity: warning
    annotations:
      summary: "Slow response times detected"
      description: "95th percentile response time is {{ $value }} seconds"

  - alert: HighCPUsage
    expr: rate(container_cpu_usage_seconds_total[5m]) > 0.8
    for: 5m
    labels:
      severity: warning
    annotations:
      summary: "High CPU usage"
      description: "CPU usage is above 80% for 5 minutes"
`
const METRICS = `# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="1"} 1
http_request_duration_seconds_bucket{le="+Inf"} 2
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total 10
`
const CONFIG = `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: ['${RULES}/*.yaml']
scrape_configs:
- { job_name: prometheus, static_configs: [{ targets: ['127.0.0.1:9090'] }] }
- { job_name: app, static_configs: [{ targets: ['127.0.0.1:9100'] }] }
`
const unit = (command: string): string => `[Service]\nExecStart=${command}\nRestart=no\n`

async function installPrometheus(host: Host): Promise<void> {
  const put = (path: string, input: string | Uint8Array) => host.run(['sh', '-c', `cat >${path}`], { input })
  await host.run(['mkdir', '-p', RULES, '/srv/metrics', '/var/lib/prometheus'])
  await put('/usr/local/bin/prometheus', readFileSync('/usr/bin/prometheus'))
  await put('/etc/prometheus/prometheus.yml', CONFIG)
  await put('/srv/metrics/metrics', METRICS)
  const flags =
    '--config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/var/lib/prometheus --web.enable-lifecycle'
  await put('/etc/systemd/system/prometheus.service', unit(`/usr/local/bin/prometheus ${flags}`))
  await put(
    '/etc/systemd/system/metrics.service',
    unit('/usr/bin/python3 -m http.server 9100 --bind 127.0.0.1 --directory /srv/metrics'),
  )
  await host.run(['sh', '-c', 'chmod 755 /usr/local/bin/prometheus; systemctl start metrics prometheus'])
}

interface Loaded {
  readonly name: string
  readonly file: string
  readonly rules: readonly {
    readonly name: string
    readonly query: string
    readonly state?: string
    readonly alerts?: readonly { readonly activeAt: string }[]
  }[]
}

describe.skipIf(!hostsPossible() || !prometheusPossible())('alert rules on a real Prometheus', () => {
  let hosts: Hosts
  let host: Host
  let fleet: LiveFleet
  let url: string
  beforeAll(async () => {
    hosts = await startHosts({ supervisord: false })
    host = hosts.first
    url = `http://${host.address}:9090`
    await installPrometheus(host)
    fleet = await createHostFleet(hosts, 'alert-rules', {
      targets: { 'targets/hosts.yaml': hostDocuments(hosts), 'targets/main.yaml': prometheus() },
    })
    // Rules are not judged before there are samples.
    await waitUntil('samples', async () => (await query('container_cpu_usage_seconds_total')).length > 0)
  })
  afterAll(async () => {
    await fleet?.dispose()
    await hosts?.dispose()
  })

  const prometheus = (more: Readonly<Record<string, unknown>> = {}): WrittenDocument => ({
    ...{ kind: 'Prometheus', name: 'main', url },
    ...{ rules: { host: 'host-1', dir: RULES }, ...more },
  })
  const data = async (path: string) => {
    const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { readonly data: unknown }
    return answer.data
  }
  const query = async (text: string): Promise<readonly unknown[]> =>
    ((await data(`query?query=${encodeURIComponent(text)}`)) as { readonly result: readonly unknown[] }).result
  const loaded = async (): Promise<readonly Loaded[]> =>
    ((await data('rules')) as { readonly groups: readonly Loaded[] }).groups
  const names = async () => (await loaded()).flatMap(({ rules }) => rules.map(({ name }) => name)).sort()
  const reloadOk = async () =>
    ((await data('status/runtimeinfo')) as { readonly reloadConfigSuccess: boolean }).reloadConfigSuccess
  const inFolder = async () => (await host.run(['ls', RULES])).split('\n').filter((name) => name !== '')
  const read = (name: string) => host.run(['cat', `${RULES}/${name}`])

  const rules = (name: string, more: Readonly<Record<string, unknown>> = {}): WrittenDocument => ({
    ...{ kind: 'AlertRules', name, target: 'main', file: `${name}.yaml`, keeper },
    ...more,
  })
  const rule = (name: string, expr: string, pending = '1h') =>
    `  - alert: ${name}\n    expr: ${expr}\n    for: ${pending}\n`
  const group = (name: string, ...each: readonly string[]) => `groups:\n- name: ${name}\n  rules:\n${each.join('')}`
  const ship = (files: Readonly<Record<string, WrittenFile>>) => fleet.ship('watch', files)
  const planned = async () =>
    (await fleet.engine.plan(ask())).apps.flatMap(({ plan }) =>
      changesOf(plan).map(({ id, action, cause }) => [partsOf(id).kind, action, cause]),
    )

  const checks = [
    { promql: { target: 'main', query: 'container_cpu_usage_seconds_total', expect: 'some' } },
    { alerts: { target: 'main', none: { severity: 'critical' } } },
  ]

  it('are applied, loaded, and seen to be; gates ask the Prometheus itself; a second run writes nothing', async () => {
    expect(
      await ship({
        'apps/watch/rules.yaml': rules('warnings', { keeper: { ...keeper, checks } }),
        'apps/watch/warnings.yaml': WARNINGS,
      }),
    ).toMatchObject({ outcome: 'proven' })
    expect(await read('warnings.yaml')).toBe(WARNINGS)
    expect(await host.run(['stat', '-c', '%a', `${RULES}/warnings.yaml`])).toBe('644\n')
    expect(await loaded()).toMatchObject([{ name: 'warnings', file: `${RULES}/warnings.yaml` }])
    expect(await names()).toEqual(['HighCPUsage', 'SlowResponseTime'])
    expect(await planned()).toEqual([])
    const before = await data('status/runtimeinfo')
    expect(await fleet.reconcile('watch')).toMatchObject({ outcome: 'unchanged', steps: [] })
    expect(await data('status/runtimeinfo')).toMatchObject({
      lastConfigTime: (before as { readonly lastConfigTime: string }).lastConfigTime,
    })
  })

  it('watch nothing that has no series: that is said with its place before anything is written, unless it is meant', async () => {
    const typo = group('typo', rule('Busy', 'contaner_cpu_usage_seconds_total > 1'))
    const files = { 'apps/watch/typo.rules.yaml': rules('typo', { file: 'typo.yaml' }), 'apps/watch/typo.yaml': typo }
    const refused = await ship(files)
    expect(refused).toMatchObject({ outcome: 'failed', reason: 'DependencyNotReady' })
    expect(refused.message).toContain('apps/watch/typo.yaml:5:11: the Prometheus')
    expect(refused.message).toContain("did you mean 'container_cpu_usage_seconds_total'?")
    expect(refused.steps.map(({ step }) => step)).toEqual(['not-run', 'not-run'])
    expect(await inFolder()).toEqual(['warnings.yaml'])
    const meant = rules('typo', { file: 'typo.yaml', expectAbsent: ['contaner_cpu_usage_seconds_total'] })
    await fleet.commit({ 'apps/watch/typo.rules.yaml': meant })
    expect(await fleet.reconcile('watch', { retry: true })).toMatchObject({ outcome: 'proven' })
    expect(await names()).toEqual(['Busy', 'HighCPUsage', 'SlowResponseTime'])
  })

  it('that are gone from the repository go: the file first, and then the groups', async () => {
    expect(await ship({ 'apps/watch/typo.rules.yaml': null, 'apps/watch/typo.yaml': null })).toMatchObject({
      outcome: 'proven',
    })
    expect(await inFolder()).toEqual(['warnings.yaml'])
    expect(await names()).toEqual(['HighCPUsage', 'SlowResponseTime'])
  })

  const pending = (expr: string) => group('pending', rule('Waits', 'up == 1'), rule('Other', expr))
  const activeAt = async () =>
    (await loaded()).flatMap((one) => one.rules.flatMap((of) => (of.name === 'Waits' ? (of.alerts ?? []) : []))).at(0)
      ?.activeAt

  it('keep what they know while others change: how long one waits for its `for:`', async () => {
    const files = { 'apps/watch/pending.rules.yaml': rules('pending', { file: 'pending.yaml' }) }
    await ship({ ...files, 'apps/watch/pending.yaml': pending('up > 1') })
    const since = await waitUntil('it to wait', activeAt)
    expect(await ship({ 'apps/watch/pending.yaml': pending('up > 2') })).toMatchObject({ outcome: 'proven' })
    expect(await activeAt()).toBe(since)
    await waitUntil('an evaluation after that', async () => (await query('ALERTS{alertname="Waits"}')).length > 0)
    expect(await activeAt()).toBe(since)
  })

  it('that Prometheus refuses go back: the old ones stand and are loaded, and it says why', async () => {
    const before = await read('pending.yaml')
    // A file that nobody here reads as rules.
    const broken: WrittenDocument = {
      ...{ kind: 'File', name: 'broken', hosts: ['host-1'], path: `${RULES}/broken.yaml`, keeper },
      content: group('broken', rule('Broken', 'sum(')),
    }
    const outcome = await ship({ 'apps/watch/pending.yaml': pending('up > 3'), 'apps/watch/broken.yaml': broken })
    expect(outcome).toMatchObject({ outcome: 'rolled-back', reason: 'TargetRefused' })
    expect(outcome.message).toContain('failed to reload config')
    expect(outcome.message).toContain(`${RULES}/broken.yaml`)
    expect(await read('pending.yaml')).toBe(before)
    expect(await inFolder()).toEqual(['pending.yaml', 'warnings.yaml'])
    expect((await loaded()).flatMap((one) => one.rules.map((of) => of.query))).toContain('up > 2')
    expect(await reloadOk()).toBe(true)
    expect(await fleet.reconcile('watch')).toMatchObject({ outcome: 'held-back', reason: 'TargetRefused' })
    expect(await ship({ 'apps/watch/broken.yaml': null })).toMatchObject({ outcome: 'proven' })
    expect((await loaded()).flatMap((one) => one.rules.map((of) => of.query))).toContain('up > 3')
  })

  it('that were never good do not stay, for Prometheus would not start again with them', async () => {
    const broken: WrittenDocument = {
      ...{ kind: 'File', name: 'first', hosts: ['host-1'], path: `${RULES}/first.yaml`, keeper },
      content: group('first', rule('Broken', 'sum(')),
    }
    const fine = { ...rules('fine'), name: 'fine' }
    const outcome = await fleet.ship('first', {
      'apps/first/all.yaml': [broken, fine],
      'apps/first/fine.yaml': group('fine', rule('Fine', 'up > 5')),
    })
    expect(outcome).toMatchObject({ outcome: 'rolled-back', reason: 'TargetRefused' })
    expect(await inFolder()).toEqual(['pending.yaml', 'warnings.yaml'])
    expect(await reloadOk()).toBe(true)
    await fleet.ship('watch', { 'apps/first/all.yaml': null, 'apps/first/fine.yaml': null })
  })

  it('that were edited by hand, or are loaded no longer, are drift, and come back', async () => {
    await host.run([
      'sh',
      '-c',
      `cd ${RULES}; sed -i 's/> 2/> 9/' warnings.yaml; rm pending.yaml; systemctl restart prometheus`,
    ])
    await waitUntil('Prometheus to be back', async () => (await names()).length === 2)
    expect(await planned()).toEqual(
      expect.arrayContaining([
        ['File', 'update', 'drift'],
        ['RuleFile', 'update', 'drift'],
        ['File', 'create', 'drift'],
        ['RuleFile', 'create', 'drift'],
      ]),
    )
    expect(await fleet.reconcile('watch')).toMatchObject({ outcome: 'healed' })
    expect(await read('warnings.yaml')).toBe(WARNINGS)
    expect(await names()).toEqual(['HighCPUsage', 'Other', 'SlowResponseTime', 'Waits'])
    expect(await planned()).toEqual([])
  })

  it('wait while Prometheus cannot be seen: what it would refuse must not stand there when it starts', async () => {
    await host.run(['systemctl', 'stop', 'prometheus'])
    const before = await read('pending.yaml')
    const waiting = await ship({ 'apps/watch/pending.yaml': pending('up > 6') })
    expect(waiting).toMatchObject({ outcome: 'unknown', steps: [] })
    expect(await read('pending.yaml')).toBe(before)
    await host.run(['systemctl', 'start', 'prometheus'])
    await waitUntil('Prometheus to be back', async () => (await names()).length === 4)
    expect(await fleet.reconcile('watch')).toMatchObject({ outcome: 'proven' })
    expect((await loaded()).flatMap((one) => one.rules.map((of) => of.query))).toContain('up > 6')
  })

  it('are known again without the database, and nothing is written', async () => {
    await fleet.restart({ withoutDatabase: true })
    expect(await fleet.reconcile('watch')).toMatchObject({ outcome: 'unchanged', steps: [] })
    expect(await planned()).toEqual([])
  })

  it('that left the repository while the database was lost go as well', async () => {
    await fleet.commit({ 'apps/watch/pending.rules.yaml': null })
    await fleet.restart({ withoutDatabase: true })
    await fleet.reconcile('watch')
    await fleet.reconcile('watch')
    expect(await inFolder()).toEqual(['warnings.yaml'])
    expect(await names()).toEqual(['HighCPUsage', 'SlowResponseTime'])
    await ship({ 'apps/watch/pending.rules.yaml': rules('pending', { file: 'pending.yaml' }) })
  })

  it('are loaded by a signal where Prometheus takes no word over HTTP', async () => {
    await host.run([
      'sh',
      '-c',
      'cd /etc/systemd/system; sed -i "s/ --web.enable-lifecycle//" prometheus.service; systemctl daemon-reload; systemctl restart prometheus',
    ])
    await waitUntil('Prometheus to be back', async () => (await fetch(`${url}/-/ready`)).ok)
    const refused = await ship({ 'apps/watch/pending.yaml': pending('up > 4') })
    expect(refused).toMatchObject({ outcome: 'rolled-back', reason: 'TargetRefused' })
    expect(refused.message).toContain('Lifecycle API is not enabled')
    await fleet.commit({ 'targets/main.yaml': prometheus({ reload: 'sighup' }) })
    expect(await fleet.reconcile('watch', { retry: true })).toMatchObject({ outcome: 'proven' })
    expect((await loaded()).flatMap((one) => one.rules.map((of) => of.query))).toContain('up > 4')
  })
})
