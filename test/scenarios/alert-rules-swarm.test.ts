import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, labPossible, requireLab } from '../lab/lab.mjs'
import { prometheusPossible } from '../lab/prometheus.mjs'
import { waitUntil } from '../lab/wait.mjs'
import { createLiveFleet, type LiveFleet, type WrittenDocument } from '../support/live-fleet.ts'

const keeper = { stableFor: '1s', bake: '0s', timeout: '90s' }
const DIR = '/etc/prometheus/rules'
const CONFIG = `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: ['${DIR}/*.yaml']
scrape_configs: [{ job_name: prometheus, static_configs: [{ targets: ['127.0.0.1:9090'] }] }]
`
/** The machine's own Prometheus, in a container that has nothing but busybox. */
const LOADER = '/lib64/ld-linux-x86-64.so.2'
const LIBRARIES = '/lib/x86_64-linux-gnu'
const prometheus: WrittenDocument = {
  ...{ kind: 'Service', name: 'prometheus', image: 'registry.test:5000/app:1', keeper },
  command: ['/prometheus', `--config.file=${DIR}.yml`, '--storage.tsdb.path=/tmp/data', '--web.enable-lifecycle'],
  ports: [{ target: 9090, published: 9090, mode: 'host' }],
  mounts: ['/usr/bin/prometheus:/prometheus:ro', `${LOADER}:${LOADER}:ro`, `${LIBRARIES}:${LIBRARIES}:ro`],
  configs: [{ source: 'conf', target: `${DIR}.yml` }],
  restart: { condition: 'any', delay: '1s' },
}
const conf: WrittenDocument = { kind: 'Config', name: 'conf', content: CONFIG, keeper }
const alerts: WrittenDocument = { kind: 'AlertRules', name: 'up', target: 'main', file: 'up.yaml', keeper }
const rules = (expr: string): string => `groups: [{ name: up, rules: [{ alert: Down, expr: '${expr}' }] }]\n`

describe.skipIf(!labPossible() || !prometheusPossible())('alert rules of a Prometheus that is a service', () => {
  let lab: Lab
  let fleet: LiveFleet
  let url: string
  beforeAll(async () => {
    lab = await requireLab()
    url = `http://${lab.address}:9090`
    const rules = { swarm: { service: 'prometheus', dir: DIR } }
    fleet = await createLiveFleet(lab, 'alert-rules-swarm', {
      targets: {
        'targets/prod.yaml': { kind: 'Swarm', name: 'prod', endpoints: [lab.dockerHost] },
        'targets/main.yaml': { kind: 'Prometheus', name: 'main', url, rules },
      },
    })
  })
  afterAll(async () => {
    await fleet?.dispose()
    await lab?.dispose()
  })
  const queries = async (): Promise<readonly string[]> => {
    const answer = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
      readonly data: { readonly groups: readonly { readonly rules: readonly { readonly query: string }[] }[] }
    }
    return answer.data.groups.flatMap((group) => group.rules.map(({ query }) => query))
  }

  it('come with it, and are seen to be loaded once it answers', async () => {
    await fleet.commit({ 'apps/mon/all.yaml': [prometheus, conf, alerts], 'apps/mon/up.yaml': rules('up == 0') })
    // It was not there to be looked at.
    const first = await fleet.reconcile('mon')
    expect(first.steps.map(({ step }) => step)).toEqual(['applied', 'applied', 'applied'])
    await waitUntil('the rules', async () => (await queries()).includes('up == 0'))
    const outcome = await fleet.reconcile('mon')
    expect(['proven', 'unchanged']).toContain(outcome.outcome)
  })

  it('of another content start it again, and are loaded then', async () => {
    await waitUntil('samples', async () => (await (await fetch(`${url}/api/v1/query?query=up`)).text()).includes('job'))
    expect(await fleet.ship('mon', { 'apps/mon/up.yaml': rules('up < 1') })).toMatchObject({ outcome: 'proven' })
    expect(await queries()).toEqual(['up < 1'])
    expect(await fleet.reconcile('mon')).toMatchObject({ outcome: 'unchanged', steps: [] })
  })

  it('go with their document', async () => {
    const outcome = await fleet.ship('mon', { 'apps/mon/all.yaml': [prometheus, conf], 'apps/mon/up.yaml': null })
    expect(outcome).toMatchObject({ outcome: 'proven' })
    expect(await queries()).toEqual([])
    expect(await fleet.reconcile('mon')).toMatchObject({ outcome: 'unchanged', steps: [] })
  })
})
